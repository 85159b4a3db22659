"""16 buyers race for pairs until nothing is left, on a real server: nobody fails while there are pairs.

Each guard is shown to be needed by taking it away. `python -m bench pairs` does it in a hall of 3,000.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.house import require_invariants
from tests.support.pair_race import PairRace, faults_of, neighbours
from tests.support.server import Server
from ticketing.app import make_runtime
from ticketing.demo_run import load_demo

pytestmark = pytest.mark.slow
# 96 seats, four of them for those who ask; sofas, which are pairs anyway; a band of 130.
SMALL, OTHER_SMALL, SOFAS, BANDS = "s13", "s10", "s12", "s04"


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    started: list[Server] = []

    def begin(application: str) -> Server:
        server = Server(database_url, tmp_path, application=application)
        started.append(server)
        here = make_runtime(server.settings())
        load_demo(here)
        here.database.close()
        server.start()
        return server

    yield begin
    for server in started:
        server.stop()


def faults(race: PairRace) -> list[str]:
    """Run for everything that is free; return what went wrong."""
    free = race.free()
    pairs = len(free) // 2
    assert pairs > 15
    return faults_of(race.run(pairs), free, pairs)


def mixed(port: int, screening: str) -> PairRace:
    """A race in which half of the buyers name seats that the others are given."""
    race = PairRace(port=port, screening=screening)
    return PairRace(port=port, screening=screening, named=neighbours(race.free()))


def test_nobody_fails_while_pairs_are_left(start: Callable[[str], Server]) -> None:
    server = start("wsgi:app")
    for race in (
        PairRace(port=server.port, screening=SMALL),
        PairRace(port=server.port, screening=SOFAS, band="VIP диван"),
        PairRace(port=server.port, screening=BANDS, band="Центр"),
        mixed(server.port, OTHER_SMALL),
    ):
        assert faults(race) == []
        assert len(race.free()) < 2
    here = make_runtime(server.settings())
    require_invariants(here.database, here.clock.now())
    here.database.close()


def test_without_the_claims_condition_places_are_held_twice(start: Callable[[str], Server]) -> None:
    server = start("tests.concurrency.unguarded:app")
    assert "was held twice" in " ".join(faults(mixed(server.port, OTHER_SMALL)))


def test_without_second_tries_buyers_fail_while_pairs_are_left(
    start: Callable[[str], Server], backend: str
) -> None:
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: nobody loses this race")
    server = start("tests.concurrency.impatient:app")
    assert "409 sold_out while pairs were left" in " ".join(
        faults(PairRace(port=server.port, screening=SMALL))
    )
