"""Pure decisions about a hall: which seats are best, which stand together, which are one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ticketing.catalogue.plan_geometry import blocks_of

# Two thirds of the way back is where sound is mixed and screens are measured for (SMPTE EG 18).
_BEST_DEPTH = 2 / 3
KEPT_FOR_THOSE_WHO_ASK = frozenset({"wheelchair", "companion"})


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A seat as geometry: `number` is its place in the plan's own order, x and y are the plan's units.

    `line` is its row's place in that order.
    """

    number: int
    line: int
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
    numbers = (spot.number for spot in spots)
    return dict(zip(numbers, blocks_of(spots), strict=True))
