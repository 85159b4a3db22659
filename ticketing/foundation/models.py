"""Tables of the foundation: the instance itself, the outbox, mails, idempotency keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.foundation.db import Base, UtcDateTime


class Instance(Base):
    """One row: which environment this database belongs to, and the epoch that a restore renews."""

    __tablename__ = "instance"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    environment: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxEntry(Base):
    """An effect to carry out, written in the transaction that causes it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "due_at",
            sqlite_where=text("done_at IS NULL AND dead_at IS NULL"),
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailEntry(Base):
    """A mail: what it says, to whom, and how far it is."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'in_flight', 'sent', 'bounced', 'dead')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_is_dated"),
        Index(
            "ix_mail_waiting",
            "due_at",
            sqlite_where=text("state IN ('queued', 'in_flight')"),
            postgresql_where=text("state IN ('queued', 'in_flight')"),
        ),
        Index("ix_mail_recipient", "recipient", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    # What it is written for: the same cause never makes a second one.
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    # The code of the order it is about, or nothing.
    about: Mapped[str] = mapped_column(String(32), index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    # The letter's JSON under the vault's key: links in it open orders.
    sealed: Mapped[str] = mapped_column(Text)
    # Names of what is added when it is sent: foundation/mail_sending.py.
    attach: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12))
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailStop(Base):
    """An address that wants no more reminders; kept as a digest, since nothing else is to be done with it."""

    __tablename__ = "mail_stop"

    address: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdempotencyRecord(Base):
    """What a write with an Idempotency-Key made. Never a response: those hold secrets."""

    __tablename__ = "idempotency_record"

    scope: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    object_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
