"""The table of tickets, with the admission state that the door and the refund desk both lock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.changes import next_change
from ticketing.foundation.db import Base, BigKey, MinorUnits, UtcDateTime
from ticketing.inventory.models import LABEL

_VALID = text("state = 'valid'")
_SIGNED = text("signed_by IS NOT NULL")


class Ticket(Base):
    """The right to enter one place of one screening."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("state IN ('valid', 'void')", name="state"),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="void_has_a_reason"),
        CheckConstraint("(state = 'void') = (voided_at IS NOT NULL)", name="void_has_a_time"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("NOT inside OR admitted_at IS NOT NULL", name="inside_was_admitted"),
        CheckConstraint("price_minor > 0 OR comp_reason IS NOT NULL", name="free_has_a_reason"),
        Index("uq_ticket_valid_place", "place_id", unique=True, sqlite_where=_VALID, postgresql_where=_VALID),
        Index("ix_ticket_screening_id", "screening_id", "inside"),
        Index("ix_ticket_changed", "changed"),
        Index("ix_ticket_signed_by", "signed_by", sqlite_where=_SIGNED, postgresql_where=_SIGNED),
    )

    serial: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    label: Mapped[str] = mapped_column(String(LABEL))
    band: Mapped[str] = mapped_column(String(200))
    concession: Mapped[str] = mapped_column(String(40))
    price_minor: Mapped[MinorUnits]
    comp_reason: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    void_reason: Mapped[str | None] = mapped_column(String(16))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int]
    # Its money is disputed: valid in the books, refused at the door until the dispute is decided.
    blocked: Mapped[bool] = mapped_column(default=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_sealed: Mapped[str] = mapped_column(Text)
    # The key that signed its code, which may have leaked since; opaque codes have none.
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("signing_key.number"))
    # Admission: derived from scans, unique per ticket and screening.
    inside: Mapped[bool]
    admitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    admitted_scan: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_device: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_gate: Mapped[str | None] = mapped_column(String(40))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the row last changed, as phones at the door ask for it: foundation/changes.py.
    changed: Mapped[int] = mapped_column(
        BigKey, default=next_change("ticket"), onupdate=next_change("ticket"), server_default=text("0")
    )


class FormerCode(Base):
    """A code that a ticket had before it was reissued; the door refuses it as an older copy."""

    __tablename__ = "former_code"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision"),
        UniqueConstraint("ticket_id", "revision"),
    )

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    # The ticket's revision while this was its code.
    revision: Mapped[int]
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
