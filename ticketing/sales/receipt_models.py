"""Tables of receipts: what buyers and the tax office are told of money, numbered without gaps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, MinorUnits, UtcDateTime

_TO_REGISTER = text("registered_at IS NULL AND refusal = ''")


class ReceiptBook(Base):
    """One row: the number of the last receipt. Whoever makes one locks it first."""

    __tablename__ = "receipt_book"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("last_number >= 0", name="last_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Receipt(Base):
    """A sale or a return as it was: nothing in it is ever changed but what the register says of it."""

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("kind IN ('sale', 'return')", name="kind"),
        CheckConstraint("amount_minor > 0 AND fee_minor >= 0 AND tax_minor >= 0", name="amounts"),
        CheckConstraint("cash_minor >= 0 AND cash_minor <= amount_minor", name="cash"),
        CheckConstraint("tax_rate >= 0", name="tax_rate"),
        Index(
            "ix_receipt_to_register", "next_try_at", sqlite_where=_TO_REGISTER, postgresql_where=_TO_REGISTER
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # What it tells of, once: the ledger's entry of a sale, or the refund that the money went back by.
    source: Mapped[UUID] = mapped_column(Uuid, unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    # When the money moved; the receipt is made a moment later.
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    currency: Mapped[str] = mapped_column(String(3))
    # What was paid or given back; a return's lines less the fee that was kept. `cash_minor` of it in cash.
    amount_minor: Mapped[MinorUnits]
    fee_minor: Mapped[MinorUnits]
    cash_minor: Mapped[MinorUnits]
    # Whose till the cash went through; empty where there was none: then it was sold or returned on the web.
    cashier: Mapped[str] = mapped_column(String(200), default="")
    # In hundredths of a per cent; a return has the rate of its sale.
    tax_rate: Mapped[int]
    tax_minor: Mapped[MinorUnits]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # What the register has said: empty and None until then; a sign stays empty if it gives none.
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    register: Mapped[str] = mapped_column(String(64), default="")
    sign: Mapped[str] = mapped_column(String(64), default="")
    operator: Mapped[str] = mapped_column(String(200), default="")
    check_url: Mapped[str] = mapped_column(String(500), default="")
    refusal: Mapped[str] = mapped_column(String(64), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefundName(Base):
    """A name that a gateway gave to a try of a refund: payouts list also the tries that came back."""

    __tablename__ = "refund_name"

    gateway: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refund.id"), index=True)
