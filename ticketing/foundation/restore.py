"""Bringing a backup into an empty database: all of it, in this code's schema, under a new epoch."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    LargeBinary,
    Text,
    Uuid,
    column,
    func,
    insert,
    inspect,
    select,
    table,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from ticketing.foundation.archive import Archive, ArchiveError, Kind, TableFacts
from ticketing.foundation.db import UtcDateTime
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import Instance, MailEntry, OutboxEntry
from ticketing.foundation.postbox import MailState
from ticketing.foundation.remake import VERSIONS, migrate_within, remake, renew_sequences, revisions

_AT_ONCE = 1000
_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: BigInteger(),
    Kind.BOOLEAN: Boolean(),
    Kind.MOMENT: UtcDateTime(),
    Kind.DATE: Date(),
    Kind.UUID: Uuid(),
    Kind.BYTES: LargeBinary(),
    Kind.JSON: Text(),
}
_MAIL_TO_SEND = (MailState.QUEUED, MailState.IN_FLIGHT)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What the worker will do as soon as it runs: effects and mails that were not through at the backup."""

    effects: int
    mails: int


def restore(session: Session, archive: Archive, now: datetime) -> Waiting:
    """Fill an empty database with a backup, in the caller's transaction (`Database.rebuilding`).

    An older backup is restored in its own schema and then migrated. Raises ArchiveError when the database is
    not empty, the backup is of a newer version, or its rows are not those of its schema.
    """
    manifest = archive.manifest
    if manifest.revision not in revisions():
        message = (
            f"the backup is of a newer version of Kassa (schema {manifest.revision}); install that first"
        )
        raise ArchiveError(message)
    remake(session, manifest.revision)
    _require_shape(session, manifest.tables)
    for facts in manifest.tables:
        _load(session, archive, facts)
    renew_sequences(session)
    migrate_within(session)
    # Phones that followed the lost database must not take this one's changes for the next of what they have.
    session.execute(update(Instance).values(epoch=new_id(now)))
    return Waiting(
        effects=_count(session, OutboxEntry.done_at.is_(None) & OutboxEntry.dead_at.is_(None)),
        mails=_count(session, MailEntry.state.in_(_MAIL_TO_SEND)),
    )


def _require_shape(session: Session, tables: tuple[TableFacts, ...]) -> None:
    inspector = inspect(session.connection())
    made = {
        name: {one["name"] for one in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name != VERSIONS
    }
    if made != {facts.name: {name for name, _ in facts.columns} for facts in tables}:
        raise ArchiveError("the backup's tables are not those of the schema that it names")


def _load(session: Session, archive: Archive, facts: TableFacts) -> None:
    """Bring in a table. PostgreSQL checks references in a table at the end of a statement, hence COPY."""
    postgres = session.get_bind().dialect.name == "postgresql"
    # What migrating put there stands in the backup too.
    session.execute(table(facts.name).delete())
    try:
        if postgres:
            _copy(session, archive, facts)
        else:
            _insert(session, archive, facts)
    except (IntegrityError, DataError) as error:
        message = f"the database refuses what the backup has in {facts.name}: {error.orig}"
        raise ArchiveError(message) from None
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        # Without the details: they would show people's data.
        reason = error.diag.message_primary or "a value that it cannot hold"
        message = f"the database refuses what the backup has in {facts.name}: {reason}"
        raise ArchiveError(message) from None


def _copy(session: Session, archive: Archive, facts: TableFacts) -> None:
    driver: Any = session.connection().connection.driver_connection
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in facts.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(facts.name), names)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in archive.rows(facts):
            copy.write_row(row)


def _insert(session: Session, archive: Archive, facts: TableFacts) -> None:
    names = [name for name, _ in facts.columns]
    statement = insert(table(facts.name, *(column(name, _TYPES[kind]) for name, kind in facts.columns)))
    rows = archive.rows(facts)
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, _AT_ONCE)]:
        session.execute(statement, some)


def _count(session: Session, condition: Any) -> int:
    return session.scalars(select(func.count()).where(condition)).one()
