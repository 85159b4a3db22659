"""Tables of what goes otherwise with money: disputes, payouts, refused callbacks, what staff must decide."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, MinorUnits, UtcDateTime

_UNDECIDED = text("closed_at IS NULL")


class Matter(Base):
    """Something about money that nobody but staff can decide. Normally there are none."""

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("gateway", "kind", "subject"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
        Index("ix_matter_open", "opened_at", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    # The gateway's name of what it is about, or Kassa's own id.
    subject: Mapped[str] = mapped_column(String(200))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    amount_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    decision: Mapped[str] = mapped_column(String(500), default="")


class Dispute(Base):
    """A buyer's bank wants the money of an order back. Its tickets are blocked until it is decided."""

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        CheckConstraint("withdrawn_minor >= 0 AND withdrawn_minor <= amount_minor", name="withdrawn"),
    )

    gateway: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    state: Mapped[str] = mapped_column(String(8))
    amount_minor: Mapped[MinorUnits]
    # What the bank has taken back for now: it comes back if the festival wins.
    withdrawn_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(64))
    due_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Payout(Base):
    """Money that a gateway sent to the festival's bank, compared with what Kassa knows of."""

    __tablename__ = "payout"
    __table_args__ = (CheckConstraint("state IN ('under_way', 'paid', 'failed')", name="state"),)

    gateway: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
    arrives_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Sums of its movements in the festival's currency: as the gateway says, and as the books say.
    gateway_minor: Mapped[MinorUnits] = mapped_column(default=0)
    books_minor: Mapped[MinorUnits] = mapped_column(default=0)
    unmatched: Mapped[int] = mapped_column(default=0)
    # What they add up to after the gateway's fees, in the currency of the bank account: the payout's amount.
    settled_minor: Mapped[MinorUnits] = mapped_column(default=0)
    matched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NumberedPage(Base):
    """Which order number a bank of numbers was given for which key."""

    __tablename__ = "numbered_page"
    __table_args__ = (UniqueConstraint("gateway", "key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(200))


class NumberedRefund(Base):
    """Who is asking a bank of numbers for a refund, and since when: it would give it twice."""

    __tablename__ = "numbered_refund"

    gateway: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallbackRefusal(Base):
    """How many callbacks were refused on a day, and why: never what was in them."""

    __tablename__ = "callback_refusal"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    gateway: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
