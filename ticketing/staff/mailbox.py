"""Mails and what became of them, for staff; and effects that could not be carried out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.models import MailEntry, OutboxEntry
from ticketing.foundation.outbox import try_again
from ticketing.foundation.postbox import MailState, send_again
from ticketing.staff.audit import Deed, record

PAGE = 50
MOST_SHOWN = 100
# A link that opens something: whoever reads a buyer's mail for him need not have it.
_SECRET = re.compile(r"(?<=[?&]key=)[^\s&\"<]+")


@dataclass(frozen=True, kw_only=True)
class MailFilter:
    """What to look for; blank finds all. `text` is a part of the address, or an order's code."""

    state: str = ""
    text: str = ""
    before: UUID | None = None


@dataclass(frozen=True)
class MailPage:
    """Mails, newest first; `older` is where the next page starts, if there is one."""

    entries: Sequence[MailEntry]
    older: UUID | None


def mail_page(session: Session, wanted: MailFilter) -> MailPage:
    """Return a page of mails."""
    query = select(MailEntry).order_by(MailEntry.id.desc()).limit(PAGE + 1)
    if wanted.state:
        query = query.where(MailEntry.state == wanted.state)
    if wanted.text:
        is_about = MailEntry.about == wanted.text.upper()
        query = query.where(or_(is_about, MailEntry.recipient.icontains(wanted.text, autoescape=True)))
    if wanted.before is not None:
        query = query.where(MailEntry.id < wanted.before)
    found = session.scalars(query).all()
    return MailPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def counts(session: Session) -> dict[str, int]:
    """Return how many mails are in each state."""
    rows = session.execute(select(MailEntry.state, func.count()).group_by(MailEntry.state))
    return {row[0]: row[1] for row in rows}


def the_mail(session: Session, mail_id: UUID) -> MailEntry:
    """Return one mail. Raises NotFoundError."""
    entry = session.get(MailEntry, mail_id)
    if entry is None:
        raise NotFoundError
    return entry


def mails_about(session: Session, about: str) -> Sequence[MailEntry]:
    """Return the mails about an order."""
    return session.scalars(select(MailEntry).where(MailEntry.about == about).order_by(MailEntry.id)).all()


def without_secrets(text: str) -> str:
    """Return a letter's text with the keys of its links left out."""
    return _SECRET.sub("…", text)


def send_mail_again(session: Session, mail_id: UUID, actor: Actor, now: datetime) -> None:
    """Send a mail once more. Raises NotFoundError, also for one that is under way."""
    before = the_mail(session, mail_id).state
    entry = send_again(session, mail_id, now)
    deed = Deed(
        action="send_mail_again",
        object_kind="order" if entry.about else "mail",
        object_id=entry.about or str(mail_id),
        before={"mail": entry.kind, "state": before},
        after={"mail": entry.kind, "state": str(MailState.QUEUED)},
    )
    record(session, actor, deed, now)


def try_effect_again(session: Session, entry_id: UUID, actor: Actor, now: datetime) -> None:
    """Let an effect that was given up be tried again. Raises NotFoundError for one that is not given up."""
    entry = try_again(session, entry_id, now)
    if entry is None:
        raise NotFoundError
    deed = Deed(
        action="try_effect_again",
        object_kind="effect",
        object_id=str(entry_id),
        before={"effect": entry.kind, "error": entry.error or ""},
        after={"effect": entry.kind, "state": "waiting"},
    )
    record(session, actor, deed, now)


def dead_letters(session: Session) -> Sequence[OutboxEntry]:
    """Return the effects that were given up, newest first."""
    return session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.dead_at.is_not(None))
        .order_by(OutboxEntry.dead_at.desc())
        .limit(MOST_SHOWN)
    ).all()
