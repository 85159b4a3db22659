"""What choosing costs in a hall of 3,000: best available and the single-seat rule, which are pure functions.

The worst case counts, over halls that are sold in every way that hurts. Each choice is timed three times and
its least time taken: what others do on this machine is not the function's cost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from time import thread_time

from bench.measure import Check, at_most
from tests.support.great_hall import great_seats
from ticketing.inventory.best import best_available, best_with_wheelchair
from ticketing.inventory.seats import Candidate
from ticketing.inventory.single_seat import lone_seats, object_to

BEST_MS = 5.0
_PARTIES = range(1, 9)
_TRIES = 3
_NEAR = 2
_MOST = 8

Free = list[Candidate]


@dataclass
class _Cost:
    """The times of one kind of choice, in milliseconds, and where it was dearest."""

    spans: list[float] = field(default_factory=list)
    worst: str = ""

    def time(self, what: str, deed: Callable[[], object]) -> None:
        """Time a choice."""
        span = min(_span_ms(deed) for _ in range(_TRIES))
        if not self.spans or span > max(self.spans):
            self.worst = what
        self.spans.append(span)

    @property
    def median(self) -> float:
        """Return the cost of an ordinary choice."""
        return sorted(self.spans)[len(self.spans) // 2]


def measure_choosing(halls: int, seed: int = 1) -> Iterator[Check]:
    """Time choices in so many halls of each kind; the same seed gives the same halls."""
    dice = Random(seed)
    seats = great_seats()
    best, wheelchair, near, whole = _Cost(), _Cost(), _Cost(), _Cost()
    kept = [seat for seat in seats if seat.kind in {"wheelchair", "companion"}]
    ordinary = [seat for seat in seats if seat not in kept]
    for name, sell in _SALES.items():
        for number in range(halls):
            free = sell(ordinary, dice)
            for party in _PARTIES:
                what = f"{name} {number}, {len(free)} free, party of {party}"
                best.time(what, lambda free=free, party=party: best_available(free, party))
            wheelchair.time(name, lambda free=free: best_with_wheelchair(kept, free, 3))
            _time_the_rule(free, dice, near, whole, name)
    for title, cost, target in (
        ("best available", best, BEST_MS),
        ("with a wheelchair space", wheelchair, BEST_MS),
        ("single seat, one check", near, None),
        ("single seat, objection", whole, BEST_MS),
    ):
        yield at_most(f"{title}, median ms", cost.median, None)
        yield at_most(f"{title}, worst ms ({cost.worst})", max(cost.spans), target)


def _time_the_rule(free: Free, dice: Random, near: _Cost, whole: _Cost, name: str) -> None:
    """Time the look at a pair's neighbours, and for a pair that leaves a seat alone the look at the hall."""
    by_number = {seat.number: seat for seat in free}
    pairs = [
        (n, n + 1) for n in by_number if n + 1 in by_number and by_number[n].block == by_number[n + 1].block
    ]
    for pair in dice.sample(pairs, min(len(pairs), 10)):
        around = [by_number[n] for n in range(pair[0] - _NEAR, pair[1] + _NEAR + 1) if n in by_number]
        near.time(name, lambda pair=pair, around=around: lone_seats(pair, around))
        if lone_seats(pair, around):
            whole.time(name, lambda pair=pair: object_to(pair, free, _MOST))


def _span_ms(deed: Callable[[], object]) -> float:
    begin = thread_time()
    deed()
    return 1000 * (thread_time() - begin)


def _scattered(seats: Sequence[Candidate], dice: Random) -> Free:
    """Return a hall of which some part is free, anywhere."""
    share = dice.random()
    return [seat for seat in seats if dice.random() < share]


def _best_first(seats: Sequence[Candidate], dice: Random) -> Free:
    """Return a hall that was sold the best first, with a few seats given back."""
    sold = dice.randrange(len(seats))
    return [seat for seat in seats if seat.rank > sold or dice.random() < 0.02]  # noqa: PLR2004 - a share


def _nearly_sold_out(seats: Sequence[Candidate], dice: Random) -> Free:
    """Return a handful of seats."""
    left = dice.sample(seats, dice.randint(8, 60))
    return sorted(left, key=lambda seat: seat.number)


def _single_gaps(seats: Sequence[Candidate], dice: Random) -> Free:
    """Return a hall where no seat has a free neighbour: every party must be split into singles."""
    odd = dice.randrange(2)
    return [seat for seat in seats if seat.number % 2 == odd and dice.random() < dice.choice((0.3, 1.0))]


def _pairs_left(seats: Sequence[Candidate], dice: Random) -> Free:
    """Return a hall with gaps of two and three: parties must be split, and there are many ways to."""
    return [seat for seat in seats if seat.number % dice.choice((3, 4, 5)) != 0]


def _empty(seats: Sequence[Candidate], _dice: Random) -> Free:
    return list(seats)


_SALES: dict[str, Callable[[Sequence[Candidate], Random], Free]] = {
    "scattered": _scattered,
    "best first": _best_first,
    "nearly sold out": _nearly_sold_out,
    "single gaps": _single_gaps,
    "gaps of two and three": _pairs_left,
    "empty": _empty,
}
