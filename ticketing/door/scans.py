"""Taking in scans: each id is looked at first, then the scan is judged, stored, and its admission derived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.door.admission import Passage, Report, disagreement, pass_through, take_back
from ticketing.door.answers import answer_of, ticket_json
from ticketing.door.devices import KnownDevice
from ticketing.door.facts import (
    KnownScreening,
    KnownTicket,
    admitted_counts,
    locked_tickets,
    some_screenings,
)
from ticketing.door.models import Incident, Scan
from ticketing.door.rules import Direction, Gate, Outcome, Snapshot, Verdict, judge
from ticketing.foundation.ids import new_id
from ticketing.tickets.codes import CodeKind, ParsedCode, digest, parse
from ticketing.tickets.models import Ticket

_T = Ticket.__table__.c
_S = Scan.__table__.c
_OURS = Snapshot(authoritative=True, age_seconds=0)
_KNOWN = select(Scan.__table__).where(_S.id.in_(bindparam("ids", expanding=True)))
_SAVE_TICKET = (
    update(Ticket.__table__)  # type: ignore[arg-type]
    .where(_T.serial == bindparam("of_serial"))
    .values(
        inside=bindparam("inside"),
        admitted_at=bindparam("admitted_at"),
        admitted_scan=bindparam("admitted_scan"),
        admitted_device=bindparam("admitted_device"),
        admitted_gate=bindparam("admitted_gate"),
        left_at=bindparam("left_at"),
    )
)
_FINISH = (
    update(Scan.__table__)  # type: ignore[arg-type]
    .where(_S.id == bindparam("of_id"))
    .values(final_verdict=bindparam("stated"), final_reason=bindparam("stated_reason"))
)
_INSERTS = {
    "sqlite": sqlite.insert(Scan.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(Scan.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


@dataclass(frozen=True, kw_only=True)
class ScanIn:
    """A scan as a device sends it; with a verdict it states what was finally shown, without it asks."""

    id: UUID
    code: str | None
    ticket: UUID | None
    screening: str
    hall: str | None
    at: datetime
    seq: int
    offline: bool
    direction: Direction
    gate: str
    verdict: str | None
    reason: str | None
    notes: Mapping[str, Any]


@dataclass
class _Batch:
    device: KnownDevice
    now: datetime
    screenings: dict[str, KnownScreening]
    by_id: dict[int, KnownScreening]
    tickets: dict[bytes | UUID, KnownTicket]
    known: dict[UUID, dict[str, Any]]
    changed: dict[int, KnownTicket]
    rows: list[dict[str, Any]]
    finished: list[dict[str, Any]]
    incidents: list[dict[str, Any]]


def record_scans(
    session: Session, device: KnownDevice, sent_at: datetime, scans: Sequence[ScanIn], now: datetime
) -> list[dict[str, Any]]:
    """Store scans and answer each, in order. A scan is a fact: nothing about its content refuses it."""
    parsed = [_parse(scan) for scan in scans]
    hashes = {digest(code.canonical) for code in parsed if code.kind is CodeKind.OPAQUE and code.canonical}
    # The tickets' rows come first: whoever else has the same scan in hand has locked them, and is stored
    # when we go on.
    tickets = locked_tickets(session, hashes, {scan.ticket for scan in scans if scan.ticket is not None})
    known = session.execute(_KNOWN, {"ids": [scan.id for scan in scans]}).mappings()
    found = some_screenings(session, {scan.screening for scan in scans}, {t.screening_id for t in tickets})
    batch = _Batch(
        device=device,
        now=now,
        screenings={screening.fact.code: screening for screening in found},
        by_id={screening.id: screening for screening in found},
        tickets={t.code_hash: t for t in tickets} | {t.id: t for t in tickets},
        known={row["id"]: dict(row) for row in known},
        changed={},
        rows=[],
        finished=[],
        incidents=[],
    )
    skew = now - sent_at
    answers = [
        _take(batch, scan, code, _corrected(scan.at, skew, now))
        for scan, code in zip(scans, parsed, strict=True)
    ]
    _save(session, batch)
    counts = admitted_counts(session, {s.id for s in found})
    return [
        answer | {"occupancy": _occupancy(batch.screenings.get(scan.screening), counts)}
        for scan, answer in zip(scans, answers, strict=True)
    ]


def _parse(scan: ScanIn) -> ParsedCode:
    if scan.code is not None:
        return parse(scan.code)
    return ParsedCode(kind=CodeKind.OPAQUE, canonical="")


def _corrected(at: datetime, skew: Any, now: datetime) -> datetime:
    """Return a device's time on the server's clock; beyond the calendar, the time of receipt."""
    try:
        corrected: datetime = at.astimezone(UTC) + skew
    except OverflowError:
        return now
    return corrected


def _take(batch: _Batch, scan: ScanIn, code: ParsedCode, at: datetime) -> dict[str, Any]:
    earlier = batch.known.get(scan.id)
    if earlier is not None:
        return _again(batch, scan, earlier)
    ticket = batch.tickets.get(scan.ticket if scan.ticket is not None else digest(code.canonical))
    verdict = _judge(batch, scan, code, ticket, at)
    answer = answer_of(verdict, ticket, batch.screenings, batch.by_id)
    row = {
        "id": scan.id,
        "device_id": batch.device.id,
        "seq": scan.seq,
        "ticket_id": None if ticket is None else ticket.id,
        "code_hash": digest(code.canonical) if code.canonical else None,
        "screening": scan.screening,
        "at": _storable(scan.at, batch.now),
        "corrected_at": _storable(at, batch.now),
        "received_at": batch.now,
        "offline": scan.offline,
        "direction": scan.direction,
        "gate": scan.gate,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "answer": answer,
        "final_verdict": scan.verdict,
        "final_reason": scan.reason,
        "device_notes": dict(scan.notes) or None,
    }
    batch.rows.append(row)
    batch.known[scan.id] = row
    shown = scan.verdict or verdict.verdict
    if ticket is not None and shown == Outcome.ADMIT:
        _report(batch, scan, ticket, pass_through(ticket, _passage(batch, scan, at)))
        batch.changed[ticket.serial] = ticket
    if scan.verdict is not None:
        _report(batch, scan, ticket, disagreement(verdict.verdict, scan.verdict, scan.reason, ticket))
    return {"id": str(scan.id), "stored": "stored", **answer}


def _again(batch: _Batch, scan: ScanIn, earlier: dict[str, Any]) -> dict[str, Any]:
    """Answer an id that is stored: a final statement supersedes an ask, anything else is a replay."""
    stored = "duplicate"
    if scan.verdict is not None and earlier["final_verdict"] is None:
        stored = "stored"
        _finish(batch, scan, earlier)
    return {"id": str(scan.id), "stored": stored, **earlier["answer"]}


def _finish(batch: _Batch, scan: ScanIn, earlier: dict[str, Any]) -> None:
    earlier["final_verdict"], earlier["final_reason"] = scan.verdict, scan.reason
    batch.finished.append({"of_id": scan.id, "stated": scan.verdict, "stated_reason": scan.reason})
    ticket = batch.tickets.get(earlier["ticket_id"]) if earlier["ticket_id"] else None
    if ticket is None:
        return
    if scan.verdict == Outcome.ADMIT and earlier["verdict"] != Outcome.ADMIT:
        _report(batch, scan, ticket, pass_through(ticket, _passage(batch, scan, earlier["corrected_at"])))
    elif scan.verdict != Outcome.ADMIT and earlier["verdict"] == Outcome.ADMIT:
        undone = Passage(
            scan=scan.id,
            device=batch.device.id,
            gate=earlier["gate"],
            at=earlier["corrected_at"],
            direction=Direction(earlier["direction"]),
        )
        _report(batch, scan, ticket, take_back(ticket, undone, earlier["reason"], batch.now))
    batch.changed[ticket.serial] = ticket
    _report(batch, scan, ticket, disagreement(earlier["verdict"], scan.verdict or "", scan.reason, ticket))


def _judge(
    batch: _Batch, scan: ScanIn, code: ParsedCode, ticket: KnownTicket | None, at: datetime
) -> Verdict:
    here = batch.screenings.get(scan.screening)
    hall = scan.hall or (here.fact.hall if here else "")
    own = None if ticket is None else batch.by_id.get(ticket.screening_id)
    return judge(
        code=code,
        ticket=None if ticket is None or own is None else ticket.fact(own.fact.code),
        gate=Gate(screening=scan.screening, hall=hall, venue=here.fact.venue if here else ""),
        screenings={code_: screening.fact for code_, screening in batch.screenings.items()},
        at=at,
        snapshot=_OURS,
        direction=scan.direction,
    )


def _passage(batch: _Batch, scan: ScanIn, at: datetime) -> Passage:
    return Passage(scan=scan.id, device=batch.device.id, gate=scan.gate, at=at, direction=scan.direction)


def _report(batch: _Batch, scan: ScanIn, ticket: KnownTicket | None, report: Report | None) -> None:
    if report is None:
        return
    batch.incidents.append(
        {
            "id": new_id(batch.now),
            "kind": report.kind,
            "at": batch.now,
            "scan_id": scan.id,
            "ticket_id": None if ticket is None else ticket.id,
            "details": {
                "device": batch.device.name,
                "gate": scan.gate,
                "offline": scan.offline,
                "shown": scan.verdict,
                "reason": scan.reason,
                "other_scan": None if report.other_scan is None else str(report.other_scan),
                "place": None if ticket is None else ticket_json(ticket, "")["place"],
            },
        }
    )


def _save(session: Session, batch: _Batch) -> None:
    if batch.rows:
        session.execute(_INSERTS[session.get_bind().dialect.name], batch.rows)
    if batch.finished:
        session.execute(_FINISH, batch.finished)
    if batch.changed:
        session.execute(_SAVE_TICKET, [_admission(ticket) for ticket in batch.changed.values()])
    if batch.incidents:
        session.execute(insert(Incident), batch.incidents)


def _admission(ticket: KnownTicket) -> dict[str, Any]:
    return {
        "of_serial": ticket.serial,
        "inside": ticket.inside,
        "admitted_at": ticket.admitted_at,
        "admitted_scan": ticket.admitted_scan,
        "admitted_device": ticket.admitted_device,
        "admitted_gate": ticket.admitted_gate,
        "left_at": ticket.left_at,
    }


def _storable(moment: datetime, now: datetime) -> datetime:
    """Return a moment that every database can keep: devices with broken clocks send years like 1."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return now
    return utc if 1900 < utc.year < 9999 else now  # noqa: PLR2004 - years


def _occupancy(screening: KnownScreening | None, counts: Mapping[int, int]) -> dict[str, int]:
    if screening is None:
        return {"admitted": 0, "capacity": 0}
    return {"admitted": counts.get(screening.id, 0), "capacity": screening.capacity}
