"""What a plan shows beside its seats: a stage, a bar, an entrance, words. Read, and never a reason to refuse.

In the format everything about an area is optional: one without shape, position or measures draws nothing, or
its words alone. Colours are not read: the page has its own, which are legible by day and by night.
"""

from dataclasses import dataclass
from enum import StrEnum

from ticketing.catalogue.plan_json import Node

TEXT_SIZE = 16.0


class AreaShape(StrEnum):
    """How an area is drawn. A `text` area is its text alone."""

    RECTANGLE = "rectangle"
    CIRCLE = "circle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class PlanText:
    """Words on the drawing, centred on x and y (absolute); they may have line breaks."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, kw_only=True)
class PlanArea:
    """One area. Rectangles start at x and y, circles and ellipses are centred there.

    `width` and `height` are the full extent; `points` are a polygon's corners; all are absolute. `rotation`
    turns shape and words together around x and y, in degrees, clockwise.
    """

    shape: AreaShape
    x: float
    y: float
    width: float
    height: float
    points: tuple[tuple[float, float], ...]
    rotation: float
    text: PlanText | None

    def shows_something(self) -> bool:
        """Tell whether there is anything to draw."""
        has_shape = bool(self.points) if self.shape is AreaShape.POLYGON else self.width > 0 < self.height
        return has_shape or self.text is not None


def read_area(area: Node, *, origin: tuple[float, float]) -> PlanArea:
    """Return the area of a zone whose position is `origin`."""
    area.check_texts("uuid", "color", "border_color")
    shape = area.choice("shape", frozenset(AreaShape))
    offset_x, offset_y = area.point("position", required=False)
    x, y = rounded(origin[0] + offset_x), rounded(origin[1] + offset_y)
    # The older variant has neither shape nor measures of one, but width and height of a rectangle.
    flat = (area.number("width", default=0), area.number("height", default=0))
    measures = _measures(area)
    points = _points(area, (x, y))
    drawn = AreaShape(shape) if shape else AreaShape.RECTANGLE
    width, height = measures.get(drawn, (0.0, 0.0)) if shape else flat
    if not area.has("position") or width <= 0 or height <= 0:
        width = height = 0.0
    if drawn is not AreaShape.POLYGON or not area.has("position"):
        points = ()
    return PlanArea(
        shape=drawn if points or width else AreaShape.TEXT,
        x=x,
        y=y,
        width=width,
        height=height,
        points=points,
        rotation=area.number("rotation", default=0),
        text=_words(area, x=x, y=y, width=width, height=height),
    )


def rounded(coordinate: float) -> float:
    """Return a sum of positions without the dust of floating point."""
    return round(coordinate, 3)


def _measures(area: Node) -> dict[AreaShape, tuple[float, float]]:
    """Return the extent for every shape that the area has measures of."""
    result: dict[AreaShape, tuple[float, float]] = {}
    rectangle, circle, ellipse = (
        area.child(shape) for shape in (AreaShape.RECTANGLE, AreaShape.CIRCLE, AreaShape.ELLIPSE)
    )
    if rectangle.value is not None and rectangle.is_object():
        result[AreaShape.RECTANGLE] = (rectangle.number("width"), rectangle.number("height"))
    if circle.value is not None and circle.is_object():
        diameter = 2 * circle.number("radius")
        result[AreaShape.CIRCLE] = (diameter, diameter)
    if ellipse.value is not None and ellipse.is_object():
        radius_x, radius_y = ellipse.point("radius")
        result[AreaShape.ELLIPSE] = (2 * radius_x, 2 * radius_y)
    return result


def _points(area: Node, origin: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    polygon = area.child(AreaShape.POLYGON)
    if polygon.value is None or not polygon.is_object():
        return ()
    corners = [(point.number("x"), point.number("y")) for point in polygon.items("points")]
    return tuple((rounded(origin[0] + x), rounded(origin[1] + y)) for x, y in corners)


def _words(area: Node, *, x: float, y: float, width: float, height: float) -> PlanText | None:
    """Return the area's words: an object with a position, or in the older variant a text for the middle."""
    node = area.child("text")
    if isinstance(node.value, str):
        words = area.lines("text")
        middle = PlanText(text=words, x=x + width / 2, y=y + height / 2, size=TEXT_SIZE)
        return middle if words else None
    if node.value is None or not node.is_object():
        return None
    node.check_texts("color")
    words = node.lines("text", required=True)
    offset_x, offset_y = node.point("position")
    size = node.number("size", default=TEXT_SIZE)
    return (
        PlanText(text=words, x=rounded(x + offset_x), y=rounded(y + offset_y), size=size) if words else None
    )
