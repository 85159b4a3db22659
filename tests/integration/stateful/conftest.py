"""Houses for machines of rules, and worlds to crash in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.database import DatabaseFactory
from tests.integration.stateful.crash_banks import BANKS
from tests.integration.stateful.crash_world import World
from tests.support.house import House, open_house
from tests.support.kassa import SettableClock, copy_database

MakeWorld = Callable[[str], World]
PHONES = 3


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A small festival with three phones at its doors."""
    opened = open_house(database_url, tmp_path, phones=PHONES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lasting_house(
    backend: str, databases: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The same for all tests of a file, which take back what they try."""
    url = databases.fresh(backend)
    opened = open_house(url, tmp_path_factory.mktemp("house"), phones=PHONES)
    try:
        yield opened
    finally:
        opened.close()
        databases.drop(url)


@pytest.fixture
def make_world(
    backend: str, databases: DatabaseFactory, festival_template: str, tmp_path: Path
) -> Iterator[MakeWorld]:
    """A function that makes a world with a bank, on a new database; the last one's goes."""
    made: list[str] = []

    def make(bank: str) -> World:
        for url in made:
            databases.drop(url)
        made[:] = [copy_database(databases, backend, festival_template)]
        clock = SettableClock()
        return World(made[0], tmp_path, BANKS[bank](clock), clock)

    yield make
    for url in made:
        databases.drop(url)
