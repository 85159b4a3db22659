"""What revoked phones handed over and nobody has decided on, as staff see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import Words
from ticketing.door.batch import ScanIn
from ticketing.door.models import Device, QuarantinedScan
from ticketing.door.quarantine import scan_of
from ticketing.door.rules import Direction
from ticketing.foundation.security import CodeVault
from ticketing.tickets.codes import digest, parse
from ticketing.tickets.models import FormerCode, Ticket

MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class WaitingScan:
    """A scan as the phone tells of it. `at` is by its corrected clock; `shown` is None when no card came."""

    id: UUID
    at: datetime
    screening: Words | str
    place: str
    gate: str
    direction: Direction
    shown: str | None
    override: str


@dataclass(frozen=True, kw_only=True)
class WaitingDevice:
    """A revoked phone with the oldest scans that wait; `waiting` counts all of them."""

    id: UUID
    name: str
    revoked_at: datetime | None
    waiting: int
    scans: Sequence[WaitingScan]


def waiting_count(session: Session) -> int:
    """Return how many scans of revoked phones wait for a decision."""
    rows = select(QuarantinedScan.device_id, QuarantinedScan.scan_id).where(
        QuarantinedScan.decided_at.is_(None)
    )
    return session.scalar(select(func.count()).select_from(rows.distinct().subquery())) or 0


def waiting_devices(session: Session, vault: CodeVault) -> list[WaitingDevice]:
    """Return the revoked phones whose scans wait, the one that was revoked first at the top."""
    rows = session.execute(
        select(
            Device.id,
            Device.name,
            Device.revoked_at,
            func.count(QuarantinedScan.scan_id.distinct()).label("waiting"),
        )
        .join(QuarantinedScan, QuarantinedScan.device_id == Device.id)
        .where(QuarantinedScan.decided_at.is_(None))
        .group_by(Device.id, Device.name, Device.revoked_at)
        .order_by(Device.revoked_at, Device.id)
    )
    return [
        WaitingDevice(
            id=row.id,
            name=row.name,
            revoked_at=row.revoked_at,
            waiting=row.waiting,
            scans=_scans(session, vault, row.id),
        )
        for row in rows
    ]


def _scans(session: Session, vault: CodeVault, device_id: UUID) -> list[WaitingScan]:
    """Return the oldest scans, each with what its last entry says."""
    waiting = (QuarantinedScan.device_id == device_id, QuarantinedScan.decided_at.is_(None))
    first = func.min(QuarantinedScan.seq)
    oldest = session.scalars(
        select(QuarantinedScan.scan_id)
        .where(*waiting)
        .group_by(QuarantinedScan.scan_id)
        .order_by(first, QuarantinedScan.scan_id)
        .limit(MOST_SHOWN)
    ).all()
    rows = session.scalars(
        select(QuarantinedScan)
        .where(*waiting, QuarantinedScan.scan_id.in_(oldest))
        .order_by(QuarantinedScan.seq)
    ).all()
    last = {row.scan_id: (row, scan_of(vault.open(row.sealed))) for row in rows}
    places = _places(session, [scan for _, scan in last.values()])
    titles = _titles(session, {scan.screening for _, scan in last.values()})
    return [
        WaitingScan(
            id=scan.id,
            at=scan.at + (row.received_at - row.sent_at),
            screening=titles.get(scan.screening, scan.screening),
            place=places.get(_ticket_key(scan), ""),
            gate=scan.gate,
            direction=scan.direction,
            shown=scan.verdict,
            override=scan.override,
        )
        for row, scan in (last[one] for one in oldest)
    ]


def _ticket_key(scan: ScanIn) -> bytes | UUID:
    return scan.ticket if scan.ticket is not None else digest(parse(scan.code or "").canonical)


def _places(session: Session, scans: Iterable[ScanIn]) -> Mapping[bytes | UUID, str]:
    """Return places by what a scan calls its ticket: its id, its code's digest, or that of an older copy."""
    keys = {_ticket_key(scan) for scan in scans}
    hashes = [key for key in keys if isinstance(key, bytes)]
    ids = [key for key in keys if isinstance(key, UUID)]
    rows = session.execute(
        select(Ticket.id, Ticket.code_hash, Ticket.label).where(
            or_(Ticket.code_hash.in_(hashes), Ticket.id.in_(ids))
        )
    )
    former = session.execute(
        select(FormerCode.code_hash, Ticket.label)
        .join(Ticket, Ticket.id == FormerCode.ticket_id)
        .where(FormerCode.code_hash.in_(hashes))
    )
    found: dict[bytes | UUID, str] = {row.code_hash: row.label for row in former}
    for row in rows:
        found[row.id] = found[row.code_hash] = row.label
    return found


def _titles(session: Session, codes: Iterable[str]) -> Mapping[str, Words]:
    rows = session.execute(select(Screening.code, Screening.title).where(Screening.code.in_(list(codes))))
    return {row.code: row.title for row in rows}
