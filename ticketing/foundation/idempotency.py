"""Idempotency keys: a repeated write finds what the first one made instead of doing it again.

The record is inserted by the same transaction that makes the object, so there is never one without the
other. It holds
the body's hash and the object's id, never an answer: answers hold secrets and are made anew on replay.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import request
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ticketing.foundation.db import Database
from ticketing.foundation.errors import (
    IdempotencyInProgressError,
    IdempotencyMismatchError,
    InvalidRequestError,
)
from ticketing.foundation.models import IdempotencyRecord
from ticketing.foundation.prepared import Prepared

KEPT = timedelta(hours=24)
_MOST_KEY = 200
_TABLE = IdempotencyRecord.__table__
_FIND = Prepared(select(_TABLE.c.body_hash, _TABLE.c.object_id).where(_TABLE.c.scope == bindparam("scope")))
_INSERTS = {
    "sqlite": Prepared(sqlite.insert(IdempotencyRecord).on_conflict_do_nothing()),
    "postgresql": Prepared(postgresql.insert(IdempotencyRecord).on_conflict_do_nothing()),
}
Made = TypeVar("Made")


@dataclass(frozen=True)
class Repeatable:
    """The key of this request: scoped to caller, method and path; None when the client sent none."""

    scope: bytes | None
    body_hash: bytes

    def known(self, database: Database) -> str | None:
        """Return the id of what an earlier request made. Raises IdempotencyMismatchError for another body."""
        if self.scope is None:
            return None
        with database.reading() as session:
            return self._find(session)

    def claim(self, session: Session, object_id: str, now: datetime) -> None:
        """Record, first in the transaction that makes it, what this request is about to make.

        Raises AlreadyDoneError when another request with this key was first, and IdempotencyInProgressError
        when that one is still running after the database's patience.
        """
        if self.scope is None:
            return
        values = {"scope": self.scope, "body_hash": self.body_hash, "object_id": object_id, "created_at": now}
        try:
            added = _INSERTS[session.get_bind().dialect.name].count(session, values)
        except OperationalError as error:
            raise IdempotencyInProgressError from error
        if not added:
            raise AlreadyDoneError

    def _find(self, session: Session) -> str | None:
        row = _FIND.one_or_none(session, {"scope": self.scope})
        if row is None:
            return None
        if row.body_hash != self.body_hash:
            raise IdempotencyMismatchError
        return str(row.object_id)


class AlreadyDoneError(Exception):
    """Another request with this key was first; the transaction must be given up and its object read."""


def repeatable(caller: str) -> Repeatable:
    """Read the Idempotency-Key of this request. `caller` is who may replay it: credentials or an address."""
    key = request.headers.get("Idempotency-Key")
    body_hash = hashlib.sha256(request.get_data(cache=True)).digest()
    if key is None:
        return Repeatable(None, body_hash)
    if not key or len(key) > _MOST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidRequestError(
            errors=[{"path": "Idempotency-Key", "message": "1 to 200 printable ASCII characters"}]
        )
    parts = f"{caller}\n{request.method}\n{request.path}\n{key}"
    return Repeatable(hashlib.sha256(parts.encode()).digest(), body_hash)


def repeatable_form(caller: str) -> Repeatable:
    """Make a page's hidden field `form_key` the key, so that a double click is one request.

    `caller` is who may replay it. What was sent first counts: the same form, sent again, finds what the
    first one made, whatever it says now.
    """
    key = request.form.get("form_key", "")
    if not key or len(key) > _MOST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidRequestError(errors=[{"path": "form_key", "message": "missing or malformed"}])
    parts = f"form\n{caller}\n{request.path}\n{key}"
    return Repeatable(hashlib.sha256(parts.encode()).digest(), hashlib.sha256(b"form").digest())


def do_once(
    database: Database, key: Repeatable, make: Callable[[], Made], reread: Callable[[str], Made]
) -> Made:
    """Make an object once: `make` begins with `key.claim`, `reread` finds an earlier request's one."""
    earlier = key.known(database)
    if earlier is not None:
        return reread(earlier)
    try:
        return make()
    except AlreadyDoneError:
        earlier = key.known(database)
        if earlier is None:
            raise IdempotencyInProgressError from None
        return reread(earlier)


def forget_old(database: Database, now: datetime) -> None:
    """Delete records past their day."""
    with database.transaction() as session:
        session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now - KEPT))
