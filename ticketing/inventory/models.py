"""Tables of the inventory: one row per place, holds, allocations.

One mechanism for numbered and unnumbered halls. The row itself says who has it, so that a claim's
condition reads that row alone: at READ COMMITTED a joined row would be looked at on an old snapshot.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, UtcDateTime

# As long as plans of pretix may have them.
LABEL = 190
REASON = 200
_HELD = text("hold_id IS NOT NULL")
_ORDERED = text("order_id IS NOT NULL")
_TICKETED = text("ticket_id IS NOT NULL")


class Allocation(Base):
    """Places that the festival keeps for a group; released in time or by hand."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("kind IN ('house', 'badge', 'guests', 'sponsors', 'jury', 'school')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(REASON), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    release_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Hold(Base):
    """A buyer's timed claim on places. Whoever shows its key may use it."""

    __tablename__ = "hold"
    __table_args__ = (CheckConstraint("state IN ('live', 'used', 'released')", name="state"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    state: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Place(Base):
    """One admission's worth of one screening. At most one of hold, order with or without ticket, has it."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("screening_id", "layout", "place_no"),
        UniqueConstraint("screening_id", "layout", "label"),
        CheckConstraint("(hold_id IS NULL) = (held_until IS NULL)", name="hold_has_an_end"),
        CheckConstraint("hold_id IS NULL OR order_id IS NULL", name="one_claim"),
        CheckConstraint("ticket_id IS NULL OR order_id IS NOT NULL", name="ticket_has_order"),
        CheckConstraint("NOT killed OR allocation_id IS NULL", name="killed_is_not_kept"),
        CheckConstraint(
            "NOT rush OR (hold_id IS NULL AND allocation_id IS NULL AND NOT killed)", name="rush_is_not_sold"
        ),
        Index("ix_place_hold_id", "hold_id", postgresql_where=_HELD, sqlite_where=_HELD),
        Index("ix_place_order_id", "order_id", postgresql_where=_ORDERED, sqlite_where=_ORDERED),
        Index("ix_place_ticket_id", "ticket_id", postgresql_where=_TICKETED, sqlite_where=_TICKETED),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screening.id"))
    layout: Mapped[int]
    place_no: Mapped[int]
    label: Mapped[str] = mapped_column(String(LABEL))
    section: Mapped[str] = mapped_column(String(LABEL))
    row: Mapped[str] = mapped_column(String(LABEL))
    number: Mapped[str] = mapped_column(String(LABEL))
    band: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    # The row's position in the plan's order, 1 first; the row goes on behind an aisle.
    line: Mapped[int]
    # Seats of one block stand side by side, without an aisle; neighbours differ by one in place_no.
    block: Mapped[int]
    # The other half of a sofa; a wheelchair space's companion seat, and the other way round.
    pair_no: Mapped[int | None]
    # Position in the order of "best available" for this screening, 1 is best; one rule makes it,
    # inventory/rules.py.
    rank: Mapped[int]
    allocation_id: Mapped[UUID | None] = mapped_column(ForeignKey("allocation.id"))
    killed: Mapped[bool] = mapped_column(default=False)
    kill_reason: Mapped[str] = mapped_column(String(REASON), default="")
    # Kept for those who ask: wheelchair spaces and companion seats, until they are released.
    on_request: Mapped[bool] = mapped_column(default=False)
    # Released at the door: whoever is let in on it first has it, and it is not sold any more.
    rush: Mapped[bool] = mapped_column(default=False)
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("hold.id"))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    ticket_id: Mapped[UUID | None] = mapped_column(Uuid)
