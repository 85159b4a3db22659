"""The table of transfers: tickets that their buyer has sent to somebody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime

_LIVE = text("taken_back_at IS NULL")


class Transfer(Base):
    """A ticket sent to a friend: live until it is taken back. At most one of a ticket is live."""

    __tablename__ = "transfer"
    __table_args__ = (
        # The first code is the buyer's.
        CheckConstraint("revision >= 2", name="revision"),
        CheckConstraint("opened_at IS NULL OR taken_back_at IS NULL", name="opened_stays"),
        UniqueConstraint("ticket_id", "revision"),
        Index("uq_transfer_live", "ticket_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    # The ticket's revision whose code this friend has.
    revision: Mapped[int]
    to_name: Mapped[str] = mapped_column(String(200))
    to_email: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(2))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
