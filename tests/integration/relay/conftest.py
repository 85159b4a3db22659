"""A venue behind a relay whose way to the server can be cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cut_off import HERE, Venue
from tests.support.kassa import Kassa


@pytest.fixture
def venue(kassa: Kassa, tmp_path: Path) -> Iterator[Venue]:
    """The venue, with the server within reach."""
    one = Venue(kassa, tmp_path)
    yield one
    one.close()


@pytest.fixture
def code(kassa: Kassa) -> str:
    """The code of a ticket whose doors are open."""
    bought = str(kassa.buy(HERE, 1)["tickets"][0]["code"])
    kassa.open_doors()
    return bought
