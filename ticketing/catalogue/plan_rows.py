"""Where the rows' names stand in a hall's drawing. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from statistics import median

from ticketing.catalogue.plan_geometry import Point
from ticketing.catalogue.plans import PlanRow, SeatPlan

# How far a row's number stands from its last seat, and how close another seat may be to it.
_TO_NUMBER, _ROOM = 34.0, 22.0


@dataclass(frozen=True, kw_only=True)
class DrawnRow:
    """A row's name: where it stands at the first and at the last seat.

    None where it has none, the plan does not want it, or another seat is in the way.
    """

    line: int
    name: str
    start: Point | None
    end: Point | None
    middle: float


def drawn_rows(plan: SeatPlan, seats: Sequence[Point]) -> list[DrawnRow]:
    """Return where the names of the rows stand, seats being at these points."""
    ground = _Ground(seats)
    numbered = zip(plan.seats, seats, strict=True)
    return [
        _row(line, plan.rows[line - 1], [position for _, position in group], ground)
        for line, group in groupby(numbered, key=lambda pair: pair[0].line)
    ]


def _row(line: int, row: PlanRow, seats: Sequence[Point], ground: "_Ground") -> DrawnRow:
    first, last = seats[0], seats[-1]
    second, before_last = (seats[1], seats[-2]) if len(seats) > 1 else (None, None)
    at_end = row.at_end and (before_last is not None or not row.at_start)
    return DrawnRow(
        line=line,
        name=row.name,
        start=_beyond(first, second, ground, -1.0) if row.name and row.at_start else None,
        end=_beyond(last, before_last, ground, 1.0) if row.name and at_end else None,
        middle=median(y for _, y in seats),
    )


class _Ground:
    """Where seats stand, in squares, so that only those near a spot are looked at."""

    def __init__(self, seats: Iterable[Point]) -> None:
        self._squares: dict[tuple[int, int], list[Point]] = {}
        for x, y in seats:
            self._squares.setdefault((int(x // _ROOM), int(y // _ROOM)), []).append((x, y))

    def is_free(self, x: float, y: float) -> bool:
        """Tell whether no seat is so near that a row's number would lie on it."""
        column, line = int(x // _ROOM), int(y // _ROOM)
        near = (
            seat
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for seat in self._squares.get((column + dx, line + dy), ())
        )
        return not any(abs(sx - x) < _ROOM and abs(sy - y) < _ROOM for sx, sy in near)


def _beyond(last: Point, before: Point | None, ground: _Ground, alone: float) -> Point | None:
    """Return where a row's number goes: on from its last seat, if no seat is there.

    `alone` is the direction, along x, for a row of one seat.
    """
    dx, dy = (alone, 0.0) if before is None else (last[0] - before[0], last[1] - before[1])
    if abs(dx) > abs(dy):
        dy = 0.0  # beside the seat, though the row is curved: the number must not slip to the next row
    length = hypot(dx, dy) or 1.0
    x, y = last[0] + dx / length * _TO_NUMBER, last[1] + dy / length * _TO_NUMBER
    return (x, y) if ground.is_free(x, y) else None
