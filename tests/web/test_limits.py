"""Limits of attempts: off in the demo, on in production, by address and by login."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kassa import Kassa


@pytest.fixture
def limited(database_url: str, tmp_path: Path) -> Iterator[Kassa]:
    house = Kassa(database_url, tmp_path, limits=True)
    yield house
    house.database.close()


@pytest.fixture
def unlimited(database_url: str, tmp_path: Path) -> Iterator[Kassa]:
    house = Kassa(database_url, tmp_path)
    yield house
    house.database.close()


def _pair(house: Kassa) -> int:
    return house.post("/api/v1/door/devices", {"pairing_code": "ACDEFGHJ"}).status_code


def test_too_many_pairing_attempts_are_refused(limited: Kassa) -> None:
    assert [_pair(limited) for _ in range(25)] == [410] * 20 + [429] * 5


def test_without_limits_nobody_is_refused(unlimited: Kassa) -> None:
    assert {_pair(unlimited) for _ in range(25)} == {410}


def test_too_many_searches_of_a_phone_are_refused(limited: Kassa) -> None:
    phones = [limited.device(), limited.device(name="Door 2")]
    body = {"screening": "s06", "last": "7K2M", "pin": "000000"}
    tries = [limited.post("/api/v1/door/guests", body, phones[0]).status_code for _ in range(11)]
    assert tries == [404] * 10 + [429]
    assert limited.post("/api/v1/door/guests", body, phones[1]).status_code == 404
