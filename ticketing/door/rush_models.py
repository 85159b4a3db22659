"""Tables of the rush line: released places, slips with numbers, and what phones have leased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, BigKey, UtcDateTime


class RushLine(Base):
    """The rush line of a screening. Numbers up to `called` may come in once places are released."""

    __tablename__ = "rush_line"
    __table_args__ = (CheckConstraint("called >= 0 AND called <= last_number", name="called"),)

    screening_id: Mapped[int] = mapped_column(
        ForeignKey("screening.id"), primary_key=True, autoincrement=False
    )
    # Since when a ticket that nobody has entered with guarantees no place.
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What goes to the line beside the places of those who have not come.
    unsold: Mapped[bool] = mapped_column(default=True)
    kept: Mapped[bool] = mapped_column(default=False)
    # Places of tickets wait until every phone has said that it knows of the release; staff may end that.
    waits: Mapped[bool] = mapped_column(default=True)
    last_number: Mapped[int] = mapped_column(default=0)
    called: Mapped[int] = mapped_column(default=0)


class RushSlip(Base):
    """A number in the line. It names nobody; whoever holds it up is the one. Admission as of a ticket."""

    __tablename__ = "rush_slip"
    __table_args__ = (
        UniqueConstraint("screening_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("NOT inside OR admitted_at IS NOT NULL", name="inside_was_admitted"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("rush_line.screening_id"))
    number: Mapped[int]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_sealed: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    inside: Mapped[bool] = mapped_column(default=False)
    admitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    admitted_scan: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_device: Mapped[UUID | None] = mapped_column(Uuid)
    admitted_gate: Mapped[str | None] = mapped_column(String(40))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RushPlace(Base):
    """A place that was released: one admission, for whoever is let in on it first.

    Free without device and scan, leased with a device, taken with the scan that was shown green on it.
    """

    __tablename__ = "rush_place"

    place_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("place.id"), primary_key=True, autoincrement=False
    )
    screening_id: Mapped[int] = mapped_column(ForeignKey("rush_line.screening_id"), index=True)
    # The ticket that guaranteed it until the release.
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"), unique=True)
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("device.id"))
    # No foreign key: scans are stored after the places that they take.
    scan_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)


class RushSettled(Base):
    """A phone that knows of a release and has sent every scan that it made before it knew."""

    __tablename__ = "rush_settled"

    screening_id: Mapped[int] = mapped_column(ForeignKey("rush_line.screening_id"), primary_key=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("device.id"), primary_key=True)
