"""Changes of a plan: value in, value out. Pure.

They work on the plan's own document, so that whatever else stands in the file stays in it. Seats are named by
guid, which never changes: it is what screenings know a seat by.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from ticketing.catalogue.plan_errors import PlanNeedsSeatsError, RowsNeedNumbersError, SeatsNotChosenError
from ticketing.catalogue.plan_json import canonical
from ticketing.catalogue.plans import PlanSeat, SeatKind, SeatPlan, parse_plan, with_kinds

Json = dict[str, Any]
Kinds = dict[str, tuple[SeatKind, str | None]]
# What names one row or zone of the file, so that a part split off must not have it too.
_OWN = frozenset({"uuid", "zone_id"})


@dataclass(frozen=True, kw_only=True)
class Count:
    """A way to number: from `first` in steps, the other way round if `backwards`."""

    first: int
    step: int = 1
    backwards: bool = False

    def numbers(self, how_many: int) -> list[str]:
        """Return so many numbers, for what stands from left to right or from front to back."""
        numbers = [str(self.first + self.step * index) for index in range(how_many)]
        return numbers[::-1] if self.backwards else numbers


def set_band(plan: SeatPlan, chosen: Collection[str], band: str) -> SeatPlan:
    """Put seats into a price band, a new one if need be. Raises SeatsNotChosenError."""
    document = document_of(plan)
    add_band(document, plan, band)
    for _zone, _row, seat in _chosen_seats(document, chosen):
        seat["category"] = band
    return rebuilt(document, kinds_of(plan))


def name_section(plan: SeatPlan, chosen: Collection[str], name: str) -> SeatPlan:
    """Give seats a section's name; seats that leave their section take their places along.

    Raises SeatsNotChosenError.
    """
    document = document_of(plan)
    _require(_chosen_seats(document, chosen))
    zones: list[Json] = []
    for zone in document["zones"]:
        rows = [(row, *_parted(row["seats"], chosen)) for row in zone["rows"]]
        leaving = [(row, go) for row, go, _stay in rows if go]
        if not leaving:
            zones.append(zone)
        elif not any(stay for _row, _go, stay in rows):
            zones.append({**zone, "name": name})
        else:
            staying = [{**row, "seats": stay} for row, _go, stay in rows if stay]
            moved = [{**_without_own(row), "seats": go} for row, go in leaving]
            more = {key: value for key, value in _without_own(zone).items() if key != "areas"}
            zones += [{**zone, "rows": staying}, {**more, "name": name, "rows": moved}]
    document["zones"] = zones
    return rebuilt(document, kinds_of(plan))


def name_rows(plan: SeatPlan, chosen: Collection[str], first: str, count: Count) -> SeatPlan:
    """Name the rows of seats: one row `first`, several from it in steps, from front to back.

    Seats that leave their row make one of their own. Raises SeatsNotChosenError or RowsNeedNumbersError.
    """
    lines: dict[int, list[float]] = {}
    for seat in plan.seats:
        if seat.guid in chosen:
            lines.setdefault(seat.line, []).append(seat.y)
    if not lines:
        raise SeatsNotChosenError
    from_front = sorted(lines, key=lambda line: (round(median(lines[line]), 3), line))
    if len(from_front) == 1:
        names = {from_front[0]: first}
    elif first.isdecimal():
        names = dict(zip(from_front, count.numbers(len(from_front)), strict=True))
    else:
        raise RowsNeedNumbersError
    line_of = {seat.guid: seat.line for seat in plan.seats}
    document = document_of(plan)
    for zone in document["zones"]:
        zone["rows"] = [
            part for row in zone["rows"] for part in _renamed(row, chosen, lambda guid: names[line_of[guid]])
        ]
    return rebuilt(document, kinds_of(plan))


def number_seats(plan: SeatPlan, chosen: Collection[str], count: Count) -> SeatPlan:
    """Give seats new numbers in each row, from left to right. Raises SeatsNotChosenError."""
    rows: dict[int, list[PlanSeat]] = {}
    for seat in plan.seats:
        if seat.guid in chosen:
            rows.setdefault(seat.line, []).append(seat)
    numbers: dict[str, str] = {}
    for row in rows.values():
        from_left = sorted(row, key=lambda seat: (seat.x, seat.ordinal))
        for seat, number in zip(from_left, count.numbers(len(row)), strict=True):
            numbers[seat.guid] = number
    document = document_of(plan)
    for _zone, _row, place in _chosen_seats(document, chosen):
        place["seat_number"] = numbers[place["seat_guid"]]
    return rebuilt(document, kinds_of(plan))


def remove_seats(plan: SeatPlan, chosen: Collection[str]) -> SeatPlan:
    """Take seats out. Raises SeatsNotChosenError, or PlanNeedsSeatsError if none would be left."""
    document = document_of(plan)
    _require(_chosen_seats(document, chosen))
    kinds = without_pairs(plan, chosen)
    for zone in document["zones"]:
        zone["rows"] = [
            {**row, "seats": stay} for row in zone["rows"] if (stay := _parted(row["seats"], chosen)[1])
        ]
    # A zone without seats may still show a stage.
    document["zones"] = [zone for zone in document["zones"] if zone["rows"] or zone.get("areas")]
    if not any(zone["rows"] for zone in document["zones"]):
        raise PlanNeedsSeatsError
    return rebuilt(document, {guid: kind for guid, kind in kinds.items() if guid not in chosen})


def without_pairs(plan: SeatPlan, chosen: Collection[str]) -> Kinds:
    """Return the kinds with the chosen seats standard, and without the pairs that they were halves of."""
    kinds = kinds_of(plan)
    for guid in chosen:
        _kind, other = kinds.pop(guid, (SeatKind.STANDARD, None))
        if other is None or other in chosen:
            continue
        if kinds[other][0] is SeatKind.WHEELCHAIR:
            kinds[other] = (SeatKind.WHEELCHAIR, None)
        else:
            del kinds[other]
    return kinds


def kinds_of(plan: SeatPlan) -> Kinds:
    """Return kind and pair of the seats that are not standard."""
    return {s.guid: (s.kind, s.pair_with) for s in plan.seats if s.kind is not SeatKind.STANDARD}


def document_of(plan: SeatPlan) -> Json:
    """Return the plan's document, to be changed freely."""
    document: Json = json.loads(plan.source)
    return document


def rebuilt(document: Json, kinds: Kinds) -> SeatPlan:
    """Return the plan of a changed document. Raises PlanError if the change broke it."""
    return with_kinds(parse_plan(canonical(document)), kinds)


def add_band(document: Json, plan: SeatPlan | None, band: str) -> None:
    """Add a category unless the plan has one of that name."""
    if plan is None or band not in plan.bands:
        document["categories"].append({"name": band})


def _chosen_seats(document: Json, chosen: Collection[str]) -> list[tuple[Json, Json, Json]]:
    found = [
        (zone, row, seat)
        for zone in document["zones"]
        for row in zone["rows"]
        for seat in row["seats"]
        if seat["seat_guid"] in chosen
    ]
    _require(found)
    return found


def _require(found: Collection[object]) -> None:
    if not found:
        raise SeatsNotChosenError


def _parted(seats: list[Json], chosen: Collection[str]) -> tuple[list[Json], list[Json]]:
    """Return the chosen seats and the others."""
    return (
        [seat for seat in seats if seat["seat_guid"] in chosen],
        [seat for seat in seats if seat["seat_guid"] not in chosen],
    )


def _renamed(row: Json, chosen: Collection[str], name_of: Callable[[str], str]) -> Iterator[Json]:
    """Return a row with its new name; only the chosen part of it, split off, if others stay."""
    go, stay = _parted(row["seats"], chosen)
    if not go:
        yield row
        return
    name = name_of(go[0]["seat_guid"])
    if not stay:
        yield {**row, "row_number": name}
        return
    yield {**row, "seats": stay}
    yield {**_without_own(row), "row_number": name, "seats": go}


def _without_own(part: Json) -> Json:
    return {key: value for key, value in part.items() if key not in _OWN}
