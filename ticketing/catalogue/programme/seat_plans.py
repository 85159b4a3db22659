"""The plans of the halls, each with the sidecar file that says what kinds of seats there are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ticketing.catalogue.plan_json import PlanError
from ticketing.catalogue.plans import SeatKind, SeatPlan, parse_plan, with_kinds
from ticketing.catalogue.programme.cells import RowReader, first_rows
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import SEATS_COLUMNS, sidecar_of
from ticketing.catalogue.programme.read_csv import read_csv_table, read_text
from ticketing.catalogue.programme.rows import Placed
from ticketing.catalogue.programme.tables import shape_table
from ticketing.catalogue.programme.values import Hall

# Who sits beside whom: a companion beside a wheelchair, and a sofa has two halves.
_PARTNER = {
    SeatKind.WHEELCHAIR: SeatKind.COMPANION,
    SeatKind.COMPANION: SeatKind.WHEELCHAIR,
    SeatKind.SOFA: SeatKind.SOFA,
}


def read_plans(folder: Path, halls: Sequence[Placed[Hall]], log: FaultLog) -> dict[str, SeatPlan]:
    """Return the plans that halls name, keyed by their path; those with faults are left out."""
    plans: dict[str, SeatPlan] = {}
    tried: set[str] = set()
    for hall in halls:
        name = hall.value.plan
        if name is None or name in tried:
            continue
        tried.add(name)
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            hall.reader.fault("plan", FaultCode.PLAN_PATH, value=name)
            continue
        if not path.is_file():
            hall.reader.fault("plan", FaultCode.MISSING_PLAN, value=name)
            continue
        plan = _read_plan(path, name, log)
        if plan is not None:
            plans[name] = _add_kinds(plan, folder, name, log)
    return plans


def _read_plan(path: Path, name: str, log: FaultLog) -> SeatPlan | None:
    text = read_text(path, name, log)
    if text is None:
        return None
    try:
        return parse_plan(text)
    except PlanError as error:
        log.add_plan(name, error)
        return None


def _add_kinds(plan: SeatPlan, folder: Path, name: str, log: FaultLog) -> SeatPlan:
    """Return the plan with the sidecar's kinds; without a sidecar every seat is a standard one."""
    sidecar = sidecar_of(name)
    if not (folder / sidecar).exists():
        return plan
    raw = read_csv_table(folder / sidecar, sidecar, log)
    if raw is None:
        return plan
    table = shape_table(raw, SEATS_COLUMNS, log)
    first_rows(table.records, "seat_guid", log)
    guids = {seat.guid for seat in plan.seats}
    kinds: dict[str, tuple[SeatKind, str | None]] = {}
    readers: dict[str, RowReader] = {}
    for record in table.records:
        reader = RowReader(record, log)
        guid = reader.text("seat_guid")
        kind = reader.choice("kind", SeatKind)
        pair_with = reader.optional_text("pair_with") or None
        for column, value in (("seat_guid", guid), ("pair_with", pair_with)):
            if value and value not in guids:
                reader.fault(column, FaultCode.UNKNOWN_SEAT, value=value, plan=name)
        if not reader.failed:
            kinds.setdefault(guid, (kind, pair_with))
            readers.setdefault(guid, reader)
    _check_pairs(kinds, readers)
    return with_kinds(plan, kinds)


def _check_pairs(kinds: Mapping[str, tuple[SeatKind, str | None]], readers: Mapping[str, RowReader]) -> None:
    for guid, (kind, partner) in kinds.items():
        if partner is None:
            if kind is SeatKind.COMPANION:
                readers[guid].fault("pair_with", FaultCode.PAIR_REQUIRED, kind=kind)
            continue
        partner_kind, partner_of_partner = kinds.get(partner, (SeatKind.STANDARD, None))
        if kind not in _PARTNER:
            readers[guid].fault("pair_with", FaultCode.PAIR_UNEXPECTED, kind=kind)
        elif partner == guid or partner_of_partner != guid:
            readers[guid].fault("pair_with", FaultCode.PAIR_NOT_MUTUAL, value=partner, seat=guid)
        elif _PARTNER[kind] is not partner_kind:
            params: dict[str, str | int] = {"value": partner, "kind": kind, "other": partner_kind}
            readers[guid].fault("pair_with", FaultCode.PAIR_KINDS, **params)
