"""Merging what devices showed: the admission of each ticket, and what a supervisor must know."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, select
from sqlalchemy.orm import Session

from ticketing.door.admission import Passage, derive, go_on, is_next, set_admission
from ticketing.door.batch import Batch, ScanIn
from ticketing.door.facts import KnownTicket
from ticketing.door.models import Device, Incident, Scan
from ticketing.door.rules import Direction, Outcome
from ticketing.foundation.ids import new_id

_S = Scan.__table__.c
_I = Incident.__table__.c
_D = Device.__table__.c
_DOUBLE = "double_admission"
_HISTORY_OF = select(
    _S.id, _S.device_id, _S.ticket_id, _S.slip_id, _S.corrected_at, _S.gate, _S.direction, _S.offline,
    _S.device_notes,
).where(func.coalesce(_S.final_verdict, _S.verdict) == str(Outcome.ADMIT))  # fmt: skip
_HISTORY = _HISTORY_OF.where(_S.ticket_id.in_(bindparam("tickets", expanding=True)))
_REPORTED = select(_I.scan_id).where(
    _I.ticket_id.in_(bindparam("tickets", expanding=True)), _I.kind == _DOUBLE
)
# The same of slips: two statements, since each has an index of its own, and slips are few.
_SLIP_HISTORY = _HISTORY_OF.where(_S.slip_id.in_(bindparam("slips", expanding=True)))
_SLIPS_REPORTED = select(_I.scan_id).where(
    _I.slip_id.in_(bindparam("slips", expanding=True)), _I.kind == _DOUBLE
)
_NAMES = select(_D.id, _D.name).where(_D.id.in_(bindparam("devices", expanding=True)))


def let_through(session: Session, batch: Batch, ticket: KnownTicket, row: Mapping[str, Any]) -> None:
    """Count a passage that was shown green; its row is known to the batch already."""
    passage = _passage(row)
    batch.made.changed[ticket.id] = ticket
    if is_next(ticket, passage) or _is_last_way_out(session, batch, ticket, passage):
        go_on(ticket, passage)
    else:
        derive_again(session, batch, ticket)


def derive_again(session: Session, batch: Batch, ticket: KnownTicket) -> None:
    """Derive a ticket's admission from all that was shown, stored before or in this batch."""
    admission = derive(_passages(session, batch, ticket))
    set_admission(ticket, admission)
    batch.made.changed[ticket.id] = ticket
    batch.doubles[ticket.id] = admission.doubles


def _is_last_way_out(session: Session, batch: Batch, ticket: KnownTicket, passage: Passage) -> bool:
    """Tell whether somebody goes out after all that was shown; of one moment, what arrives last is last."""
    if passage.direction is not Direction.OUT:
        return False
    return all(one.at <= passage.at for one in _passages(session, batch, ticket))


def _passages(session: Session, batch: Batch, ticket: KnownTicket) -> list[Passage]:
    """Return all that was shown green of a ticket, stored before or in this batch."""
    if batch.history is None:
        batch.history = _read_history(session, {one.id: one for one in batch.tickets.values()}.values())
    stored = [one for one in batch.history.get(ticket.id, ()) if one.scan not in batch.known]
    here = [_passage(row) for row in batch.known.values() if _holder(row) == ticket.id and _is_shown(row)]
    return [*stored, *here]


def report(batch: Batch, scan: ScanIn, ticket: KnownTicket | None, kind: str, **more: object) -> None:
    """Let a supervisor know of a scan."""
    details = {"offline": scan.offline, "shown": scan.verdict, "reason": scan.reason, **more}
    _add(batch, kind, scan.id, ticket, {"device": batch.device.name, "gate": scan.gate, **details})


def report_doubles(session: Session, batch: Batch) -> None:
    """Report each entry while somebody was in on the same ticket, once; the batch as a whole counts."""
    found = {ticket: doubles for ticket, doubles in batch.doubles.items() if doubles}
    if not found:
        return
    slips = [one for one in found if batch.tickets[one].slip is not None]
    reported = {one["scan_id"] for one in batch.made.incidents if one["kind"] == _DOUBLE}
    reported |= set(session.scalars(_REPORTED, {"tickets": list(found.keys() - set(slips))}))
    if slips:
        reported |= set(session.scalars(_SLIPS_REPORTED, {"slips": slips}))
    fresh = [
        (ticket, later, first)
        for ticket, doubles in found.items()
        for later, first in doubles
        if later.scan not in reported
    ]
    devices = {one.device for _, *pair in fresh for one in pair}
    names = {row.id: row.name for row in session.execute(_NAMES, {"devices": list(devices)})}
    for ticket_id, later, first in fresh:
        _add_double(batch, batch.tickets[ticket_id], later, first, names)


def _add_double(
    batch: Batch, ticket: KnownTicket, later: Passage, first: Passage, names: Mapping[UUID, str]
) -> None:
    pair = (first, later)
    details = {
        "device": names.get(later.device, ""),
        "gate": later.gate,
        "offline": later.offline,
        "other_scan": str(first.scan),
        "devices": [names.get(one.device, "") for one in pair],
        "gates": [one.gate for one in pair],
        "times": [one.at.isoformat() for one in pair],
        "skew_seconds": round(abs(batch.skew.total_seconds()), 1),
        "minutes_late": max(int((batch.now - later.at).total_seconds() // 60), 0),
        "same_seat": bool(ticket.row),
        "override": later.override or None,
    }
    _add(batch, _DOUBLE, later.scan, ticket, details)


def _add(
    batch: Batch, kind: str, scan: UUID, ticket: KnownTicket | None, details: Mapping[str, object]
) -> None:
    named = {"place": None if ticket is None else ticket.label}
    if ticket is not None and ticket.slip is not None:
        named = {"slip": str(ticket.slip)}
    batch.made.incidents.append(
        {
            "id": new_id(batch.now),
            "kind": kind,
            "at": batch.now,
            "scan_id": scan,
            "ticket_id": None if ticket is None or ticket.slip is not None else ticket.id,
            "slip_id": None if ticket is None or ticket.slip is None else ticket.id,
            "details": {**details, **named},
        }
    )


def report_fault(batch: Batch, kind: str, scan: UUID, **details: object) -> None:
    """Let a supervisor know that a device's log is not whole."""
    _add(batch, kind, scan, None, {"device": batch.device.name, **details})


def _read_history(session: Session, tickets: Collection[KnownTicket]) -> dict[UUID, list[Passage]]:
    slips = [one.id for one in tickets if one.slip is not None]
    rows: list[RowMapping] = list(
        session.execute(_HISTORY, {"tickets": [one.id for one in tickets if one.slip is None]}).mappings()
    )
    if slips:
        rows += session.execute(_SLIP_HISTORY, {"slips": slips}).mappings()
    history: dict[UUID, list[Passage]] = {}
    for row in rows:
        history.setdefault(_holder(row), []).append(_passage(row))
    return history


def _holder(row: Mapping[str, Any] | RowMapping) -> UUID:
    """Return whose passage it was: a ticket's or a slip's."""
    holder: UUID = row["ticket_id"] or row["slip_id"]
    return holder


def _is_shown(row: Mapping[str, Any]) -> bool:
    return bool((row["final_verdict"] or row["verdict"]) == Outcome.ADMIT)


def _passage(row: Mapping[str, Any] | RowMapping) -> Passage:
    override = (row["device_notes"] or {}).get("override")
    return Passage(
        scan=row["id"],
        device=row["device_id"],
        gate=row["gate"],
        at=row["corrected_at"],
        direction=Direction(row["direction"]),
        offline=row["offline"],
        override=override_text(override),
    )


def override_text(override: object) -> str:
    """Return a supervisor's reason, however the device has said it."""
    text = override.get("reason", "") if isinstance(override, dict) else override
    return text[:200] if isinstance(text, str) else ""
