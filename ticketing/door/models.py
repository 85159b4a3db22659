"""Tables of the door: pairings, devices, scans, incidents. Admission itself is state of the ticket."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, UtcDateTime

_SLIP = text("slip_id IS NOT NULL")


class Pairing(Base):
    """A code that turns one phone into a device, once, for a few minutes."""

    __tablename__ = "pairing"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Device(Base):
    """A paired phone or scanner. Without a venue it serves all of them."""

    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the device said of itself at its last sync: scans not sent yet, per cent of battery.
    unsent: Mapped[int | None]
    battery: Mapped[int | None]
    # The newest entry of its log: number and hash, which the next entry must carry.
    log_seq: Mapped[int | None] = mapped_column(BigKey)
    log_hash: Mapped[str | None] = mapped_column(String(64))


class Scan(Base):
    """An attempt at the door: a fact, whatever it says. `final_*` is what the device finally showed."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        Index("ix_scan_ticket_id", "ticket_id"),
        Index("ix_scan_device_id", "device_id", "seq"),
        Index("ix_scan_slip_id", "slip_id", postgresql_where=_SLIP, sqlite_where=_SLIP),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("device.id"))
    seq: Mapped[int] = mapped_column(BigKey)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    slip_id: Mapped[UUID | None] = mapped_column(ForeignKey("rush_slip.id"))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # As the device sent it: a screening that is gone, or that never was, is no reason to lose the scan.
    screening: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offline: Mapped[bool]
    direction: Mapped[str] = mapped_column(String(3))
    gate: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(32))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    final_verdict: Mapped[str | None] = mapped_column(String(8))
    final_reason: Mapped[str | None] = mapped_column(String(32))
    # The number of the entry that stated it: a later one supersedes it, an earlier one is a replay.
    stated_seq: Mapped[int | None] = mapped_column(BigKey)
    device_notes: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Incident(Base):
    """Something at the door that a supervisor should know of."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('double_admission', 'disagreement', 'void_admitted', 'override', 'log_gap',"
            " 'log_break', 'over_capacity')",
            name="kind",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan.id"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    slip_id: Mapped[UUID | None] = mapped_column(ForeignKey("rush_slip.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class DoorPin(Base):
    """What phones check the PIN of a role on a day with; the PIN itself is kept nowhere."""

    __tablename__ = "door_pin"
    __table_args__ = (CheckConstraint("role IN ('usher', 'supervisor')", name="role"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    verifier: Mapped[bytes] = mapped_column(LargeBinary(32))
    iterations: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuarantinedScan(Base):
    """An entry that a revoked device handed over. It is no scan until staff take it in."""

    __tablename__ = "quarantined_scan"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (accepted IS NULL)", name="decided"),
        Index("ix_quarantined_scan_waiting", "decided_at", "device_id"),
    )

    device_id: Mapped[UUID] = mapped_column(ForeignKey("device.id"), primary_key=True)
    # An ask and what was finally shown are two entries of one scan; each has its number in the log.
    scan_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    # The entry as JSON, which holds the ticket's code: sealed like the codes of tickets.
    sealed: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted: Mapped[bool | None]
