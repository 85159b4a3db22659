"""Geometry of halls: what is one stretch of neighbours, how far apart seats are, turning. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from math import cos, hypot, radians, sin
from statistics import median
from typing import Protocol

from ticketing.catalogue.plan_areas import AreaShape, PlanArea

Point = tuple[float, float]
# How many units of a drawing neighbours in a row stand apart.
PITCH = 26.0
# An aisle is a gap over 1.6 times the row's median pitch (DESIGN, section 5).
_AISLE = 1.6
# A drawing is never wider or higher: browsers lose count far beyond. 5,000 seats in one row still fit.
_MOST = 150_000.0


class Spot(Protocol):
    """A seat as geometry: its row's number in the plan's order, and where it stands."""

    @property
    def line(self) -> int:
        """The row."""

    @property
    def x(self) -> float:
        """From the left."""

    @property
    def y(self) -> float:
        """From the front."""


def blocks_of(spots: Sequence[Spot]) -> list[int]:
    """Return each spot's block, counted from 1: seats of one row side by side, without an aisle between them.

    Spots come in the plan's order, in which the seats of a row follow each other.
    """
    result: list[int] = []
    block = 0
    for _line, group in groupby(spots, key=lambda spot: spot.line):
        row = list(group)
        steps = [_distance(one, other) for one, other in pairwise(row)]
        widest = _AISLE * median(steps) if steps else 0.0
        block += 1
        result.append(block)
        for step in steps:
            block += step > widest
            result.append(block)
    return result


def turned(point: Point, around: Point, degrees: float) -> Point:
    """Return a point turned around another, clockwise on a page whose y grows downwards."""
    if not degrees:
        return point
    angle = radians(degrees)
    dx, dy = point[0] - around[0], point[1] - around[1]
    return around[0] + dx * cos(angle) - dy * sin(angle), around[1] + dx * sin(angle) + dy * cos(angle)


def area_corners(area: PlanArea) -> list[Point]:
    """Return the corners of a box around an area, and where its words stand, turned as it is."""
    if area.shape is AreaShape.POLYGON:
        own = list(area.points)
    elif area.shape in {AreaShape.CIRCLE, AreaShape.ELLIPSE}:
        half, high = area.width / 2, area.height / 2
        own = [(area.x + dx, area.y + dy) for dx in (-half, half) for dy in (-high, high)]
    else:
        own = [(area.x + dx, area.y + dy) for dx in (0, area.width) for dy in (0, area.height)]
    if area.text:
        own.append((area.text.x, area.text.y))
    return [turned(corner, (area.x, area.y), area.rotation) for corner in own]


def scale_of(seats: Sequence[Spot], areas: Iterable[PlanArea]) -> float:
    """Return what makes the seats' median pitch PITCH units, as long as that leaves a drawing to look at."""
    corners = [(seat.x, seat.y) for seat in seats]
    for area in areas:
        corners += area_corners(area)
    extent = max(
        max(x for x, _ in corners) - min(x for x, _ in corners),
        max(y for _, y in corners) - min(y for _, y in corners),
    )
    scale = PITCH / pitch_of(seats)
    return min(scale, _MOST / extent) if extent else scale


def pitch_of(seats: Sequence[Spot]) -> float:
    """Return the median distance of neighbours in a row, else of one seat and the next.

    1,000 seats on one spot have none, and get one.
    """
    in_rows = _steps(seats, across_rows=False) or _steps(seats, across_rows=True)
    return median(in_rows) if in_rows else PITCH


def _steps(seats: Sequence[Spot], *, across_rows: bool) -> list[float]:
    steps = (_distance(one, other) for one, other in pairwise(seats) if across_rows or one.line == other.line)
    return [step for step in steps if step]


def _distance(one: Spot, other: Spot) -> float:
    return hypot(one.x - other.x, one.y - other.y)
