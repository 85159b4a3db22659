"""An empty database given the tables of any revision, within one transaction."""

from typing import Any

from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exists, inspect, select, table, text
from sqlalchemy.orm import Session

from ticketing.foundation.archive import ArchiveError
from ticketing.foundation.db import metadata
from ticketing.foundation.migrations import alembic_config

VERSIONS = "alembic_version"
# What migrating alone leaves in a database.
_FROM_MIGRATIONS = {VERSIONS, "instance", "wallet_changes"}
_MOST_NAMED = 5
_SEQUENCES = text("""
    SELECT relation.relname AS table, attribute.attname AS column,
        pg_get_serial_sequence(quote_ident(relation.relname), attribute.attname) AS sequence
    FROM pg_class AS relation JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE relation.relkind = 'r' AND relation.relnamespace = current_schema()::regnamespace
        AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND pg_get_serial_sequence(quote_ident(relation.relname), attribute.attname) IS NOT NULL
""")


def revisions() -> set[str]:
    """Return the revisions that this code can make and migrate on from."""
    return {script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()}


def remake(session: Session, revision: str) -> None:
    """Let an empty database have the tables of a revision; what migrating put into them may still be there.

    `session` must be one of `Database.rebuilding`. Raises ArchiveError when the database holds anything.
    """
    found = set(inspect(session.connection()).get_table_names())
    strange = sorted(found - set(metadata.tables) - {VERSIONS})
    if strange:
        message = f"the database has tables that are not Kassa's ({_some(strange)}); use an empty one"
        raise ArchiveError(message)
    postgres = session.get_bind().dialect.name == "postgresql"
    names = [_quoted(session, name) for name in sorted(found)]
    if names and postgres:
        session.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
    filled = [name for name in sorted(found - _FROM_MIGRATIONS) if _has_rows(session, name)]
    if filled:
        message = f"the database is not empty (rows in {_some(filled)}); nothing was changed"
        raise ArchiveError(message)
    if MigrationContext.configure(session.connection()).get_current_revision() == revision:
        return
    if names and postgres:
        session.execute(text(f"DROP TABLE {', '.join(names)}"))
    elif names:
        for name in names:
            session.execute(text(f"DROP TABLE {name}"))
    migrate_within(session, revision)


def migrate_within(session: Session, revision: str = "head") -> None:
    """Migrate in the session's transaction."""
    config = alembic_config("")
    config.attributes["connection"] = session.connection()
    command.upgrade(config, revision)


def renew_sequences(session: Session) -> None:
    """Let PostgreSQL number on from the highest key of each table; SQLite does by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for found in session.execute(_SEQUENCES).all():
        name, column = _quoted(session, found.table), _quoted(session, found.column)
        # Both are identifiers of our own tables, as the catalogue tells them.
        statement = f"SELECT setval(:sequence, coalesce(max({column}), 0) + 1, false) FROM {name}"  # noqa: S608
        session.execute(text(statement), {"sequence": found.sequence})


def _has_rows(session: Session, name: str) -> bool:
    return bool(session.scalar(select(exists().select_from(table(name)))))


def _quoted(session: Session, name: str) -> str:
    preparer: Any = session.get_bind().dialect.identifier_preparer
    return str(preparer.quote(name))


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
