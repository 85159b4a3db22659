"""Tables of passes that phones watch: what each is, which devices have it, and the count of changes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime

DEVICE, PUSH_TOKEN = 200, 200


class WalletChanges(Base):
    """One row: how many changes of passes there were. Kept locked until the commit: tags only rise."""

    __tablename__ = "wallet_changes"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)


class WalletPass(Base):
    """A pass that some device has asked to hear of.

    Its serial is the ticket's id for the buyer, and the transfer's for a friend.
    """

    __tablename__ = "wallet_pass"

    serial: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    # A hash of what it says; since when, in whole seconds, later with every change.
    facts: Mapped[bytes] = mapped_column(LargeBinary(32))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


_BEHIND = text("told < tag")


class WalletRegistration(Base):
    """A device that has a pass. It is told of a change by a push, due while `told` is behind `tag`."""

    __tablename__ = "wallet_registration"
    __table_args__ = (
        CheckConstraint("told <= tag", name="told_what_is"),
        Index("ix_wallet_registration_waiting", "due_at", sqlite_where=_BEHIND, postgresql_where=_BEHIND),
    )

    device: Mapped[str] = mapped_column(String(DEVICE), primary_key=True)
    serial: Mapped[UUID] = mapped_column(ForeignKey("wallet_pass.serial"), primary_key=True, index=True)
    push_token: Mapped[str] = mapped_column(String(PUSH_TOKEN))
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The numbers of the last change, or of the registration, and of what the device was told of.
    tag: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
