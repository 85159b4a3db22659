"""A rush line at a door of the small festival: staff who release and call, and phones with leases."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from tests.support import calls
from tests.support.house import House
from ticketing.door.rush_queries import RushFigures, rush_figures, rush_screening
from ticketing.door.rush_release import Gathered, release_places, wait_no_longer
from ticketing.door.rush_slips import call_up_to, hand_out
from ticketing.foundation.actor import Actor, ActorKind

STAFF = Actor(kind=ActorKind.STAFF, name="box office", role="boxoffice")


def buy(house: House, screening: str, quantity: int) -> list[Any]:
    """Buy tickets; return them."""
    ordered = calls.order(house.call, [calls.hold(house.call, screening, quantity).body]).body
    if ordered["payment"]:
        assert calls.pay(house.call, ordered).status == 200
    return list(calls.read_order(house.call, ordered)["tickets"])


def release(house: House, screening: str, *, unsold: bool = True, kept: bool = False) -> Gathered:
    """End the guarantee and give places to the line."""
    with house.database.transaction() as session:
        return release_places(
            session, screening, unsold=unsold, kept=kept, actor=STAFF, now=house.clock.now()
        )


def do_not_wait(house: House, screening: str) -> Gathered:
    """Give places of tickets to the line although phones have not answered."""
    with house.database.transaction() as session:
        return wait_no_longer(session, screening, STAFF, house.clock.now())


def slips(house: House, screening: str, quantity: int) -> list[str]:
    """Hand out numbers; return their codes."""
    with house.database.transaction() as session:
        made = hand_out(session, house.runtime.vault, screening, quantity, STAFF, house.clock.now())
        return [house.runtime.vault.open(slip.code_sealed) for slip in made]


def call(house: House, screening: str, number: int) -> None:
    """Call all numbers up to this one."""
    with house.database.transaction() as session:
        call_up_to(session, screening, number, STAFF, house.clock.now())


def figures(house: House, screening: str) -> RushFigures:
    """Return a line in numbers."""
    with house.database.reading() as session:
        found = rush_screening(session, screening)
        return rush_figures(session, [found.id])[found.id]


def lease(house: House, phone: int, screening: str, hold: int, give_back: tuple[int, ...] = ()) -> Any:
    """Ask for places as a phone; return the line as it is told."""
    body = {"screening": screening, "hold": hold, "give_back": list(give_back)}
    answer = house.call("POST", f"{calls.API}/door/leases", body, calls.bearer(house.phones[phone]))
    assert answer.status == 200, answer
    return answer.body["rush"]


def sync(house: House, phone: int, screening: str, *, unsent: int = 0, settled: str = "") -> Any:
    """Sync everything as a phone that stands at a screening."""
    query = f"screening={screening}&unsent={unsent}&settled={settled}"
    answer = house.call("GET", f"{calls.API}/door/sync?{query}", None, calls.bearer(house.phones[phone]))
    assert answer.status == 200, answer
    return answer.body


def show(house: House, phone: int, code: str, screening: str, **more: object) -> Any:
    """Scan a code at a phone and return the answer."""
    scan_id = more.pop("id", None) or uuid4()
    body = calls.a_scan(UUID(str(scan_id)), code, screening, house.now(), **more)
    return calls.scan(house.call, house.phones[phone], house.now(), body)[0]


@dataclass
class LinePhone:
    """A phone as scanner/src/rush.js is: what it knows, what it may spend, what it has not sent."""

    knows_release: bool = False
    called: int = 0
    leases: list[int] = field(default_factory=list)
    spent: set[int] = field(default_factory=set)
    admitted: set[str] = field(default_factory=set)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def unspent(self) -> list[int]:
        """Return the places that it may still let people in on."""
        return [place for place in self.leases if place not in self.spent]
