"""A seat plan as a drawing: where seats stand, where rows are numbered, what else is in the hall. Pure.

All lengths are in units of which a seat's median pitch has 26, whatever the plan's own units are, so that one
style sheet draws every hall.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ticketing.catalogue.plan_areas import AreaShape, PlanArea
from ticketing.catalogue.plan_geometry import PITCH, Point, area_corners, scale_of
from ticketing.catalogue.plan_rows import DrawnRow, drawn_rows
from ticketing.catalogue.plan_words import Words, area_words, words_corners, zone_names
from ticketing.catalogue.plans import SeatPlan

# Blank edge around everything: half a seat and a row's number.
_EDGE = 30.0
# A rectangle in front of the seats that is at least this part of their width is the screen.
_SCREEN_WIDTH = 0.3
_SCREEN_DEPTH, _SCREEN_GAP = 40.0, 14.0


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
class Drawing:
    """A hall. `seats` are positions in the plan's order."""

    width: float
    height: float
    seats: tuple[Point, ...]
    rows: tuple[DrawnRow, ...]
    screen: Screen | None
    shapes: tuple[Shape, ...]
    words: tuple[Words, ...]


def draw(plan: SeatPlan) -> Drawing:
    """Return the plan's drawing; nothing in it lies outside of width and height."""
    shown = [area for area in plan.areas if area.shows_something()]
    scale = scale_of(plan.seats, shown)
    seats = [(seat.x * scale, seat.y * scale) for seat in plan.seats]
    areas = [_scaled(area, scale) for area in shown]
    screen_area = _screen_area(areas, seats)
    others = [area for area in areas if area is not screen_area]
    screen = _screen(screen_area, seats) if screen_area or not areas else None
    drawing = Drawing(
        width=0,
        height=0,
        seats=tuple(seats),
        rows=tuple(drawn_rows(plan, seats)),
        screen=screen,
        shapes=tuple(_shape(area) for area in others if area.shape is not AreaShape.TEXT),
        words=(*area_words(others), *zone_names(plan, seats)),
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


def _screen_area(areas: Iterable[PlanArea], seats: Sequence[Point]) -> PlanArea | None:
    front = min(y for _, y in seats)
    width = max(x for x, _ in seats) - min(x for x, _ in seats)
    for area in areas:
        is_upright = area.shape is AreaShape.RECTANGLE and area.rotation == 0
        in_front = area.y + area.height <= front + PITCH
        if is_upright and in_front and area.width >= width * _SCREEN_WIDTH:
            return area
    return None


def _screen(area: PlanArea | None, seats: Sequence[Point]) -> Screen:
    """Return the plan's screen, or one in front of the first seats if the plan shows nothing but seats."""
    if area is not None:
        text = " ".join(area.text.text.split()) if area.text else ""
        return Screen(
            left=area.x, right=area.x + area.width, y=area.y, depth=max(area.height, _SCREEN_DEPTH), text=text
        )
    left, right = min(x for x, _ in seats), max(x for x, _ in seats)
    inset = (right - left) * 0.12
    top = min(y for _, y in seats) - PITCH / 2 - _SCREEN_GAP - _SCREEN_DEPTH
    return Screen(left=left + inset, right=right - inset, y=top, depth=_SCREEN_DEPTH, text="")


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


def _corners(drawing: Drawing, areas: Iterable[PlanArea]) -> list[Point]:
    corners = list(drawing.seats)
    corners += [end for row in drawing.rows for end in (row.start, row.end) if end]
    if drawing.screen:
        corners += [
            (drawing.screen.left, drawing.screen.y),
            (drawing.screen.right, drawing.screen.y + drawing.screen.depth),
        ]
    for area in areas:
        corners += area_corners(area)
    for words in drawing.words:
        corners += words_corners(words)
    return corners


def _fitted(drawing: Drawing, corners: Sequence[Point]) -> Drawing:
    """Return the drawing moved so that everything has the same blank edge around it."""
    dx = _EDGE - min(x for x, _ in corners)
    dy = _EDGE - min(y for _, y in corners)

    def moved(point: Point) -> Point:
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
