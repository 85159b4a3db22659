"""Tables of swaps: tickets of an order exchanged for other places of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, MinorUnits, UtcDateTime
from ticketing.inventory.models import LABEL

_PENDING = text("status = 'pending'")


class Swap(Base):
    """Tickets that are to become other tickets of the same order. At most one of an order is pending."""

    __tablename__ = "swap"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'done', 'released')", name="status"),
        CheckConstraint("(status = 'pending') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("status <> 'pending' OR payment_id IS NOT NULL", name="waits_for_money"),
        UniqueConstraint("payment_id"),
        Index("uq_swap_pending", "order_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    status: Mapped[str] = mapped_column(String(8))
    # The attempt to pay the difference, if there is one to pay.
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    # What the new places cost more, in minor units; below nothing it went back.
    difference_minor: Mapped[MinorUnits]
    # The ledger's entry once it is done; receipts of both sides go by it.
    entry: Mapped[UUID | None] = mapped_column(Uuid)
    pay_until: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SwapTicket(Base):
    """A ticket that is given up for the new ones."""

    __tablename__ = "swap_ticket"

    swap_id: Mapped[UUID] = mapped_column(ForeignKey("swap.id"), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)


class SwapLine(Base):
    """A new place with its price; what its ticket is made from."""

    __tablename__ = "swap_line"
    __table_args__ = (CheckConstraint("price_minor >= 0", name="price"),)

    swap_id: Mapped[UUID] = mapped_column(ForeignKey("swap.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    label: Mapped[str] = mapped_column(String(LABEL))
    band: Mapped[str] = mapped_column(String(200))
    concession: Mapped[str] = mapped_column(String(40))
    price_minor: Mapped[MinorUnits]
