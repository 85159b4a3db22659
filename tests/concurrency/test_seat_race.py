"""64 buyers race for the same 50 seats of a real server; the same race without the guard must oversell."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.calls import API, OverHttp, hold, order, pay, read_order
from tests.support.house import require_invariants
from tests.support.server import Server
from tests.support.together import together
from ticketing.app import make_runtime
from ticketing.demo_run import load_demo

SCREENING = "s06"
# A seat alone in the middle of a row leaves nobody else alone when every third one is taken, in any order.
EVERY = 3
ROWS = range(3, 16)
BUYERS = 64
SEATS = 50
# Without a guard a seat is held by all who ask for it: few are enough to see it.
FEW_BUYERS = 12
FEW_SEATS = 8


@dataclass
class Bought:
    """What one buyer saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    held: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)


@pytest.fixture
def start_server(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    started: list[Server] = []

    def start(application: str) -> Server:
        server = Server(database_url, tmp_path, application=application)
        started.append(server)
        here = make_runtime(server.settings())
        load_demo(here)
        here.database.close()
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


def buyer(port: int, seats: list[str]) -> Callable[[], Bought]:
    """Return a buyer who tries one seat after the other until she has bought one or all are gone."""

    def buy() -> Bought:
        call, seen = OverHttp(port), Bought()
        for seat in seats:
            held = hold(call, SCREENING, [seat])
            seen.statuses[held.status] += 1
            if held.status != 201:
                continue
            seen.held += held.body["places"]
            ordered = order(call, [held.body])
            seen.statuses[ordered.status] += 1
            if ordered.status != 201:
                continue
            seen.statuses[pay(call, ordered.body).status] += 1
            seen.tickets += [ticket["place"] for ticket in read_order(call, ordered.body)["tickets"]]
            if seen.tickets:
                break
        call.close()
        return seen

    return buy


def race(server: Server, wanted: int, buyers: int = BUYERS) -> tuple[list[str], list[Bought]]:
    """Let everybody run for the same seats; return the seats and what each buyer saw."""
    call = OverHttp(server.port)
    places = call("GET", f"{API}/screenings/{SCREENING}/places").body["places"]
    call.close()
    seats = [
        place["place"]
        for place in places
        if place["free"] and int(place["row"]) in ROWS and int(place["number"]) % EVERY == 1
    ][:wanted]
    assert len(seats) == wanted
    return seats, together(*[buyer(server.port, seats) for _ in range(buyers)])


def require_fair(server: Server, seats: list[str], seen: list[Bought]) -> None:
    """Fail unless every seat was held, sold and ticketed exactly once, and no request met an error."""
    held = sorted(seat for one in seen for seat in one.held)
    assert held == sorted(seats), f"oversold: {len(held)} holds of {len(seats)} seats"
    assert sorted(seat for one in seen for seat in one.tickets) == sorted(seats)
    statuses = sum((one.statuses for one in seen), Counter[int]())
    assert statuses.keys() == {200, 201, 409}
    assert statuses[201] == 2 * len(seats)
    assert statuses[200] == len(seats)
    call = OverHttp(server.port)
    places = call("GET", f"{API}/screenings/{SCREENING}/places").body["places"]
    call.close()
    assert not [place["place"] for place in places if place["free"] and place["place"] in seats]
    here = make_runtime(server.settings())
    require_invariants(here.database, here.clock.now())
    here.database.close()


def test_64_buyers_get_50_seats_once_each(start_server: Callable[[str], Server]) -> None:
    server = start_server("wsgi:app")
    seats, seen = race(server, SEATS)
    require_fair(server, seats, seen)


def test_the_race_fails_when_the_claim_has_no_condition(start_server: Callable[[str], Server]) -> None:
    server = start_server("tests.concurrency.unguarded:app")
    seats, seen = race(server, FEW_SEATS, FEW_BUYERS)
    with pytest.raises(AssertionError, match="oversold"):
        require_fair(server, seats, seen)
