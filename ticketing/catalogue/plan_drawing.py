"""A seat plan as a drawing: where seats stand, where rows are numbered, what else is in the hall. Pure.

All lengths are in units of which a seat's median pitch has 26, whatever the plan's own units are, so that one
style sheet draws every hall.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import cos, hypot, radians, sin
from statistics import median

from ticketing.catalogue.plans import AreaShape, PlanArea, PlanSeat, PlanText, SeatPlan

PITCH = 26.0
# How far a row's number stands from its last seat, and how close another seat may be to it.
_TO_NUMBER, _ROOM = 34.0, 22.0
# Blank edge around everything: half a seat and a row's number.
_EDGE = 30.0
# A rectangle in front of the seats that is at least this part of their width is the screen.
_SCREEN_WIDTH = 0.3
_SCREEN_DEPTH, _SCREEN_GAP = 40.0, 14.0


@dataclass(frozen=True, kw_only=True)
class DrawnRow:
    """A row's numbers: at its first and its last seat, or None where another seat is in the way."""

    line: int
    name: str
    start: tuple[float, float] | None
    end: tuple[float, float] | None
    middle: float


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The screen as a curve from left to right, bent towards the seats; `text` is the plan's word for it."""

    left: float
    right: float
    y: float
    depth: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An area: attributes of an SVG element of that kind."""

    shape: AreaShape
    x: float
    y: float
    width: float
    height: float
    points: str
    rotation: float


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words in the hall; `is_name` for a zone's name, which begins at x instead of being centred."""

    text: str
    x: float
    y: float
    size: float
    is_name: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A hall. `seats` are positions in the plan's order."""

    width: float
    height: float
    seats: tuple[tuple[float, float], ...]
    rows: tuple[DrawnRow, ...]
    screen: Screen | None
    shapes: tuple[Shape, ...]
    words: tuple[Words, ...]


def draw(plan: SeatPlan) -> Drawing:
    """Return the plan's drawing; nothing in it lies outside of width and height."""
    scale = PITCH / _pitch(plan.seats)
    seats = [(seat.x * scale, seat.y * scale) for seat in plan.seats]
    areas = [_scaled(area, scale) for area in plan.areas]
    screen_area = _screen_area(areas, seats)
    others = [area for area in areas if area is not screen_area]
    screen = _screen(screen_area, seats) if screen_area or not areas else None
    rows = _rows(plan.seats, seats)
    words = [*_area_words(others), *_zone_names(plan, seats)]
    drawing = Drawing(
        width=0,
        height=0,
        seats=tuple(seats),
        rows=tuple(rows),
        screen=screen,
        shapes=tuple(_shape(area) for area in others if area.shape is not AreaShape.TEXT),
        words=tuple(words),
    )
    return _fitted(drawing, _corners(drawing, others))


def style_sheet(drawing: Drawing) -> str:
    """Return the places of seats and rows as CSS: the page itself carries no style attributes."""
    rules = [f".map{{--w:{_n(drawing.width)};--h:{_n(drawing.height)}}}"]
    rules += [
        f"#s{number}{{--x:{_n(x)};--y:{_n(y)}}}" for number, (x, y) in enumerate(drawing.seats, start=1)
    ]
    for row in drawing.rows:
        parts = [f"--m:{_n(row.middle)}"]
        if row.start:
            parts.append(f"--x:{_n(row.start[0])};--y:{_n(row.start[1])}")
        if row.end:
            parts.append(f"--x2:{_n(row.end[0])};--y2:{_n(row.end[1])}")
        rules.append(f"#r{row.line}{{{';'.join(parts)}}}")
    return "\n".join(rules) + "\n"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _pitch(seats: Sequence[PlanSeat]) -> float:
    """Return the median distance of neighbours; 1,000 seats on one spot have none, and get one."""
    steps = [
        hypot(one.x - other.x, one.y - other.y)
        for one, other in pairwise(seats)
        if (one.section, one.row) == (other.section, other.row)
    ]
    return median(steps) or PITCH if steps else PITCH


def _scaled(area: PlanArea, scale: float) -> PlanArea:
    text = area.text
    return replace(
        area,
        x=area.x * scale,
        y=area.y * scale,
        width=area.width * scale,
        height=area.height * scale,
        points=tuple((x * scale, y * scale) for x, y in area.points),
        text=None
        if text is None
        else replace(text, x=text.x * scale, y=text.y * scale, size=text.size * scale),
    )


def _screen_area(areas: Iterable[PlanArea], seats: Sequence[tuple[float, float]]) -> PlanArea | None:
    front = min(y for _, y in seats)
    width = max(x for x, _ in seats) - min(x for x, _ in seats)
    for area in areas:
        is_upright = area.shape is AreaShape.RECTANGLE and area.rotation == 0
        in_front = area.y + area.height <= front + PITCH
        if is_upright and in_front and area.width >= width * _SCREEN_WIDTH:
            return area
    return None


def _screen(area: PlanArea | None, seats: Sequence[tuple[float, float]]) -> Screen:
    """Return the plan's screen, or one in front of the first seats if the plan shows nothing but seats."""
    if area is not None:
        text = area.text.text if area.text else ""
        return Screen(
            left=area.x, right=area.x + area.width, y=area.y, depth=max(area.height, _SCREEN_DEPTH), text=text
        )
    left, right = min(x for x, _ in seats), max(x for x, _ in seats)
    inset = (right - left) * 0.12
    top = min(y for _, y in seats) - PITCH / 2 - _SCREEN_GAP - _SCREEN_DEPTH
    return Screen(left=left + inset, right=right - inset, y=top, depth=_SCREEN_DEPTH, text="")


def _rows(plan_seats: Sequence[PlanSeat], seats: Sequence[tuple[float, float]]) -> list[DrawnRow]:
    result = []
    numbered = zip(plan_seats, seats, strict=True)
    for line, ((_, name), group) in enumerate(groupby(numbered, key=lambda p: (p[0].section, p[0].row)), 1):
        row = [position for _, position in group]
        result.append(
            DrawnRow(
                line=line,
                name=name,
                start=_beyond(row[0], row[1] if len(row) > 1 else None, seats),
                end=_beyond(row[-1], row[-2], seats) if len(row) > 1 else None,
                middle=median(y for _, y in row),
            )
        )
    return result


def _beyond(
    last: tuple[float, float], before: tuple[float, float] | None, seats: Sequence[tuple[float, float]]
) -> tuple[float, float] | None:
    """Return where a row's number goes: on from its last seat, if no seat is there."""
    dx, dy = (-1.0, 0.0) if before is None else (last[0] - before[0], last[1] - before[1])
    if abs(dx) > abs(dy):
        dy = 0.0  # beside the seat, though the row is curved: the number must not slip to the next row
    length = hypot(dx, dy) or 1.0
    x, y = last[0] + dx / length * _TO_NUMBER, last[1] + dy / length * _TO_NUMBER
    taken = any(abs(sx - x) < _ROOM and abs(sy - y) < _ROOM for sx, sy in seats)
    return None if taken else (x, y)


def _shape(area: PlanArea) -> Shape:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in area.points)
    return Shape(
        shape=area.shape,
        x=area.x,
        y=area.y,
        width=area.width,
        height=area.height,
        points=points,
        rotation=area.rotation,
    )


def _area_words(areas: Iterable[PlanArea]) -> list[Words]:
    return [_words(area.text) for area in areas if area.text and area.text.text]


def _words(text: PlanText) -> Words:
    return Words(text=text.text, x=text.x, y=text.y, size=min(max(text.size, 8.0), 40.0))


def _zone_names(plan: SeatPlan, seats: Sequence[tuple[float, float]]) -> list[Words]:
    """Return names over the first seat of each zone, where there are several."""
    zones: dict[str, list[tuple[float, float]]] = {}
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


def _corners(drawing: Drawing, areas: Iterable[PlanArea]) -> list[tuple[float, float]]:
    corners = list(drawing.seats)
    corners += [end for row in drawing.rows for end in (row.start, row.end) if end]
    if drawing.screen:
        corners += [
            (drawing.screen.left, drawing.screen.y),
            (drawing.screen.right, drawing.screen.y + drawing.screen.depth),
        ]
    for area in areas:
        corners += _area_corners(area)
    for words in drawing.words:
        half = len(words.text) * words.size * 0.3
        left, right = (0.0, half * 2) if words.is_name else (-half, half)
        corners += [(words.x + left, words.y - words.size), (words.x + right, words.y + words.size / 2)]
    return corners


def _area_corners(area: PlanArea) -> list[tuple[float, float]]:
    if area.shape is AreaShape.POLYGON:
        own = list(area.points)
    elif area.shape in {AreaShape.CIRCLE, AreaShape.ELLIPSE}:
        half, high = area.width / 2, area.height / 2
        own = [(area.x + dx, area.y + dy) for dx in (-half, half) for dy in (-high, high)]
    else:
        own = [(area.x + dx, area.y + dy) for dx in (0, area.width) for dy in (0, area.height)]
    angle = radians(area.rotation)
    return [
        (
            area.x + (x - area.x) * cos(angle) - (y - area.y) * sin(angle),
            area.y + (x - area.x) * sin(angle) + (y - area.y) * cos(angle),
        )
        for x, y in own
    ]


def _fitted(drawing: Drawing, corners: Sequence[tuple[float, float]]) -> Drawing:
    """Return the drawing moved so that everything has the same blank edge around it."""
    dx = _EDGE - min(x for x, _ in corners)
    dy = _EDGE - min(y for _, y in corners)

    def moved(point: tuple[float, float]) -> tuple[float, float]:
        return (point[0] + dx, point[1] + dy)

    return Drawing(
        width=max(x for x, _ in corners) + dx + _EDGE,
        height=max(y for _, y in corners) + dy + _EDGE,
        seats=tuple(moved(seat) for seat in drawing.seats),
        rows=tuple(
            replace(
                row,
                start=row.start and moved(row.start),
                end=row.end and moved(row.end),
                middle=row.middle + dy,
            )
            for row in drawing.rows
        ),
        screen=drawing.screen
        and replace(
            drawing.screen,
            left=drawing.screen.left + dx,
            right=drawing.screen.right + dx,
            y=drawing.screen.y + dy,
        ),
        shapes=tuple(_moved_shape(shape, dx, dy) for shape in drawing.shapes),
        words=tuple(replace(words, x=words.x + dx, y=words.y + dy) for words in drawing.words),
    )


def _moved_shape(shape: Shape, dx: float, dy: float) -> Shape:
    pairs = [point.split(",") for point in shape.points.split()]
    points = " ".join(f"{_n(float(x) + dx)},{_n(float(y) + dy)}" for x, y in pairs)
    return replace(shape, x=shape.x + dx, y=shape.y + dy, points=points)
