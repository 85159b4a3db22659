"""What the house should be like, in memory: holds, orders, tickets and the bank, without any database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

HOLD_TIME = timedelta(minutes=10)
SEATS = tuple(f"{row}{number}" for row in "ABC" for number in range(1, 9))
PLACES = {
    "seats": SEATS,
    "crowd": tuple(str(n) for n in range(1, 11)),
    "gift": tuple(str(n) for n in range(1, 7)),
}
PRICES = {  # minor units
    "seats": {"adult": 150_000, "student": 105_000},
    "crowd": {"adult": 200_000, "student": 140_000},
    "gift": {"registration": 0},
}
Seat = tuple[str, str]


@dataclass(kw_only=True)
class Held:
    """A hold; `answer` is what its owner got."""

    answer: Any
    seats: tuple[Seat, ...]
    until: datetime
    state: str = "live"
    renewed: bool = False


@dataclass(kw_only=True)
class Sold:
    """A ticket."""

    id: str
    code: str
    seat: Seat
    price: int
    student: bool
    valid: bool = True
    inside: bool = False
    ever_admitted: bool = False


@dataclass(kw_only=True)
class Page:
    """A payment page at the bank, as the bank knows it and as the house has been told."""

    session: str
    bank: str = "open"
    told: str = "open"


@dataclass(kw_only=True)
class Ordered:
    """An order."""

    answer: Any
    seats: dict[Seat, int]
    students: frozenset[Seat]
    pay_until: datetime
    status: str = "pending"
    pages: list[Page] = field(default_factory=list)
    tickets: list[Sold] = field(default_factory=list)
    returned: int = 0
    fees: int = 0

    @property
    def total(self) -> int:
        """What it costs."""
        return sum(self.seats.values())

    @property
    def open_page(self) -> Page | None:
        """The page that the house believes to be open."""
        return next((page for page in self.pages if page.told == "open"), None)

    @property
    def taken(self) -> int:
        """What the house knows to have been paid."""
        return self.total * sum(page.told == "complete" for page in self.pages)


@dataclass(kw_only=True)
class Scanned:
    """A scan that was stored: what it was judged, and whether something final was said of it."""

    body: dict[str, Any]
    ticket: Sold
    verdict: str
    reason: str
    at: datetime
    final: bool = False

    @property
    def shown(self) -> str:
        """What the usher saw in the end."""
        return str(self.body.get("verdict", self.verdict))


class Model:
    """The house in memory."""

    def __init__(self) -> None:
        self.holds: list[Held] = []
        self.orders: list[Ordered] = []
        self.scans: list[Scanned] = []
        # What staff keep, and what they have withdrawn.
        self.kept: set[Seat] = set()
        self.killed: set[Seat] = set()

    @property
    def tickets(self) -> list[Sold]:
        """Every ticket ever issued."""
        return [ticket for order in self.orders for ticket in order.tickets]

    def owned(self, now: datetime) -> set[Seat]:
        """Return the seats that nobody else may claim."""
        return self.claimed(now) | self.kept | self.killed

    def claimed(self, now: datetime) -> set[Seat]:
        """Return the seats that somebody has bought or is buying."""
        held = {seat for one in self.holds if one.state == "live" and one.until > now for seat in one.seats}
        return held | self.ordered()

    def ordered(self) -> set[Seat]:
        """Return the seats of orders that can still be paid, and of valid tickets."""
        waiting = {seat for one in self.orders if one.status == "pending" for seat in one.seats}
        return waiting | {ticket.seat for ticket in self.tickets if ticket.valid}

    def free(self, screening: str, now: datetime) -> list[str]:
        """Return the labels of the places of a screening that can be claimed."""
        owned = self.owned(now)
        return [label for label in PLACES[screening] if (screening, label) not in owned]

    def left_alone(self, chosen: list[str], lone: list[str], now: datetime) -> bool:
        """Tell whether seats that were free beside a neighbour have none once others are chosen."""
        before, after = (set(self.free("seats", now)) - set(some) for some in ((), chosen))

        def neighbours(label: str, free: set[str]) -> set[str]:
            return {f"{label[0]}{int(label[1:]) + side}" for side in (-1, 1)} & free

        return bool(lone) and all(
            label in after and neighbours(label, before) and not neighbours(label, after) for label in lone
        )

    def pay(self, order: Ordered, page: Page, now: datetime) -> bool:
        """The house learns of a payment; return whether tickets come of it: else the money goes back."""
        page.told = "complete"
        if order.status == "expired" and self._has_places_for(order, now):
            order.status = "pending"
        if order.status != "pending":
            order.returned += order.total
            return False
        order.status = "paid"
        return True

    def _has_places_for(self, order: Ordered, now: datetime) -> bool:
        """Tell whether late money gets its places, or equal ones of each screening in no more groups."""
        for screening in {screening for screening, _ in order.seats}:
            had = {label for code, label in order.seats if code == screening}
            free = set(self.free(screening, now))
            if had <= free:
                continue
            groups = len(_runs(had)) if screening == "seats" else len(free)
            if sum(sorted(_runs(free), reverse=True)[:groups]) < len(had):
                return False
        return True

    def move(self, order: Ordered, places: dict[Seat, tuple[str, int]], now: datetime) -> None:
        """The house gave a late order equal places: free ones, for the same people at the same prices."""
        assert all(label in self.free(screening, now) for screening, label in places)
        for screening in {screening for screening, _ in order.seats}:
            had = {seat: price for seat, price in order.seats.items() if seat[0] == screening}
            got = {seat: price for seat, (_, price) in places.items() if seat[0] == screening}
            assert sorted(got.values()) == sorted(had.values())
            assert all(got[seat] == had[seat] for seat in got.keys() & had.keys())
            assert got.keys() == had.keys() or had.keys() & self.owned(now)
        order.seats = {seat: price for seat, (_, price) in places.items()}
        order.students = frozenset(seat for seat, (who, _) in places.items() if who == "student")

    def close(self, order: Ordered, page: Page, state: str) -> None:
        """The house learns that a page ended without money."""
        if page.told != "open":
            return
        page.told = state
        if state == "expired" and order.status == "pending":
            order.status = "expired"

    def refund(self, order: Ordered, tickets: Iterable[Sold], fee: int) -> None:
        """Tickets become void; what they cost goes back, less the fee."""
        for ticket in tickets:
            ticket.valid = False
            order.returned += ticket.price
        order.returned -= fee
        order.fees += fee
        if not any(ticket.valid for ticket in order.tickets):
            order.status = "refunded"


def _runs(labels: Iterable[str]) -> list[int]:
    """Return how many places stand side by side, for each group; those without numbers stand alone."""
    places = {(label[0], int(label[1:])) for label in labels if label in SEATS}
    alone = [1 for label in labels if label not in SEATS]
    firsts = [(row, number) for row, number in places if (row, number - 1) not in places]
    return alone + [
        next(length for length in range(1, len(SEATS)) if (row, number + length) not in places)
        for row, number in firsts
    ]


def judged(ticket: Sold, direction: str) -> tuple[str, str]:
    """Return verdict and reason for a scan at the right door at the right time."""
    if not ticket.valid:
        return "refuse", "refunded"
    if direction == "out":
        return "admit", "exit"
    if ticket.inside:
        return "refuse", "already_in"
    if ticket.ever_admitted:
        return "admit", "reentry"
    return "admit", "ok_attention" if ticket.student else "ok"


def settle(ticket: Sold, scans: Iterable[Scanned]) -> None:
    """Say where the ticket's people are: what was shown green at its doors, in the order of time."""
    ticket.inside, ticket.ever_admitted = False, False
    of_it = [scan for scan in scans if scan.ticket is ticket and scan.shown == "admit"]
    for scan in sorted(of_it, key=lambda one: (one.at, one.body["id"])):
        ticket.inside = scan.body["direction"] == "in"
        ticket.ever_admitted |= ticket.inside
