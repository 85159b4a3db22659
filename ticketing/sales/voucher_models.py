"""Tables of vouchers: series, their codes, and which order used which."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, MinorUnits, UtcDateTime

NAME = 120
PREFIX = 12
CODE = 24


class VoucherSeries(Base):
    """Codes made together for one purpose. What they may cost is counted here, under its own conditions."""

    __tablename__ = "voucher_series"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('percent', 'per_ticket', 'per_order', 'free', 'fixed', 'gift')", name="kind"
        ),
        CheckConstraint("value >= 0 AND (kind <> 'percent' OR value BETWEEN 1 AND 100)", name="value"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_start"),
        CheckConstraint("uses_per_code > 0 AND most_tickets > 0", name="allows_one"),
        CheckConstraint("saved_minor >= 0 AND saved_minor <= budget_minor", name="budget"),
        CheckConstraint("uses >= 0 AND uses <= budget_uses", name="budget_uses"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME))
    reason: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(PREFIX))
    kind: Mapped[str] = mapped_column(String(16))
    # A per cent, or minor units: sales/voucher_rules.py.
    value: Mapped[MinorUnits]
    uses_per_code: Mapped[int]
    # None: as many as an order has.
    most_tickets: Mapped[int | None]
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Codes of screenings and festival sections, names of bands; an empty list restricts nothing.
    screenings: Mapped[list[str]] = mapped_column(JSON)
    sections: Mapped[list[str]] = mapped_column(JSON)
    bands: Mapped[list[str]] = mapped_column(JSON)
    # What all codes together may save, and how often they may be used. None: no limit.
    budget_minor: Mapped[MinorUnits | None]
    budget_uses: Mapped[int | None]
    saved_minor: Mapped[MinorUnits] = mapped_column(default=0)
    uses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(200))
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VoucherCode(Base):
    """A code that a buyer types. Kept as it is: docs/adr says why."""

    __tablename__ = "voucher_code"
    __table_args__ = (
        CheckConstraint("uses >= 0 AND uses <= uses_allowed", name="uses"),
        CheckConstraint("left_minor >= 0", name="left"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    series_id: Mapped[UUID] = mapped_column(ForeignKey("voucher_series.id"), index=True)
    code: Mapped[str] = mapped_column(String(CODE), unique=True)
    uses_allowed: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)
    # What a gift code has still to spend; None for every other kind.
    left_minor: Mapped[MinorUnits | None]


class VoucherUse(Base):
    """The voucher of an order. Promised when the order is made; `given_back` when it counts no longer."""

    __tablename__ = "voucher_use"
    __table_args__ = (CheckConstraint("saved_minor > 0", name="saved"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    code_id: Mapped[UUID] = mapped_column(ForeignKey("voucher_code.id"), index=True)
    series_id: Mapped[UUID] = mapped_column(ForeignKey("voucher_series.id"), index=True)
    saved_minor: Mapped[MinorUnits]
    given_back: Mapped[bool] = mapped_column(default=False)
