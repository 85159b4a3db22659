"""Links that let an address prove itself: to find its orders, or to become an order's new address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime


class OwnLink(Base):
    """A link that was asked for; good once. With an order, opening it makes the address that order's."""

    __tablename__ = "own_link"
    __table_args__ = (CheckConstraint("used_at IS NULL OR used_at >= asked_at", name="used_later"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(2))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
