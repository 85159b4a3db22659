"""Tables of comps: who gave which tickets away, and how many in a day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime


class Comp(Base):
    """Tickets of one screening that staff gave away: an order that costs nothing, with a reason."""

    __tablename__ = "comp"
    __table_args__ = (CheckConstraint("tickets > 0", name="tickets"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    tickets: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    # For whom the festival had kept the places; nothing where they were on sale, or kept for several groups.
    kept_for: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    account: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(200))
    # The day in the festival's zone, which the limit goes by.
    day: Mapped[date]


class CompCount(Base):
    """How many tickets an account has given away in a day; what the limit of its role goes by."""

    __tablename__ = "comp_count"
    __table_args__ = (CheckConstraint("tickets >= 0", name="not_negative"),)

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tickets: Mapped[int]
