"""Sending what is in the postbox: each mail claimed, sent without a transaction open, and its end recorded.

A crash between sending and recording sends a mail twice, with the same Message-ID. What a server refuses for
now (greylisting) is tried again, later and later; what it refuses for ever is bounced. A server that is away
ends the round, and is nobody's bounce.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from ticketing.foundation.db import Database
from ticketing.foundation.letter_page import letter_html
from ticketing.foundation.mail import Attachment, Mail, Mailer, MailRefusedError, MailServerAwayError, Post
from ticketing.foundation.models import MailEntry
from ticketing.foundation.postbox import MailState, opened
from ticketing.foundation.security import CodeVault

# What a name in a mail's `attach` becomes, given what the mail is about and its language. `name:other` is
# of something else than the mail is about.
Attach = Mapping[str, Callable[[str, str], Sequence[Attachment]]]
LEASE = timedelta(minutes=5)
# With the back-off below: about a day.
MOST_TRIES = 30
# So many mails an hour go to one address; a mistake in a loop must not flood a buyer.
MOST_AN_HOUR = 30
_HOUR = timedelta(hours=1)
_HELD_BACK = timedelta(minutes=10)
_MOST_ERROR = 300

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class MailSender:
    """The worker's way from the postbox to the server."""

    database: Database
    mailer: Mailer
    vault: CodeVault
    attach: Attach

    def send_due(self, now: datetime, most: int = 50) -> int:
        """Send what is due, at most so many; return how many were tried."""
        due = self._due(now, most)
        if not due:
            return 0
        tried, reached = 0, False
        try:
            with self.mailer.open() as post:
                reached = True
                for mail_id in due:
                    tried += self._send(post, mail_id, now)
        except MailServerAwayError as away:
            _log.warning("mail server away: %s", away)
            if not reached:
                self._put_off(due[0], away, now)
        return tried

    def _due(self, now: datetime, most: int) -> Sequence[UUID]:
        with self.database.reading() as session:
            return session.scalars(
                select(MailEntry.id)
                .where(MailEntry.state.in_((MailState.QUEUED, MailState.IN_FLIGHT)), MailEntry.due_at <= now)
                .order_by(MailEntry.due_at, MailEntry.id)
                .limit(most)
            ).all()

    def _send(self, post: Post, mail_id: UUID, now: datetime) -> int:
        """Claim, make, send and record one mail; return how many that was. Raises MailServerAwayError."""
        entry = self._claim(mail_id, now)
        if entry is None:
            return 0
        try:
            post.send(self._made(entry, now))
        except MailRefusedError as refused:
            self._record(mail_id, _after_refusal(refused, entry.tries, now))
        except MailServerAwayError as away:
            self._record(mail_id, _later(str(away), entry.tries, now))
            raise
        except Exception as error:  # noqa: BLE001 - one that cannot be made must not stop those behind it
            _log.exception("mail %s of kind %s cannot be made", mail_id, entry.kind)
            self._record(mail_id, _later(type(error).__name__, entry.tries, now))
        else:
            self._record(mail_id, {"state": MailState.SENT, "sent_at": now, "error": None})
        return 1

    def _claim(self, mail_id: UUID, now: datetime) -> MailEntry | None:
        """Take a mail for this worker by moving its due time; None if another has it, or it must wait."""
        with self.database.transaction() as session:
            moved = session.execute(
                update(MailEntry)
                .where(
                    MailEntry.id == mail_id,
                    MailEntry.state.in_((MailState.QUEUED, MailState.IN_FLIGHT)),
                    MailEntry.due_at <= now,
                )
                .values(state=MailState.IN_FLIGHT, due_at=now + LEASE, tries=MailEntry.tries + 1)
            )
            if moved.rowcount != 1:  # type: ignore[attr-defined]
                return None
            entry = session.get_one(MailEntry, mail_id)
            lately = select(func.count()).where(
                MailEntry.recipient == entry.recipient, MailEntry.sent_at > now - _HOUR
            )
            if session.scalars(lately).one() >= MOST_AN_HOUR:
                entry.state, entry.due_at = MailState.QUEUED, now + _HELD_BACK
                entry.tries -= 1
                return None
            return entry

    def _made(self, entry: MailEntry, now: datetime) -> Mail:
        letter = opened(entry, self.vault)
        added: list[Attachment] = []
        for wanted in entry.attach:
            name, _, other = wanted.partition(":")
            added += self.attach[name](other or entry.about, letter.language)
        return Mail(
            id=f"{entry.kind}-{entry.id}".replace("_", "-"),
            sender=letter.sender,
            sender_name=letter.house,
            recipient=entry.recipient,
            subject=letter.subject,
            text=letter.to_text(),
            html=letter_html(letter),
            attachments=added,
            stop_url=letter.stop_url,
            sent_at=now,
        )

    def _put_off(self, mail_id: UUID, away: MailServerAwayError, now: datetime) -> None:
        """Let the first mail wait for a server that could not be reached; the others follow it."""
        with self.database.transaction() as session:
            entry = session.get_one(MailEntry, mail_id)
            if entry.state == MailState.QUEUED:
                entry.tries += 1
                for name, value in _later(str(away), entry.tries, now).items():
                    setattr(entry, name, value)

    def _record(self, mail_id: UUID, outcome: Mapping[str, Any]) -> None:
        with self.database.transaction() as session:
            session.execute(
                update(MailEntry)
                .where(MailEntry.id == mail_id, MailEntry.state == MailState.IN_FLIGHT)
                .values(**outcome)
            )


def back_off(tries: int) -> timedelta:
    """Return how long to wait after so many tries: 1, 2, 4 … minutes, never more than an hour.

    Greylisting servers want some minutes (RFC 6647, section 5.2).
    """
    return min(timedelta(minutes=2 ** min(tries - 1, 6)), _HOUR)


def _after_refusal(refused: MailRefusedError, tries: int, now: datetime) -> dict[str, Any]:
    if refused.permanent:
        return {"state": MailState.BOUNCED, "error": str(refused)[:_MOST_ERROR]}
    return _later(str(refused), tries, now)


def _later(error: str, tries: int, now: datetime) -> dict[str, Any]:
    outcome: dict[str, Any] = {"state": MailState.QUEUED, "error": error[:_MOST_ERROR]}
    if tries >= MOST_TRIES:
        return {**outcome, "state": MailState.DEAD}
    return {**outcome, "due_at": now + back_off(tries)}
