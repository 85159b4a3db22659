"""Alembic's environment: the schema of all features on either database."""

from alembic import context

import ticketing.models  # noqa: F401 - fills the metadata
from ticketing.foundation.db import Database, metadata


def run() -> None:
    """Migrate over a connection of Kassa's own, so that its locks and settings hold here too."""
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=database.is_sqlite,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        database.close()


run()
