"""Taking in scans: each id is looked at first, then the scan is judged, stored, and its admission derived."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.door.admission import is_disagreement
from ticketing.door.answers import answer_of
from ticketing.door.batch import Batch, Made, ScanIn, Upload
from ticketing.door.chain import NOTHING_YET, Head, follow
from ticketing.door.devices import KnownDevice
from ticketing.door.facts import (
    KnownScreening,
    KnownTicket,
    admitted_counts,
    locked_tickets,
    some_screenings,
)
from ticketing.door.merge import derive_again, let_through, report, report_doubles, report_fault
from ticketing.door.models import Device, Incident, Scan
from ticketing.door.rules import Direction, Gate, Outcome, Reason, Snapshot, Verdict, judge
from ticketing.door.rush_models import RushSlip
from ticketing.door.rush_scans import NO_ROOM, Room, room_for, settle_place, take_room, waits_for_call
from ticketing.door.slip_facts import locked_slips
from ticketing.foundation.prepared import Prepared
from ticketing.tickets.codes import CodeKind, ParsedCode, digest, parse
from ticketing.tickets.keys import published_keys
from ticketing.tickets.models import Ticket
from ticketing.tickets.signed_codes import PublicKey, read

_T = Ticket.__table__.c
_S = Scan.__table__.c
_OURS = Snapshot(authoritative=True, age_seconds=0)
_OF_TICKETS = (CodeKind.OPAQUE, CodeKind.SIGNED)
_KNOWN = Prepared(select(Scan.__table__).where(_S.id.in_(bindparam("ids", expanding=True))))
_ADMISSION: dict[str, Any] = {
    name: bindparam(name)
    for name in ("inside", "admitted_at", "admitted_scan", "admitted_device", "admitted_gate", "left_at")
}
_SAVE_TICKET = Prepared(
    update(Ticket.__table__)  # type: ignore[arg-type]
    .where(_T.id == bindparam("of_id"))
    .values(_ADMISSION)
)
_SAVE_SLIP = Prepared(
    update(RushSlip.__table__)  # type: ignore[arg-type]
    .where(RushSlip.__table__.c.id == bindparam("of_id"))
    .values(_ADMISSION)
)
_FINISH = Prepared(
    update(Scan.__table__)  # type: ignore[arg-type]
    .where(_S.id == bindparam("of_id"))
    .values(
        final_verdict=bindparam("stated"),
        final_reason=bindparam("stated_reason"),
        stated_seq=bindparam("stated_by"),
        device_notes=bindparam("notes"),
    )
)
_D = Device.__table__.c
_HEADS = Prepared(
    select(_D.id, _D.log_seq, _D.log_hash)
    .where(_D.id.in_(bindparam("devices", expanding=True)))
    .order_by(_D.id)
    .with_for_update()
)
_MOVE_HEAD = Prepared(
    update(Device.__table__)  # type: ignore[arg-type]
    .where(_D.id == bindparam("device"))
    .values(log_seq=bindparam("seq"), log_hash=bindparam("hash"))
)
_INSERTS = {
    "sqlite": Prepared(sqlite.insert(Scan.__table__).on_conflict_do_nothing()),  # type: ignore[arg-type]
    "postgresql": Prepared(postgresql.insert(Scan.__table__).on_conflict_do_nothing()),  # type: ignore[arg-type]
}


def record_scans(
    session: Session, device: KnownDevice, sent_at: datetime, scans: Sequence[ScanIn], now: datetime
) -> list[dict[str, Any]]:
    """Store scans and answer each, in order. A scan is a fact: nothing about its content refuses it."""
    [answers] = record_uploads(session, [Upload(device=device, sent_at=sent_at, scans=scans)], now)
    return answers


def record_uploads(
    session: Session, uploads: Sequence[Upload], now: datetime
) -> Sequence[list[dict[str, Any]]]:
    """Store what several devices have sent, one after the other, as `record_scans` does for one.

    What they ask for is looked up for all of them at once. Rows are locked in an order that is the same for
    everybody: tickets by their serials, slips and the devices that keep a log by their ids.
    """
    # Past the session, which costs a tenth of a scan and keeps nothing of these rows.
    connection = session.connection()
    scans = [scan for upload in uploads for scan in upload.scans]
    codes = {scan.code: _parse(scan) for scan in scans}
    parsed = codes.values()
    hashes = {digest(code.canonical) for code in parsed if code.kind in _OF_TICKETS and code.canonical}
    # The tickets' rows come first: whoever else has the same scan in hand has locked them, and is stored
    # when we go on.
    locked = locked_tickets(connection, hashes, {scan.ticket for scan in scans if scan.ticket is not None})
    slips = locked_slips(
        connection, {digest(code.canonical) for code in parsed if code.kind is CodeKind.SLIP}
    )
    tickets = {**locked.tickets, **slips}
    stored = _KNOWN.rows(connection, {"ids": {scan.id for scan in scans}})
    found = some_screenings(
        connection, {scan.screening for scan in scans}, {t.screening_id for t in tickets.values()}
    )
    # An upload leaves here what those after it must know: its rows, who is in, and what was reported.
    screenings = {screening.fact.code: screening for screening in found}
    looked_up: dict[str, Any] = {
        "screenings": screenings,
        "by_id": {screening.id: screening for screening in found},
        "tickets": tickets,
        "former": locked.former,
        "known": {row.id: row._asdict() for row in stored},
        "keys": _keys(session, parsed, locked.tickets, now),
    }
    made = Made(heads=_heads(connection, uploads))
    answers = []
    for upload in uploads:
        batch = Batch(device=upload.device, now=now, skew=now - upload.sent_at, made=made, **looked_up)
        replays = list(batch.known)
        answers.append([_take(session, batch, scan, codes[scan.code]) for scan in upload.scans])
        report_doubles(session, batch)
        _follow_log(batch, upload.scans, replays)
    _save(connection, made)
    counts = admitted_counts(connection, {s.id for s in found})
    return [
        [
            answer | {"occupancy": _occupancy(screenings.get(scan.screening), counts)}
            for scan, answer in zip(upload.scans, answered, strict=True)
        ]
        for upload, answered in zip(uploads, answers, strict=True)
    ]


def _parse(scan: ScanIn) -> ParsedCode:
    if scan.code is not None:
        return parse(scan.code)
    return ParsedCode(kind=CodeKind.OPAQUE, canonical="")


def _keys(
    session: Session,
    parsed: Collection[ParsedCode],
    tickets: Mapping[bytes | UUID, KnownTicket],
    now: datetime,
) -> Mapping[int, PublicKey]:
    """Return the published keys if there is a code that only its signature can tell of."""
    strange = any(code.kind is CodeKind.SIGNED and digest(code.canonical) not in tickets for code in parsed)
    return {key.number: key for key in published_keys(session, now)} if strange else {}


def _corrected(at: datetime, skew: Any, now: datetime) -> datetime:
    """Return a device's time on the server's clock; beyond the calendar, the time of receipt."""
    try:
        corrected: datetime = at.astimezone(UTC) + skew
    except OverflowError:
        return now
    return corrected


def _take(session: Session, batch: Batch, scan: ScanIn, code: ParsedCode) -> dict[str, Any]:
    at = _corrected(scan.at, batch.skew, batch.now)
    earlier = batch.known.get(scan.id)
    if earlier is not None:
        return _again(session, batch, scan, earlier)
    ticket = batch.tickets.get(scan.ticket if scan.ticket is not None else digest(code.canonical))
    own = None if ticket is None else batch.by_id.get(ticket.screening_id)
    room = room_for(session, batch, scan, ticket, own)
    verdict = _judge(batch, scan, code, ticket, at, room)
    row = _row(batch, scan, code, ticket, at)
    row |= {"verdict": verdict.verdict, "reason": verdict.reason}
    row["answer"] = answer_of(verdict, ticket, batch.screenings, batch.by_id)
    batch.made.rows.append(row)
    batch.known[scan.id] = row
    if ticket is not None:
        if room is not None and verdict.verdict == Outcome.ADMIT and scan.verdict in (None, Outcome.ADMIT):
            take_room(session, batch, scan, ticket, room, row["answer"])
        if scan.verdict == Outcome.ADMIT:
            settle_place(session, batch, scan, row, ticket, needs_one=room is not None)
    if ticket is not None and (scan.verdict or verdict.verdict) == Outcome.ADMIT:
        let_through(session, batch, ticket, row)
    if scan.verdict is not None:
        _compare(batch, scan, row, ticket)
    return {"id": str(scan.id), "stored": "stored", **row["answer"]}


def _row(
    batch: Batch, scan: ScanIn, code: ParsedCode, ticket: KnownTicket | None, at: datetime
) -> dict[str, Any]:
    return {
        "id": scan.id,
        "device_id": batch.device.id,
        "seq": scan.seq,
        "ticket_id": None if ticket is None or ticket.slip is not None else ticket.id,
        "slip_id": None if ticket is None or ticket.slip is None else ticket.id,
        "code_hash": digest(code.canonical) if code.canonical else None,
        "screening": scan.screening,
        "at": _storable(scan.at, batch.now),
        "corrected_at": _storable(at, batch.now),
        "received_at": batch.now,
        "offline": scan.offline,
        "direction": scan.direction,
        "gate": scan.gate,
        "final_verdict": scan.verdict,
        "final_reason": scan.reason,
        "stated_seq": None if scan.verdict is None else scan.seq,
        "device_notes": dict(scan.notes) or None,
    }


def _again(session: Session, batch: Batch, scan: ScanIn, earlier: dict[str, Any]) -> dict[str, Any]:
    """Answer an id that is stored: a statement supersedes an ask and earlier ones, else it is a replay."""
    stored = "duplicate"
    if scan.verdict is not None and (
        earlier["final_verdict"] is None or scan.seq > (earlier["stated_seq"] or 0)
    ):
        stored = "stored"
        _finish(session, batch, scan, earlier)
    return {"id": str(scan.id), "stored": stored, **earlier["answer"]}


def _finish(session: Session, batch: Batch, scan: ScanIn, earlier: dict[str, Any]) -> None:
    shown_before = earlier["final_verdict"] or earlier["verdict"]
    notes = {**(earlier["device_notes"] or {}), **scan.notes} or None
    earlier |= {
        "final_verdict": scan.verdict,
        "final_reason": scan.reason,
        "stated_seq": scan.seq,
        "device_notes": notes,
    }
    batch.made.finished.append(
        {
            "of_id": scan.id,
            "stated": scan.verdict,
            "stated_reason": scan.reason,
            "stated_by": scan.seq,
            "notes": notes,
        }
    )
    holder = earlier["ticket_id"] or earlier["slip_id"]
    ticket = batch.tickets.get(holder) if holder else None
    if ticket is not None:
        own = batch.by_id.get(ticket.screening_id)
        needs_one = room_for(session, batch, scan, ticket, own) is not None
        settle_place(session, batch, scan, earlier, ticket, needs_one=needs_one)
    if ticket is not None and scan.verdict != shown_before:
        if scan.verdict == Outcome.ADMIT:
            let_through(session, batch, ticket, earlier)
        elif shown_before == Outcome.ADMIT:
            derive_again(session, batch, ticket)
    _compare(batch, scan, earlier, ticket)


def _compare(batch: Batch, scan: ScanIn, row: Mapping[str, Any], ticket: KnownTicket | None) -> None:
    """Report a statement that the server would not have made."""
    shown, judged = scan.verdict or "", row["verdict"]
    void = ticket is not None and (row["code_hash"] in batch.former or ticket.state != "valid")
    lets_in = shown == Outcome.ADMIT and judged != Outcome.ADMIT
    if lets_in and scan.override:
        if row["reason"] != Reason.ALREADY_IN:
            report(batch, scan, ticket, "override", judged=row["reason"], override=scan.override)
    elif lets_in and void and scan.direction is Direction.IN:
        report(batch, scan, ticket, "void_admitted")
    elif lets_in and row["reason"] in NO_ROOM:
        return  # nobody was counted twice, or the line's places have told it
    elif is_disagreement(judged, row["reason"], shown, scan.reason):
        report(batch, scan, ticket, "disagreement", judged=row["reason"])


def _heads(connection: Connection, uploads: Sequence[Upload]) -> dict[UUID, Head]:
    """Return how far the logs of devices that keep one stand, locked in the order of their ids."""
    keeping = {up.device.id for up in uploads if any(scan.entry is not None for scan in up.scans)}
    if not keeping:
        return {}
    rows = _HEADS.rows(connection, {"devices": keeping})
    return {row.id: NOTHING_YET if row.log_seq is None else Head(row.log_seq, row.log_hash) for row in rows}


def _follow_log(batch: Batch, scans: Sequence[ScanIn], replays: Sequence[UUID]) -> None:
    """Check that the device's log goes on where it stood; devices that keep none are left alone."""
    entries = [scan.entry for scan in scans if scan.entry is not None]
    if not entries:
        return
    before = batch.made.heads[batch.device.id]
    head, faults = follow(before, entries, replays)
    for fault in faults:
        report_fault(batch, fault.kind, fault.scan, expected=fault.expected, seq=fault.seq)
    if head != before:
        batch.made.heads[batch.device.id] = head
        batch.made.moved.add(batch.device.id)


def _judge(
    batch: Batch,
    scan: ScanIn,
    code: ParsedCode,
    ticket: KnownTicket | None,
    at: datetime,
    room: Room | None,
) -> Verdict:
    here = batch.screenings.get(scan.screening)
    hall = scan.hall or (here.fact.hall if here else "")
    own = None if ticket is None else batch.by_id.get(ticket.screening_id)
    former = scan.ticket is None and digest(code.canonical) in batch.former
    return judge(
        code=code,
        ticket=None
        if ticket is None or own is None
        else ticket.fact(own.fact.code, former=former, needs_reservation=waits_for_call(ticket, own)),
        gate=Gate(screening=scan.screening, hall=hall, venue=here.fact.venue if here else ""),
        screenings={code_: screening.fact for code_, screening in batch.screenings.items()},
        at=at,
        snapshot=_OURS,
        direction=scan.direction,
        capacity=None if room is None else room.capacity,
        signature=read(code.canonical, batch.keys).standing
        if ticket is None and code.kind is CodeKind.SIGNED
        else None,
    )


def _save(connection: Connection, made: Made) -> None:
    if made.rows:
        _INSERTS[connection.dialect.name].count_together(connection, made.rows)
    if made.finished:
        _FINISH.count_all(connection, made.finished)
    if made.changed:
        tickets = [_admission(one) for one in made.changed.values() if one.slip is None]
        slips = [_admission(one) for one in made.changed.values() if one.slip is not None]
        if tickets:
            _SAVE_TICKET.count_together(connection, tickets)
        if slips:
            _SAVE_SLIP.count_together(connection, slips)
    if made.moved:
        heads = [(device, made.heads[device]) for device in made.moved]
        _MOVE_HEAD.count_all(
            connection, [{"device": device, "seq": head.seq, "hash": head.hash} for device, head in heads]
        )
    if made.incidents:
        connection.execute(insert(Incident), made.incidents)


def _admission(ticket: KnownTicket) -> dict[str, Any]:
    return {
        "of_id": ticket.id,
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
