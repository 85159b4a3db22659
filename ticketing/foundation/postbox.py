"""The postbox: letters are put in with what they are about, and sent later by the worker.

A letter is written in a transaction of its cause's handler; its `cause` is unique, so that a handler that
runs twice writes once. How it is sent: foundation/mail_sending.py.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.letters import Letter, letter_of
from ticketing.foundation.models import MailEntry, MailStop
from ticketing.foundation.security import CodeVault

_MOST_SUBJECT = 300


class MailState(StrEnum):
    """How far a mail is. `bounced`: its address was refused; `dead`: the server was away for too long."""

    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    SENT = "sent"
    BOUNCED = "bounced"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Around a letter: why it is written, to whom, and what is added to it when it is sent."""

    cause: str
    kind: str
    about: str
    recipient: str
    attach: tuple[str, ...] = ()


def put(session: Session, letter: Letter, envelope: Envelope, vault: CodeVault, now: datetime) -> bool:
    """Put a letter in, to be sent at once; False if its cause has had one, or there is nobody to write to."""
    known = select(MailEntry.id).where(MailEntry.cause == envelope.cause)
    if not envelope.recipient or session.execute(known).first() is not None:
        return False
    session.add(
        MailEntry(
            id=new_id(now),
            cause=envelope.cause,
            kind=envelope.kind,
            about=envelope.about,
            recipient=envelope.recipient,
            subject=letter.subject[:_MOST_SUBJECT],
            sealed=vault.seal(json.dumps(letter.to_json(), ensure_ascii=False)),
            attach=list(envelope.attach),
            state=MailState.QUEUED,
            tries=0,
            due_at=now,
            created_at=now,
        )
    )
    session.flush()
    return True


def opened(entry: MailEntry, vault: CodeVault) -> Letter:
    """Return the letter of a mail."""
    return letter_of(json.loads(vault.open(entry.sealed)))


def written_since(session: Session, recipient: str, kind: str, since: datetime) -> int:
    """Return how many letters of a kind an address was written: what limits them."""
    return session.scalars(
        select(func.count()).where(
            MailEntry.recipient == recipient, MailEntry.kind == kind, MailEntry.created_at > since
        )
    ).one()


def send_again(session: Session, mail_id: UUID, now: datetime) -> MailEntry:
    """Queue a mail once more, whatever became of it. Raises NotFoundError, also for one that is under way."""
    moved = session.execute(
        update(MailEntry)
        .where(MailEntry.id == mail_id, MailEntry.state != MailState.IN_FLIGHT)
        .values(state=MailState.QUEUED, tries=0, due_at=now, sent_at=None, error=None)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFoundError
    return session.get_one(MailEntry, mail_id, populate_existing=True)


def redirect(
    session: Session, about: str, was: str, recipient: str, *, since: datetime, now: datetime
) -> Sequence[UUID]:
    """Send what waits or bounced about something, and is younger than `since`, to another address."""
    return list(
        session.scalars(
            update(MailEntry)
            .where(
                MailEntry.about == about,
                MailEntry.recipient == was,
                MailEntry.created_at > since,
                MailEntry.state.in_((MailState.QUEUED, MailState.BOUNCED)),
            )
            .values(recipient=recipient, state=MailState.QUEUED, tries=0, due_at=now, error=None)
            .returning(MailEntry.id)
        )
    )


def stop_reminders(session: Session, recipient: str, now: datetime) -> None:
    """Write no more reminders to an address."""
    digest = _digest(recipient)
    if session.get(MailStop, digest) is None:
        session.add(MailStop(address=digest, at=now))
        session.flush()


def wants_reminders(session: Session, recipient: str) -> bool:
    """Tell whether an address has not stopped them."""
    return session.get(MailStop, _digest(recipient)) is None


def _digest(recipient: str) -> bytes:
    return hashlib.sha256(recipient.strip().lower().encode()).digest()
