"""Limits of attempts: off in the demo, on in production, by address and by login."""

from pathlib import Path

import pytest

from tests.support.kassa import Kassa


@pytest.fixture
def limited(database_url: str, tmp_path: Path) -> Kassa:
    return Kassa(database_url, tmp_path, limits=True)


def test_too_many_pairing_attempts_are_refused(limited: Kassa) -> None:
    answers = [
        limited.post("/api/v1/door/devices", {"pairing_code": "ACDEFGHJ"}).status_code for _ in range(25)
    ]
    assert answers == [410] * 20 + [429] * 5


def test_without_limits_nobody_is_refused(database_url: str, tmp_path: Path) -> None:
    free = Kassa(database_url, tmp_path)
    answers = {free.post("/api/v1/door/devices", {"pairing_code": "ACDEFGHJ"}).status_code for _ in range(25)}
    assert answers == {410}
