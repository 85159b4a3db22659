"""The transactional outbox: effects are written with their cause and carried out later, at least once.

An effect is a frozen dataclass of ids with a `kind`; its handler is idempotent. After ten failures it is a
dead letter that staff can see.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.db import Database
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import OutboxEntry

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 10
_MOST_BACKOFF = timedelta(hours=1)
_MOST_ERROR = 500

_log = logging.getLogger(__name__)
_INSERT = insert(OutboxEntry.__table__)  # type: ignore[arg-type]


class Effect(Protocol):
    """A frozen dataclass of ids as text, with the name that its handler is found by."""

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


Handler = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class _Leased:
    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def emit(session: Session, effect: Effect, now: datetime, *, after: timedelta = timedelta()) -> None:
    """Record an effect in the caller's transaction; it is due at once, or `after` so long."""
    session.execute(
        _INSERT,
        {
            "id": new_id(now),
            "kind": effect.kind,
            "payload": asdict(effect),
            "created_at": now,
            "due_at": now + after,
            "attempts": 0,
        },
    )


def try_again(session: Session, entry_id: UUID, now: datetime) -> OutboxEntry | None:
    """Let a dead effect be tried ten times more, from now on; None if it is not dead (any more)."""
    revived = session.execute(
        update(OutboxEntry)
        .where(OutboxEntry.id == entry_id, OutboxEntry.dead_at.is_not(None))
        .values(dead_at=None, due_at=now, attempts=0)
    )
    if revived.rowcount != 1:  # type: ignore[attr-defined]
        return None
    return session.get_one(OutboxEntry, entry_id, populate_existing=True)


def forget_dead(session: Session, effect: Effect, now: datetime) -> None:
    """End the dead letters of an effect that has come true in another way."""
    dead = session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.kind == effect.kind, OutboxEntry.dead_at.is_not(None))
        .with_for_update()
    )
    payload = asdict(effect)
    for entry in dead:
        if entry.payload == payload:
            entry.dead_at, entry.done_at = None, now


def drain(database: Database, handlers: Mapping[str, Handler], now: datetime, *, most: int = 100) -> int:
    """Carry out what is due, at most `most` entries; return how many were tried."""
    with database.reading() as session:
        due = session.scalars(
            select(OutboxEntry.id)
            .where(OutboxEntry.done_at.is_(None), OutboxEntry.dead_at.is_(None), OutboxEntry.due_at <= now)
            .order_by(OutboxEntry.due_at)
            .limit(most)
        ).all()
    tried = 0
    for entry_id in due:
        leased = _lease(database, entry_id, now)
        if leased is not None:
            tried += 1
            _carry_out(database, handlers, leased, now)
    return tried


def _lease(database: Database, entry_id: UUID, now: datetime) -> _Leased | None:
    """Claim an entry for this worker by moving its due time; another worker then passes it by."""
    claim = (
        update(OutboxEntry)
        .where(
            OutboxEntry.id == bindparam("entry"),
            OutboxEntry.due_at <= now,
            OutboxEntry.done_at.is_(None),
            OutboxEntry.dead_at.is_(None),
        )
        .values(due_at=now + LEASE, attempts=OutboxEntry.attempts + 1)
        .returning(OutboxEntry.kind, OutboxEntry.payload, OutboxEntry.attempts)
    )
    with database.transaction() as session:
        row = session.execute(claim, {"entry": entry_id}).one_or_none()
    return None if row is None else _Leased(entry_id, row.kind, row.payload, row.attempts)


def _carry_out(database: Database, handlers: Mapping[str, Handler], entry: _Leased, now: datetime) -> None:
    outcome: dict[str, Any]
    try:
        handlers[entry.kind](entry.payload)
        outcome = {"done_at": now, "error": None}
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the entry must be tried again or shown
        _log.warning("outbox %s %s failed: %s", entry.kind, entry.id, type(error).__name__)
        outcome = {"error": f"{type(error).__name__}: {error}"[:_MOST_ERROR]}
        if entry.attempts >= MOST_ATTEMPTS:
            outcome["dead_at"] = now
        else:
            outcome["due_at"] = now + min(timedelta(seconds=2**entry.attempts), _MOST_BACKOFF)
    with database.transaction() as session:
        session.execute(update(OutboxEntry).where(OutboxEntry.id == entry.id).values(**outcome))
