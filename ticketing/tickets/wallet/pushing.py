"""Telling devices that passes of theirs have changed: each registration that is behind gets a push.

A push says nothing but "ask". No transaction spans the call: what is due is leased, the service is asked, and
then what became of it is written down.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.foundation.db import Database
from ticketing.tickets.wallet.models import WalletRegistration
from ticketing.tickets.wallet.registry import remove_token

_LEASE = timedelta(minutes=5)
_MOST_BACKOFF = timedelta(hours=1)
_BATCH = 100
# A day or so of back-off: after it the phone hears at the next change, or when its owner pulls the pass down.
_MOST_TRIES = 30
_R = WalletRegistration
_log = logging.getLogger(__name__)


class Push(StrEnum):
    """What became of a push."""

    SENT = "sent"
    # The device has removed its passes: its token is never valid again.
    GONE = "gone"
    FAILED = "failed"


class PushService(Protocol):
    """Whoever can reach devices."""

    def push(self, tokens: Sequence[str]) -> Mapping[str, Push]:
        """Tell the devices of these push tokens to ask for changes; never raises."""


@dataclass(frozen=True)
class _Due:
    device: str
    serial: UUID
    push_token: str
    tag: int
    tries: int


@dataclass(frozen=True)
class PassPusher:
    """Sends what is due."""

    database: Database
    service: PushService

    def send_due(self, now: datetime) -> int:
        """Tell the devices that are behind, a batch of them; return how many pushes were asked for."""
        with self.database.reading() as session:
            waiting = _waiting(session, now)
        if not waiting:
            return 0
        with self.database.transaction() as session:
            due = [one for one in waiting if _lease(session, one, now)]
        tokens = list(dict.fromkeys(one.push_token for one in due))
        outcomes = self.service.push(tokens) if tokens else {}
        with self.database.transaction() as session:
            for one in due:
                _note(session, one, outcomes.get(one.push_token, Push.FAILED), now)
            for token in tokens:
                if outcomes.get(token) is Push.GONE:
                    remove_token(session, token)
        return len(tokens)


def _waiting(session: Session, now: datetime) -> list[_Due]:
    rows = session.execute(
        select(_R.device, _R.serial, _R.push_token, _R.tag, _R.tries)
        .where(_R.told < _R.tag, _R.due_at <= now)
        .order_by(_R.due_at)
        .limit(_BATCH)
    )
    return [_Due(row.device, row.serial, row.push_token, row.tag, row.tries) for row in rows]


def _lease(session: Session, one: _Due, now: datetime) -> bool:
    """Claim a registration for this worker by moving its due time; another worker then passes it by."""
    claimed = session.execute(
        update(_R)
        .where(_R.device == one.device, _R.serial == one.serial, _R.told < _R.tag, _R.due_at <= now)
        .values(due_at=now + _LEASE, tries=_R.tries + 1)
        .execution_options(synchronize_session=False)
        .returning(_R.device)
    ).scalar_one_or_none()
    return claimed is not None


def _note(session: Session, one: _Due, outcome: Push, now: datetime) -> None:
    """Write down what became of a push; a change that came meanwhile stays due."""
    mine = update(_R).where(_R.device == one.device, _R.serial == one.serial)
    mine = mine.execution_options(synchronize_session=False)
    if outcome is Push.SENT or one.tries + 1 >= _MOST_TRIES:
        if outcome is not Push.SENT:
            _log.warning("a device was not told of a changed pass: too many tries")
        session.execute(mine.where(_R.told < one.tag).values(told=one.tag))
        session.execute(mine.where(_R.told < _R.tag).values(due_at=now))
    elif outcome is Push.FAILED:
        pause = min(timedelta(seconds=2 ** min(one.tries + 1, 12)), _MOST_BACKOFF)
        session.execute(mine.where(_R.tag == one.tag).values(due_at=now + pause))
        # Another change came while this one was under way: it is due at once.
        session.execute(mine.where(_R.tag > one.tag).values(due_at=now))
