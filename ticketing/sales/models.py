"""Tables of sales: orders, payments, gateway events, refunds, the ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, MinorUnits, UtcDateTime
from ticketing.inventory.models import LABEL

# An attempt that money may still come of: it keeps the order's places.
_OPEN = text("state IN ('starting', 'open', 'processing', 'authorised')")
_PENDING = text("status = 'pending'")


class Order(Base):
    """What one buyer takes at once."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'paid', 'expired', 'cancelled', 'refunded')", name="status"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint("saved_minor >= 0", name="saved_not_negative"),
        Index("ix_orders_pending", "pay_until", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    status: Mapped[str] = mapped_column(String(16))
    buyer_name: Mapped[str] = mapped_column(String(200))
    buyer_email: Mapped[str] = mapped_column(String(254))
    buyer_phone: Mapped[str | None] = mapped_column(String(20))
    # Folded code, name, mail address and phone: what the box office searches.
    search: Mapped[str] = mapped_column(String(800))
    locale: Mapped[str] = mapped_column(String(2))
    terms_version: Mapped[str] = mapped_column(String(32))
    total_minor: Mapped[MinorUnits]
    # What a voucher took off; the total is without it.
    saved_minor: Mapped[MinorUnits] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    pay_until: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class OrderLine(Base):
    """A place of an order with its price; what its ticket is made from."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "place_id"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("saved_minor >= 0", name="saved"),
        CheckConstraint("gift_minor >= 0 AND gift_minor <= saved_minor", name="gift"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    label: Mapped[str] = mapped_column(String(LABEL))
    # The label of the place that was ordered, where a late payment found it gone: sales/late_places.py.
    instead_of: Mapped[str | None] = mapped_column(String(LABEL))
    band: Mapped[str] = mapped_column(String(200))
    concession: Mapped[str] = mapped_column(String(40))
    price_minor: Mapped[MinorUnits]
    # The place's share of what a voucher took off; the price is without it.
    saved_minor: Mapped[MinorUnits] = mapped_column(default=0)
    # What of it a gift code pays; nothing once its ticket was given back: sales/gifts.py.
    gift_minor: Mapped[MinorUnits] = mapped_column(default=0)


class BuyerCount(Base):
    """How many places of a screening one buyer has ordered and not given back; what buyer limits go by."""

    __tablename__ = "buyer_count"
    __table_args__ = (CheckConstraint("places >= 0", name="not_negative"),)

    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    # The digest of the normalised mail address: sales/place_limits.py.
    buyer: Mapped[str] = mapped_column(String(64), primary_key=True)
    places: Mapped[int]


class Payment(Base):
    """One attempt to pay an order. At most one attempt of an order is open."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("order_id", "attempt"),
        UniqueConstraint("gateway", "session"),
        UniqueConstraint("gateway", "reference"),
        CheckConstraint(
            "state IN ('starting', 'open', 'processing', 'authorised', 'releasing', 'captured', 'declined',"
            " 'expired', 'parked')",
            name="state",
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        # Owed to the buyer or given back, never more than came in.
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= captured_minor", name="refunded"),
        Index("uq_payment_open", "order_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    attempt: Mapped[int]
    gateway: Mapped[str] = mapped_column(String(16))
    session: Mapped[str | None] = mapped_column(String(200))
    # The gateway's name for the money itself, once somebody has paid: refunds and disputes go by it.
    reference: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(16))
    # Pays a swap's difference (sales/swaps.py), not the order.
    for_swap: Mapped[bool] = mapped_column(default=False)
    amount_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
    captured_minor: Mapped[MinorUnits] = mapped_column(default=0)
    refunded_minor: Mapped[MinorUnits] = mapped_column(default=0)
    # The request exactly as sent, so that an unknown outcome can be repeated with the same key.
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GatewayEvent(Base):
    """A notification of a gateway, kept under its own id before anything is made of it."""

    __tablename__ = "gateway_event"
    __table_args__ = (UniqueConstraint("gateway", "event"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(200))
    # What it is about, and that object's name at the gateway.
    about: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(64))


class DemoSession(Base):
    """The demo bank's own memory of a payment page. Kassa reads it only through the gateway port."""

    __tablename__ = "demo_session"
    __table_args__ = (CheckConstraint("state IN ('open', 'complete', 'declined', 'expired')", name="state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
    captured_minor: Mapped[MinorUnits] = mapped_column(default=0)
    refunded_minor: Mapped[MinorUnits] = mapped_column(default=0)
    reference: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(2))
    return_url: Mapped[str] = mapped_column(String(1000))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DemoRefund(Base):
    """The demo bank's own memory of a refund, by idempotency key."""

    __tablename__ = "demo_refund"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("demo_session.id"))
    amount_minor: Mapped[MinorUnits]


class Refund(Base):
    """Money going back. Its tickets are void already; `pending` until the gateway has said so."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="status"),
        CheckConstraint("amount_minor >= 0 AND fee_minor >= 0", name="amounts"),
        CheckConstraint("amount_minor = 0 OR payment_id IS NOT NULL", name="from_a_payment"),
        CheckConstraint("NOT outside OR status <> 'pending'", name="outside_is_done"),
        CheckConstraint("method IN ('original', 'cash', 'dispute', 'outside')", name="method"),
        CheckConstraint("method = 'original' OR status = 'done'", name="cash_is_done"),
        CheckConstraint(
            "loss_minor >= 0 AND loss_minor <= amount_minor AND (loss_minor = 0 OR fee_minor = 0)",
            name="loss",
        ),
        CheckConstraint("part_of IS NULL OR fee_minor = 0", name="part_keeps_no_fee"),
        UniqueConstraint("payment_id", "name"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    # The refund that this is a part of: an order paid by several payments is refunded from each of them. The
    # first part has the tickets and the fee.
    part_of: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"))
    # The way it was paid, cash out of the till, taken by the buyer's bank in a dispute that was lost, or a
    # part of a refund made in the gateway's own dashboard.
    method: Mapped[str] = mapped_column(String(8), default="original")
    amount_minor: Mapped[MinorUnits]
    fee_minor: Mapped[MinorUnits]
    # Of one made in the gateway's own dashboard: how much of the amount no ticket stands for.
    loss_minor: Mapped[MinorUnits] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(16))
    # The gateway's name for it, once it has one; `attempt` counts the keys that it was asked for under.
    name: Mapped[str | None] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(default=1)
    failure: Mapped[str] = mapped_column(String(64), default="")
    # Made in the gateway's own dashboard: no tickets are void for it until staff decide which.
    outside: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(500))
    actor_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefundTicket(Base):
    """The tickets of a refund. A ticket is refunded at most once."""

    __tablename__ = "refund_ticket"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refund.id"), index=True)


class LedgerLine(Base):
    """One side of a double entry: lines of an `entry` add up to nothing. Debit is positive."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint(
            "account IN ('gateway', 'tickets', 'fees', 'refunds_owed', 'parked', 'disputed', 'withheld',"
            " 'cash', 'losses')",
            name="account",
        ),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    entry: Mapped[UUID] = mapped_column(Uuid, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(16))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    screening_id: Mapped[int | None] = mapped_column(ForeignKey("screening.id"))
    gateway: Mapped[str] = mapped_column(String(16))
    # Of cash: whose till it went through.
    shift_id: Mapped[UUID | None] = mapped_column(ForeignKey("shift.id"), index=True)
    account: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[MinorUnits]
    currency: Mapped[str] = mapped_column(String(3))
