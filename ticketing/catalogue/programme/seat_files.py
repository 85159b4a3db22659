"""A plan's sidecar, `<plan>.seats.csv`: kinds and pairs of seats, which the plan's own format cannot say."""

import csv
import io
import json
from collections.abc import Iterable, Mapping

from ticketing.catalogue.plans import SeatKind, SeatPlan, with_kinds
from ticketing.catalogue.programme.cells import RowReader, first_rows
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import SEATS_COLUMNS
from ticketing.catalogue.programme.tables import MAX_CELL_CHARACTERS, RawTable, is_formula, shape_table

# Who sits beside whom: a companion beside a wheelchair, and a sofa has two halves.
PARTNER: Mapping[SeatKind, SeatKind] = {
    SeatKind.WHEELCHAIR: SeatKind.COMPANION,
    SeatKind.COMPANION: SeatKind.WHEELCHAIR,
    SeatKind.SOFA: SeatKind.SOFA,
}
_QUOTE = '"'
_LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029"}


def with_seat_file(plan: SeatPlan, raw: RawTable, name: str, log: FaultLog) -> SeatPlan:
    """Return the plan, which is called `name` in messages, with the kinds of the sidecar's rows."""
    table = shape_table(raw, SEATS_COLUMNS, log)
    first_rows(table.records, "seat_guid", log)
    guids = {seat.guid for seat in plan.seats}
    kinds: dict[str, tuple[SeatKind, str | None]] = {}
    readers: dict[str, RowReader] = {}
    for record in table.records:
        reader = RowReader(record, log)
        guid = _guid_of(reader.text("seat_guid", MAX_CELL_CHARACTERS))
        kind = reader.choice("kind", SeatKind)
        pair_with = _guid_of(reader.optional_text("pair_with", MAX_CELL_CHARACTERS)) or None
        for column, value in (("seat_guid", guid), ("pair_with", pair_with)):
            if value and value not in guids:
                reader.fault(column, FaultCode.UNKNOWN_SEAT, value=value, plan=name)
        if not reader.failed:
            kinds.setdefault(guid, (kind, pair_with))
            readers.setdefault(guid, reader)
    _check_pairs(kinds, readers)
    return with_kinds(plan, kinds)


def seat_rows(plan: SeatPlan) -> Iterable[tuple[str, str, str]]:
    """Return the sidecar's rows below its header: the seats that are not standard."""
    for seat in plan.seats:
        if seat.kind is not SeatKind.STANDARD:
            yield _cell_of(seat.guid), str(seat.kind), _cell_of(seat.pair_with or "")


def seat_file(plan: SeatPlan) -> str:
    """Return the sidecar as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([SEATS_COLUMNS, *seat_rows(plan)])
    return text.getvalue()


def _cell_of(guid: str) -> str:
    """Return a guid as a cell; one that a spreadsheet would calculate or trim stands as a JSON string."""
    is_plain = guid == guid.strip() and not is_formula(guid) and not guid.startswith(_QUOTE)
    if is_plain and not any(end in guid for end in _LINE_ENDS):
        return guid
    quoted = json.dumps(guid, ensure_ascii=False)
    for end, escaped in _LINE_ENDS.items():
        quoted = quoted.replace(end, escaped)
    return quoted


def _guid_of(cell: str) -> str:
    """Return the guid that a cell names."""
    if not cell.startswith(_QUOTE):
        return cell
    try:
        guid = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return guid if isinstance(guid, str) else cell


def _check_pairs(kinds: Mapping[str, tuple[SeatKind, str | None]], readers: Mapping[str, RowReader]) -> None:
    for guid, (kind, partner) in kinds.items():
        if partner is None:
            if kind is SeatKind.COMPANION:
                readers[guid].fault("pair_with", FaultCode.PAIR_REQUIRED, kind=kind)
            continue
        partner_kind, partner_of_partner = kinds.get(partner, (SeatKind.STANDARD, None))
        if kind not in PARTNER:
            readers[guid].fault("pair_with", FaultCode.PAIR_UNEXPECTED, kind=kind)
        elif partner == guid or partner_of_partner != guid:
            readers[guid].fault("pair_with", FaultCode.PAIR_NOT_MUTUAL, value=partner, seat=guid)
        elif PARTNER[kind] is not partner_kind:
            params: dict[str, str | int] = {"value": partner, "kind": kind, "other": partner_kind}
            readers[guid].fault("pair_with", FaultCode.PAIR_KINDS, **params)
