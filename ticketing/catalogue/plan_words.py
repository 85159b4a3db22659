"""The words in a hall's drawing: those of its areas, and the names of its sections. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ticketing.catalogue.plan_areas import PlanArea, PlanText
from ticketing.catalogue.plan_geometry import PITCH, Point, turned
from ticketing.catalogue.plans import SeatPlan

# How large words may be, and how many of them are drawn.
_SMALLEST, _LARGEST, _LEADING = 8.0, 40.0, 1.2
_MOST_LINES, _MOST_LETTERS = 12, 190


@dataclass(frozen=True, kw_only=True)
class Words:
    """A line of words in the hall, turned around its x and y by `rotation` degrees, clockwise.

    `is_name` for a zone's name, which begins at x instead of being centred.
    """

    text: str
    x: float
    y: float
    size: float
    rotation: float = 0.0
    is_name: bool = False


def area_words(areas: Iterable[PlanArea]) -> list[Words]:
    """Return the words of areas, line by line."""
    return [words for area in areas if area.text for words in _text_lines(area, area.text)]


def _text_lines(area: PlanArea, text: PlanText) -> Iterable[Words]:
    """Return the lines of an area's words one under the other, turned with the area."""
    size = min(max(text.size, _SMALLEST), _LARGEST)
    lines = text.text.split("\n")[:_MOST_LINES]
    for number, line in enumerate(lines):
        down = (number - (len(lines) - 1) / 2) * size * _LEADING
        x, y = turned((text.x, text.y + down), (area.x, area.y), area.rotation)
        if line:
            yield Words(text=line[:_MOST_LETTERS], x=x, y=y, size=size, rotation=area.rotation)


def zone_names(plan: SeatPlan, seats: Sequence[Point]) -> list[Words]:
    """Return names over the first seat of each zone, where there are several."""
    zones: dict[str, list[Point]] = {}
    for seat, position in zip(plan.seats, seats, strict=True):
        zones.setdefault(seat.section, []).append(position)
    if len(zones) < 2:  # noqa: PLR2004 - one zone is the whole hall and needs no name
        return []
    return [
        Words(
            text=name,
            x=min(x for x, _ in where) - PITCH / 2,
            y=min(y for _, y in where) - PITCH,
            size=16,
            is_name=True,
        )
        for name, where in zones.items()
        if name
    ]


def words_corners(words: Words) -> list[Point]:
    """Return the corners of a box around words, as wide as the letters will be at most, or nearly."""
    half = len(words.text) * words.size * 0.3
    left, right = (0.0, half * 2) if words.is_name else (-half, half)
    return [
        turned((words.x + dx, words.y + dy), (words.x, words.y), words.rotation)
        for dx in (left, right)
        for dy in (-words.size, words.size / 2)
    ]
