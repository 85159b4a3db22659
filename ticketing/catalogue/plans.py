"""Seat plans: pretix's seating-plan JSON turned into a value, or every fault in it.

The format is that of pretix's `seating-plan.schema.json`: zones hold rows, rows hold seats, and a seat's
place is the sum of the three positions. The older variant is read too: no `size`, zones with `displayed` and
perhaps no name, areas that carry `width`, `height` and a plain `text` themselves.

What the schema allows is no fault: rows and seats without a name, two seats of the same name, colours of any
kind. Keys that the schema does not know are passed by, and kept: newer versions of the format bring some.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ticketing.catalogue.plan_areas import PlanArea, read_area, rounded
from ticketing.catalogue.plan_json import Node, PlanError, PlanFaultCode, canonical, load

MAX_SEATS = 5_000
MAX_AREAS = 500
MAX_PLAN_NAME = 200
_ROW_NUMBER_POSITIONS = frozenset({"start", "end", "both"})
_SURROGATE = re.compile("[\ud800-\udfff]")


class SeatKind(StrEnum):
    """What a seat is, beyond its band. The plan's JSON cannot say it; the sidecar `.seats.csv` does."""

    STANDARD = "standard"
    WHEELCHAIR = "wheelchair"
    COMPANION = "companion"
    SOFA = "sofa"
    RESTRICTED_VIEW = "restricted_view"


@dataclass(frozen=True, kw_only=True)
class PlanSeat:
    """One seat. `ordinal` counts from 1 in the file's order; x and y are absolute, in the plan's units.

    `line` counts the plan's rows from 1.
    """

    guid: str
    section: str
    row: str
    line: int
    number: str
    band: str
    kind: SeatKind = SeatKind.STANDARD
    pair_with: str | None = None
    x: float
    y: float
    ordinal: int


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """A row of seats, and at which of its ends the plan wants its name to be drawn.

    Rows of the file that follow each other under one name in one section are one row, which goes on behind an
    aisle; rows without a name are rows of their own.
    """

    section: str
    name: str
    at_start: bool
    at_end: bool


@dataclass(frozen=True, kw_only=True)
class SeatPlan:
    """A hall's seats and drawing. `source` is the file in canonical JSON, `sha256` its digest."""

    name: str
    bands: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    areas: tuple[PlanArea, ...]
    seats: tuple[PlanSeat, ...]
    source: str
    sha256: bytes

    def bands_in_use(self) -> tuple[str, ...]:
        """Return the bands that seats have, in the order of the plan's categories."""
        used = {seat.band for seat in self.seats}
        return tuple(band for band in self.bands if band in used)


def parse_plan(source: str) -> SeatPlan:
    """Return the plan that the JSON text describes, all seats standard. Raises PlanError with every fault."""
    top = load(source)
    if not top.is_object():
        raise PlanError(tuple(top.faults))
    name = top.text("name", limit=MAX_PLAN_NAME)
    bands = _read_bands(top)
    _check_size(top)
    reading = _Reading(frozenset(bands))
    for zone in top.items("zones"):
        reading.read_zone(zone)
    if not reading.seats and not top.faults:
        top.child("zones").fault(PlanFaultCode.NO_SEATS)
    # Only of a document without faults: a bad letter in a name has its own path.
    spelled = "" if top.faults else _spell(top)
    if top.faults:
        raise PlanError(tuple(top.faults))
    return SeatPlan(
        name=name,
        bands=bands,
        rows=tuple(reading.rows),
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


def _read_bands(top: Node) -> tuple[str, ...]:
    """Return the names of the categories, one that comes again once."""
    names: dict[str, None] = {}
    for category in top.items("categories"):
        category.check_texts("color")
        names.setdefault(category.text("name"))
    return tuple(names)


def _check_size(top: Node) -> None:
    """Check the extent that newer files give; the drawing finds its own, which holds everything."""
    size = top.child("size")
    if size.value is not None and size.is_object():
        size.number("width")
        size.number("height")


class _Reading:
    """One pass over the zones; keeps what must be unique in the whole plan."""

    def __init__(self, bands: frozenset[str]) -> None:
        self.rows: list[PlanRow] = []
        self.areas: list[PlanArea] = []
        self.seats: list[PlanSeat] = []
        self._bands = bands
        self._guids: dict[str, str] = {}
        self._seats_met = 0
        self._areas_met = 0

    def read_zone(self, zone: Node) -> None:
        zone.check_texts("zone_id", "uuid")
        zone.yes_no("displayed")
        name = zone.text("name", required=False)
        x, y = zone.point("position")
        for row in zone.items("rows"):
            row_x, row_y = row.point("position", required=False)
            self._begin_row(row, name, has_seats=bool(row.child("seats").value))
            for seat in row.items("seats"):
                self._read_seat(seat, origin=(x + row_x, y + row_y))
        for area in zone.items("areas", required=False):
            self._areas_met += 1
            if self._areas_met <= MAX_AREAS:
                self.areas.append(read_area(area, origin=(x, y)))
            elif self._areas_met == MAX_AREAS + 1:
                area.fault(PlanFaultCode.TOO_MANY_AREAS, limit=MAX_AREAS)

    def _begin_row(self, row: Node, section: str, *, has_seats: bool) -> None:
        row.check_texts("row_label", "seat_label", "uuid")
        row.check_numbers("number_of_seats", "seats_spacing")
        name = row.text("row_number")
        ends = row.choice("row_number_position", _ROW_NUMBER_POSITIONS)
        # Absent means both, null neither.
        is_silent = isinstance(row.value, dict) and "row_number_position" in row.value and ends is None
        begun = PlanRow(
            section=section,
            name=name,
            at_start=not is_silent and ends != "end",
            at_end=not is_silent and ends != "start",
        )
        last = self.rows[-1] if self.rows else None
        if not has_seats:
            return
        if last is not None and name and (last.section, last.name) == (section, name):
            self.rows[-1] = replace(last, at_end=begun.at_end)
        else:
            self.rows.append(begun)

    def _read_seat(self, seat: Node, *, origin: tuple[float, float]) -> None:
        self._seats_met += 1
        if self._seats_met > MAX_SEATS:
            if self._seats_met == MAX_SEATS + 1:
                seat.fault(PlanFaultCode.TOO_MANY_SEATS, limit=MAX_SEATS)
            return
        seat.check_texts("uuid", "start_direction")
        seat.check_numbers("radius")
        guid = seat.exact("seat_guid")
        number = seat.text("seat_number")
        band = seat.text("category")
        x, y = seat.point("position")
        if isinstance(seat.child("category").value, str) and band not in self._bands:
            seat.child("category").fault(PlanFaultCode.UNKNOWN_BAND, band=band)
        if guid:
            first = self._guids.setdefault(guid, seat.path)
            if first != seat.path:
                seat.child("seat_guid").fault(PlanFaultCode.DUPLICATE_GUID, guid=guid, first=first)
        row = self.rows[-1]
        self.seats.append(
            PlanSeat(
                guid=guid,
                section=row.section,
                row=row.name,
                line=len(self.rows),
                number=number,
                band=band,
                x=rounded(origin[0] + x),
                y=rounded(origin[1] + y),
                ordinal=self._seats_met,
            )
        )
