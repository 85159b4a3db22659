"""Tables of the door: pairings, devices, scans, incidents. Admission itself is state of the ticket."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, UtcDateTime


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


class Scan(Base):
    """An attempt at the door: a fact, whatever it says. `final_*` is what the device finally showed."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        Index("ix_scan_ticket_id", "ticket_id"),
        Index("ix_scan_device_id", "device_id", "seq"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("device.id"))
    seq: Mapped[int] = mapped_column(BigKey)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
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
    device_notes: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Incident(Base):
    """Something at the door that a supervisor should know of."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("kind IN ('double_admission', 'disagreement', 'void_admitted')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan.id"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
