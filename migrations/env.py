"""Alembic's environment: the schema of all features on either database."""

from alembic import context
from sqlalchemy import Connection

import ticketing.models  # noqa: F401 - fills the metadata
from ticketing.foundation.db import Database, ignore_references, metadata, require_references


def run() -> None:
    """Migrate over a connection of Kassa's own, so that its locks and settings hold here too."""
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        # Within the caller's transaction: Database.rebuilding sees to the references.
        _migrate(given)
        return
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                ignore_references(connection)
            _migrate(connection)
    finally:
        database.close()


def _migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=sqlite,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite:
            require_references(connection)


run()
