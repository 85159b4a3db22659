"""A small festival whose requests come from real threads, on committed data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(database_url, tmp_path, phones=8)
    yield opened
    opened.close()


@pytest.fixture
def phones_apart(house: House) -> None:
    """Give each upload a transaction of its own, as phones that speak to different web processes have it."""
    uploads = house.app.extensions["kassa.door_uploads"]
    uploads.run = uploads.run_alone
