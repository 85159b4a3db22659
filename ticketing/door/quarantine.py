"""What a revoked phone still had to send: kept apart, and taken in only when staff say so (DOOR: "Devices").

Whoever holds such a phone may not be an usher, so nothing of it admits anybody by itself. What is left out
stays on record, undone by nobody.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.door.batch import ScanIn
from ticketing.door.devices import KnownDevice
from ticketing.door.errors import QuarantineFullError
from ticketing.door.facts import locked_tickets
from ticketing.door.models import Device, QuarantinedScan
from ticketing.door.rules import Direction, Outcome, Reason
from ticketing.door.scans import record_scans
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.security import CodeVault
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.codes import digest, parse

MOST_ENTRIES = 20_000
"""Of one device: more than a phone scans in a festival, and no way to fill the disk with a stolen token."""

_Q = QuarantinedScan.__table__.c
_OF_DEVICE = select(func.count()).where(_Q.device_id == bindparam("device"))
_KNOWN = select(_Q.scan_id, _Q.seq).where(
    _Q.device_id == bindparam("device"), _Q.scan_id.in_(bindparam("scans", expanding=True))
)
_INSERTS = {
    "sqlite": sqlite.insert(QuarantinedScan.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(QuarantinedScan.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


def hold_back(
    session: Session,
    vault: CodeVault,
    device: KnownDevice,
    sent_at: datetime,
    scans: Sequence[ScanIn],
    now: datetime,
) -> list[dict[str, str]]:
    """Keep the entries of a revoked device and answer for each, in order. Raises QuarantineFullError."""
    asked = {"device": device.id, "scans": [scan.id for scan in scans]}
    known = {(row.scan_id, row.seq) for row in session.execute(_KNOWN, asked)}
    fresh = {(scan.id, scan.seq): scan for scan in scans if (scan.id, scan.seq) not in known}
    if fresh and session.execute(_OF_DEVICE, {"device": device.id}).scalar_one() + len(fresh) > MOST_ENTRIES:
        raise QuarantineFullError
    rows = [
        {
            "device_id": device.id,
            "scan_id": scan.id,
            "seq": scan.seq,
            "sealed": vault.seal(_text(scan)),
            "sent_at": sent_at,
            "received_at": now,
        }
        for scan in fresh.values()
    ]
    if rows:
        session.execute(_INSERTS[session.get_bind().dialect.name], rows)
    return [
        {"id": str(scan.id), "stored": "duplicate" if (scan.id, scan.seq) in known else "quarantined"}
        for scan in scans
    ]


def take_in(
    session: Session,
    vault: CodeVault,
    device_id: UUID,
    scans: Collection[UUID],
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Let scans of a revoked device count, and return how many did.

    They are merged by their own times, as those of any phone that was offline. Raises ReasonRequiredError,
    and NotFoundError for an unknown device.
    """
    device = _device(session, device_id)
    rows = _waiting(session, device_id, scans)
    entries = [(row, scan_of(vault.open(row.sealed))) for row in rows]
    stated = {scan.id for _, scan in entries if scan.verdict is not None}
    _lock_tickets(session, [scan for _, scan in entries])
    for sent_at, received_at in sorted({(row.sent_at, row.received_at) for row in rows}):
        here = [
            scan if scan.id in stated else _unanswered(scan)
            for row, scan in entries
            if (row.sent_at, row.received_at) == (sent_at, received_at)
        ]
        # The clock of the phone was wrong by what it was when it sent.
        record_scans(session, device, sent_at + (now - received_at), here, now)
    return _decide(session, device, rows, reason, actor, now, accepted=True)


def leave_out(
    session: Session, device_id: UUID, scans: Collection[UUID], reason: str, actor: Actor, now: datetime
) -> int:
    """Let scans of a revoked device count for nothing, and return how many there were.

    Raises ReasonRequiredError, and NotFoundError for an unknown device.
    """
    device = _device(session, device_id)
    return _decide(session, device, _waiting(session, device_id, scans), reason, actor, now, accepted=False)


def scan_of(text: str) -> ScanIn:
    """Return an entry from the text that was sealed."""
    said: Mapping[str, Any] = json.loads(text)
    return ScanIn(
        id=UUID(said["id"]),
        code=said["code"],
        ticket=UUID(said["ticket"]) if said["ticket"] else None,
        screening=said["screening"],
        hall=said["hall"],
        at=datetime.fromisoformat(said["at"]),
        seq=said["seq"],
        offline=said["offline"],
        direction=Direction(said["direction"]),
        gate=said["gate"],
        verdict=said["verdict"],
        reason=said["reason"],
        override=said["override"],
        notes=said["notes"],
        place=said["place"],
        # The chain is not followed: what staff leave out would look like a gap.
        entry=None,
    )


def _text(scan: ScanIn) -> str:
    said = {
        **{name: value for name, value in vars(scan).items() if name != "entry"},
        "id": str(scan.id),
        "ticket": None if scan.ticket is None else str(scan.ticket),
        "at": scan.at.isoformat(),
        "notes": dict(scan.notes),
    }
    return json.dumps(said, ensure_ascii=True)


def _unanswered(scan: ScanIn) -> ScanIn:
    """Return what an ask without a statement comes to: nobody was let in on it."""
    return replace(scan, verdict=Outcome.REFUSE, reason=Reason.STALE)


def _device(session: Session, device_id: UUID) -> KnownDevice:
    """Return a revoked device, locked, so that two decisions on it come one after the other."""
    device = session.get(Device, device_id, with_for_update=True)
    if device is None or device.revoked_at is None:
        raise NotFoundError
    return KnownDevice(id=device.id, name=device.name, venue_id=device.venue_id)


def _waiting(session: Session, device_id: UUID, scans: Collection[UUID]) -> Sequence[QuarantinedScan]:
    query = (
        select(QuarantinedScan)
        .where(
            QuarantinedScan.device_id == device_id,
            QuarantinedScan.scan_id.in_(scans),
            QuarantinedScan.decided_at.is_(None),
        )
        .order_by(QuarantinedScan.seq, QuarantinedScan.scan_id)
    )
    return session.scalars(query.with_for_update()).all()


def _lock_tickets(session: Session, scans: Sequence[ScanIn]) -> None:
    """Lock all tickets at once: the uploads are recorded one after the other, and rows have one order."""
    codes = {parse(scan.code).canonical for scan in scans if scan.code is not None}
    locked_tickets(
        session,
        {digest(code) for code in codes if code},
        {scan.ticket for scan in scans if scan.ticket is not None},
    )


def _decide(
    session: Session,
    device: KnownDevice,
    rows: Sequence[QuarantinedScan],
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    accepted: bool,
) -> int:
    if not reason:
        raise ReasonRequiredError
    scans = {row.scan_id for row in rows}
    if not scans:
        return 0
    keys = [(row.scan_id, row.seq) for row in rows]
    session.execute(
        update(QuarantinedScan)
        .where(
            QuarantinedScan.device_id == device.id,
            tuple_(QuarantinedScan.scan_id, QuarantinedScan.seq).in_(keys),
        )
        .values(decided_at=now, accepted=accepted)
    )
    deed = Deed(
        action="accept_quarantined" if accepted else "dismiss_quarantined",
        object_kind="device",
        object_id=str(device.id),
        reason=reason,
        after={"name": device.name, "scans": sorted(str(scan) for scan in scans)},
    )
    record(session, actor, deed, now)
    return len(scans)
