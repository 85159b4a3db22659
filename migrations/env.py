"""Alembic's environment: the schema of all features on either database."""

from alembic import context
from sqlalchemy import Connection

import ticketing.models  # noqa: F401 - fills the metadata
from ticketing.foundation.db import Database, metadata


def run() -> None:
    """Migrate over a connection of Kassa's own, so that its locks and settings hold here too."""
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                _let_tables_be_remade(connection)
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=database.is_sqlite,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
                if database.is_sqlite:
                    _require_whole_references(connection)
    finally:
        database.close()


def _let_tables_be_remade(connection: Connection) -> None:
    """Switch off what forbids to drop a table that others refer to: SQLite changes a table by remaking it.

    Past SQLAlchemy, because it has no effect within a transaction. The connection is closed afterwards.
    """
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.cursor().execute("PRAGMA foreign_keys=OFF")


def _require_whole_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        message = f"the migration would leave broken references: {broken[:5]}"
        raise RuntimeError(message)


run()
