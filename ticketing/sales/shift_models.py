"""The table of shifts: whose till the ledger's cash went through."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, MinorUnits, UtcDateTime

_OPEN = text("closed_at IS NULL")


class Shift(Base):
    """One cashier's time at the till. A cashier has at most one open."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint(
            "(closed_at IS NULL) = (counted_minor IS NULL) AND (closed_at IS NULL) = (begun_minor IS NULL)",
            name="closed_is_counted",
        ),
        CheckConstraint("counted_minor >= 0 AND begun_minor >= 0", name="counted"),
        Index("uq_shift_open", "account", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    # The account or token of the cashier, and the name it had then.
    account: Mapped[str] = mapped_column(String(64))
    cashier: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Counted by the cashier: what lay in the till at the beginning, and what lies there now.
    begun_minor: Mapped[MinorUnits | None]
    counted_minor: Mapped[MinorUnits | None]
    note: Mapped[str] = mapped_column(String(200), default="")
