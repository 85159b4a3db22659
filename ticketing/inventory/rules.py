"""Pure decisions about a hall: which seats are best, which stand together, which are one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

# Two thirds of the way back is where sound is mixed and screens are measured for (SMPTE EG 18).
_BEST_DEPTH = 2 / 3
# An aisle is a gap over 1.6 times the row's median pitch (DESIGN, section 5).
_AISLE = 1.6
KEPT_FOR_THOSE_WHO_ASK = frozenset({"wheelchair", "companion"})


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A seat as geometry: `number` is its place in the plan's own order, x and y are the plan's units."""

    number: int
    section: str
    row: str
    band: str
    kind: str
    x: float
    y: float


def rank(spots: Sequence[Spot], band_prices: Mapping[str, int]) -> dict[int, int]:
    """Return each spot's position in "best available", 1 first.

    Dearer bands come first, then the nearness to the middle of the hall at two thirds of its depth.
    Wheelchair and companion spaces come last: they are given to those who ask.
    """
    if not spots:
        return {}
    left, right = min(s.x for s in spots), max(s.x for s in spots)
    front, back = min(s.y for s in spots), max(s.y for s in spots)
    width, depth = max(right - left, 1.0), max(back - front, 1.0)
    middle, ideal = (left + right) / 2, front + depth * _BEST_DEPTH

    def order(spot: Spot) -> tuple[bool, int, float, int]:
        distance = ((spot.x - middle) / width) ** 2 + ((spot.y - ideal) / depth) ** 2
        return (
            spot.kind in KEPT_FOR_THOSE_WHO_ASK,
            -band_prices.get(spot.band, 0),
            distance,
            spot.number,
        )

    return {spot.number: position for position, spot in enumerate(sorted(spots, key=order), start=1)}


def blocks(spots: Sequence[Spot]) -> dict[int, int]:
    """Return each spot's block: seats of one row side by side, without an aisle between them.

    Spots come in the plan's order, in which the seats of a row follow each other.
    """
    result: dict[int, int] = {}
    block = 0
    for _row, group in groupby(spots, key=lambda spot: (spot.section, spot.row)):
        row = list(group)
        steps = [_distance(one, other) for one, other in pairwise(row)]
        widest = _AISLE * median(steps) if steps else 0.0
        block += 1
        result[row[0].number] = block
        for spot, step in zip(row[1:], steps, strict=True):
            if step > widest:
                block += 1
            result[spot.number] = block
    return result


def lines(spots: Sequence[Spot]) -> dict[int, int]:
    """Return each spot's row as a number, 1 first, in the plan's order; a row goes on behind an aisle."""
    rows = groupby(spots, key=lambda spot: (spot.section, spot.row))
    return {spot.number: line for line, (_row, group) in enumerate(rows, start=1) for spot in group}


def _distance(one: Spot, other: Spot) -> float:
    return float(((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5)
