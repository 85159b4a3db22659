"""Seat plans: pretix's seating-plan JSON turned into a value, or every fault in it.

The format is that of pretix's `seating-plan.schema.json`: zones hold rows, rows hold seats, and a seat's
place is the sum of the three positions. The older variant is read too: no `size`, zones with `displayed` and
perhaps no name, areas that carry `width`, `height` and a plain `text` themselves.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ticketing.catalogue.plan_json import Node, PlanError, PlanFaultCode, canonical, load

MAX_SEATS = 5_000
MAX_AREAS = 500
# The white edge of a drawing whose size the file does not give, in the plan's own units.
MARGIN = 40
_SURROGATE = re.compile("[\ud800-\udfff]")


class SeatKind(StrEnum):
    """What a seat is, beyond its band. The plan's JSON cannot say it; the sidecar `.seats.csv` does."""

    STANDARD = "standard"
    WHEELCHAIR = "wheelchair"
    COMPANION = "companion"
    SOFA = "sofa"
    RESTRICTED_VIEW = "restricted_view"


class AreaShape(StrEnum):
    """How an area is drawn. A `text` area is its text alone."""

    RECTANGLE = "rectangle"
    CIRCLE = "circle"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class PlanSeat:
    """One seat. `ordinal` counts from 1 in the file's order; x and y are absolute, in the plan's units."""

    guid: str
    section: str
    row: str
    number: str
    band: str
    kind: SeatKind = SeatKind.STANDARD
    pair_with: str | None = None
    x: float
    y: float
    ordinal: int


@dataclass(frozen=True, kw_only=True)
class PlanText:
    """Words on the drawing, centred on x and y (absolute)."""

    text: str
    x: float
    y: float
    size: float
    colour: str | None


@dataclass(frozen=True, kw_only=True)
class PlanArea:
    """A stage, a screen, an entrance. Rectangles start at x and y, circles and ellipses are centred there.

    `width` and `height` are the full extent; `points` are a polygon's corners. All are absolute.
    """

    shape: AreaShape
    x: float
    y: float
    width: float
    height: float
    points: tuple[tuple[float, float], ...]
    rotation: float
    colour: str | None
    border_colour: str | None
    text: PlanText | None


@dataclass(frozen=True, kw_only=True)
class PlanZone:
    """A part of the hall with its own name; x and y are its origin, `displayed` whether it is outlined."""

    name: str
    x: float
    y: float
    displayed: bool


@dataclass(frozen=True, kw_only=True)
class PlanBand:
    """A category of the plan: a price band and the colour that the plan's author gave it."""

    name: str
    colour: str | None


@dataclass(frozen=True, kw_only=True)
class PlanSize:
    """The drawing's extent, in the plan's units."""

    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class SeatPlan:
    """A hall's seats and drawing. `source` is the file in canonical JSON, `sha256` its digest."""

    name: str
    size: PlanSize
    bands: tuple[PlanBand, ...]
    zones: tuple[PlanZone, ...]
    areas: tuple[PlanArea, ...]
    seats: tuple[PlanSeat, ...]
    source: str
    sha256: bytes

    def bands_in_use(self) -> tuple[str, ...]:
        """Return the bands that seats have, in the order of the plan's categories."""
        used = {seat.band for seat in self.seats}
        return tuple(band.name for band in self.bands if band.name in used)


def parse_plan(source: str) -> SeatPlan:
    """Return the plan that the JSON text describes, all seats standard. Raises PlanError with every fault."""
    top = load(source)
    if not top.is_object():
        raise PlanError(tuple(top.faults))
    name = top.text("name", limit=200)
    bands = _read_bands(top)
    reading = _Reading(frozenset(band.name for band in bands))
    for zone in top.items("zones"):
        reading.read_zone(zone)
    if not reading.seats and not top.faults:
        top.child("zones").fault(PlanFaultCode.NO_SEATS)
    size = _read_size(top, reading)
    # Only of a document without faults: a bad letter in a name has its own path.
    spelled = "" if top.faults else _spell(top)
    if top.faults:
        raise PlanError(tuple(top.faults))
    return SeatPlan(
        name=name,
        size=size,
        bands=bands,
        zones=tuple(reading.zones),
        areas=tuple(reading.areas),
        seats=tuple(reading.seats),
        source=spelled,
        sha256=hashlib.sha256(spelled.encode()).digest(),
    )


def with_kinds(plan: SeatPlan, kinds: Mapping[str, tuple[SeatKind, str | None]]) -> SeatPlan:
    """Return the plan with kind and pair of the seats named by guid; the others stay as they are."""
    seats = tuple(
        replace(seat, kind=kinds[seat.guid][0], pair_with=kinds[seat.guid][1]) if seat.guid in kinds else seat
        for seat in plan.seats
    )
    return replace(plan, seats=seats)


def seats_text(plan: SeatPlan) -> str:
    """Return kind and pair of the seats that are not standard, as JSON that changes only when they do."""
    special = {
        s.guid: [str(s.kind), s.pair_with]
        for s in plan.seats
        if s.kind is not SeatKind.STANDARD or s.pair_with
    }
    return json.dumps(special, ensure_ascii=False, sort_keys=True)


def stored_plan(source: str, seats: str) -> SeatPlan:
    """Return the plan of a stored file and what `seats_text` said of its seats."""
    kinds = {guid: (SeatKind(kind), pair) for guid, (kind, pair) in json.loads(seats).items()}
    return with_kinds(parse_plan(source), kinds)


def _spell(top: Node) -> str:
    """Return the canonical text; a half of a surrogate pair anywhere in it could not be stored."""
    try:
        spelled = canonical(top.value)
    except RecursionError:
        top.fault(PlanFaultCode.NOT_JSON, line=0)
        return ""
    if _SURROGATE.search(spelled):
        top.fault(PlanFaultCode.BAD_CHARACTER)
        return ""
    return spelled


def _read_bands(top: Node) -> tuple[PlanBand, ...]:
    bands: dict[str, PlanBand] = {}
    for category in top.items("categories"):
        band = PlanBand(name=category.text("name", limit=60), colour=category.colour("color"))
        if band.name in bands:
            category.child("name").fault(PlanFaultCode.DUPLICATE_BAND, band=band.name)
        elif band.name:
            bands[band.name] = band
    return tuple(bands.values())


def _read_size(top: Node, reading: "_Reading") -> PlanSize:
    """Return the size in the file, or one that holds everything drawn."""
    if top.has("size"):
        size = top.child("size")
        if size.is_object():
            return PlanSize(width=size.number("width", low=1), height=size.number("height", low=1))
    corners = [(seat.x, seat.y) for seat in reading.seats]
    for area in reading.areas:
        corners += [(area.x + area.width, area.y + area.height), *area.points]
    return PlanSize(
        width=max((x for x, _ in corners), default=0) + MARGIN,
        height=max((y for _, y in corners), default=0) + MARGIN,
    )


class _Reading:
    """One pass over the zones; keeps what must be unique in the whole plan."""

    def __init__(self, bands: frozenset[str]) -> None:
        self.zones: list[PlanZone] = []
        self.areas: list[PlanArea] = []
        self.seats: list[PlanSeat] = []
        self._bands = bands
        self._guids: dict[str, str] = {}
        self._labels: dict[tuple[str, str, str], str] = {}
        self._seats_met = 0
        self._areas_met = 0

    def read_zone(self, zone: Node) -> None:
        name = zone.text("name", limit=60, required=False)
        x, y = zone.point("position")
        self.zones.append(PlanZone(name=name, x=x, y=y, displayed=zone.child("displayed").value is True))
        for row in zone.items("rows"):
            row_x, row_y = row.point("position", required=False)
            number = row.text("row_number", limit=20)
            for seat in row.items("seats"):
                self._read_seat(seat, section=name, row=number, origin=(x + row_x, y + row_y))
        for area in zone.items("areas", required=False):
            self._areas_met += 1
            if self._areas_met <= MAX_AREAS:
                self.areas.append(_read_area(area, origin=(x, y)))
            elif self._areas_met == MAX_AREAS + 1:
                area.fault(PlanFaultCode.TOO_MANY_AREAS, limit=MAX_AREAS)

    def _read_seat(self, seat: Node, *, section: str, row: str, origin: tuple[float, float]) -> None:
        self._seats_met += 1
        if self._seats_met > MAX_SEATS:
            if self._seats_met == MAX_SEATS + 1:
                seat.fault(PlanFaultCode.TOO_MANY_SEATS, limit=MAX_SEATS)
            return
        guid = seat.text("seat_guid", limit=60)
        number = seat.text("seat_number", limit=20)
        band = seat.text("category", limit=60)
        x, y = seat.point("position")
        if band and band not in self._bands:
            seat.child("category").fault(PlanFaultCode.UNKNOWN_BAND, band=band)
        if guid:
            first = self._guids.setdefault(guid, seat.path)
            if first != seat.path:
                seat.child("seat_guid").fault(PlanFaultCode.DUPLICATE_GUID, guid=guid, first=first)
        if row and number:
            first = self._labels.setdefault((section, row, number), seat.path)
            if first != seat.path:
                seat.child("seat_number").fault(
                    PlanFaultCode.DUPLICATE_LABEL, section=section, row=row, number=number, first=first
                )
        self.seats.append(
            PlanSeat(
                guid=guid,
                section=section,
                row=row,
                number=number,
                band=band,
                x=_rounded(origin[0] + x),
                y=_rounded(origin[1] + y),
                ordinal=self._seats_met,
            )
        )


def _read_area(area: Node, *, origin: tuple[float, float]) -> PlanArea:
    flat = not area.has("shape")
    shape = AreaShape.RECTANGLE if flat else _read_shape(area)
    offset_x, offset_y = area.point("position")
    x, y = _rounded(origin[0] + offset_x), _rounded(origin[1] + offset_y)
    width, height = _read_extent(area, shape, flat=flat)
    return PlanArea(
        shape=shape,
        x=x,
        y=y,
        width=width,
        height=height,
        points=_read_points(area, (x, y)) if shape is AreaShape.POLYGON else (),
        rotation=area.number("rotation", default=0),
        colour=area.colour("color"),
        border_colour=area.colour("border_color"),
        text=_read_area_text(area, x=x, y=y, width=width, height=height),
    )


def _read_shape(area: Node) -> AreaShape:
    shape = area.text("shape", limit=20)
    if shape not in set(AreaShape):
        if shape:
            area.child("shape").fault(PlanFaultCode.UNKNOWN_SHAPE, shape=shape)
        return AreaShape.TEXT
    return AreaShape(shape)


def _read_extent(area: Node, shape: AreaShape, *, flat: bool) -> tuple[float, float]:
    if flat:
        return area.number("width", low=0), area.number("height", low=0)
    if shape in {AreaShape.POLYGON, AreaShape.TEXT}:
        return 0.0, 0.0
    measures = area.child(shape)
    if not measures.is_object():
        return 0.0, 0.0
    if shape is AreaShape.RECTANGLE:
        return measures.number("width", low=0), measures.number("height", low=0)
    if shape is AreaShape.CIRCLE:
        diameter = 2 * measures.number("radius", low=0)
        return diameter, diameter
    radius_x, radius_y = measures.point("radius")
    return 2 * abs(radius_x), 2 * abs(radius_y)


def _read_points(area: Node, origin: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    polygon = area.child(AreaShape.POLYGON)
    if not polygon.is_object():
        return ()
    corners = [(point.number("x"), point.number("y")) for point in polygon.items("points")]
    return tuple((_rounded(origin[0] + x), _rounded(origin[1] + y)) for x, y in corners)


def _read_area_text(area: Node, *, x: float, y: float, width: float, height: float) -> PlanText | None:
    """Return the area's words: an object with a position, or in the older variant a text for the middle."""
    if isinstance(area.child("text").value, str):
        words = area.text("text", limit=200, required=False)
        middle = PlanText(text=words, x=x + width / 2, y=y + height / 2, size=16, colour=None)
        return middle if words else None
    if not area.has("text"):
        return None
    node = area.child("text")
    if not node.is_object():
        return None
    words = node.text("text", limit=200, required=False)
    offset_x, offset_y = node.point("position", required=False)
    size = node.number("size", default=16, low=0)
    colour = node.colour("color")
    if not words:
        return None
    return PlanText(text=words, x=_rounded(x + offset_x), y=_rounded(y + offset_y), size=size, colour=colour)


def _rounded(coordinate: float) -> float:
    """Return a sum of positions without the dust of floating point."""
    return round(coordinate, 3)
