"""The table of tickets, with the admission state that the door and the refund desk both lock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, MinorUnits, UtcDateTime
from ticketing.inventory.models import LABEL

_VALID = text("state = 'valid'")


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
    # Admission: derived from scans, unique per ticket and screening.
    inside: Mapped[bool]
    admitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    admitted_scan: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_device: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_gate: Mapped[str | None] = mapped_column(String(40))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
