"""What a plan is allowed to have and staff should know of before they publish it. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from ticketing.catalogue.plan_drawing import draw
from ticketing.catalogue.plans import PlanSeat, SeatPlan

# Of a pitch of 26 units a seat is 22 wide: nearer than this, one covers most of the other.
_TOO_NEAR = 14.0


@dataclass(frozen=True, kw_only=True)
class PlanWarnings:
    """Seats of the same name, the first of each name; seats that lie on another."""

    same_name: tuple[PlanSeat, ...]
    overlapping: tuple[PlanSeat, ...]


def warnings_of(plan: SeatPlan) -> PlanWarnings:
    """Return what is doubtful about a plan."""
    return PlanWarnings(same_name=_same_name(plan.seats), overlapping=_overlapping(plan))


def _same_name(seats: Sequence[PlanSeat]) -> tuple[PlanSeat, ...]:
    names = Counter((seat.section, seat.row, seat.number) for seat in seats)
    first: dict[tuple[str, str, str], PlanSeat] = {}
    for seat in seats:
        name = (seat.section, seat.row, seat.number)
        if names[name] > 1:
            first.setdefault(name, seat)
    return tuple(first.values())


def _overlapping(plan: SeatPlan) -> tuple[PlanSeat, ...]:
    squares: dict[tuple[int, int], list[tuple[float, float]]] = {}
    found = []
    for seat, (x, y) in zip(plan.seats, draw(plan).seats, strict=True):
        column, line = int(x // _TOO_NEAR), int(y // _TOO_NEAR)
        near = (
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in squares.get((column + dx, line + dy), ())
        )
        if any(hypot(x - other_x, y - other_y) < _TOO_NEAR for other_x, other_y in near):
            found.append(seat)
        else:
            # Of many on one spot the first is enough to find the others.
            squares.setdefault((column, line), []).append((x, y))
    return tuple(found)
