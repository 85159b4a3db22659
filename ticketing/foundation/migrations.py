"""Bringing a database to the schema of this code, and refusing one of another environment."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from ticketing.foundation.clock import SystemClock
from ticketing.foundation.config import ConfigurationError, Environment
from ticketing.foundation.db import Database
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import Instance

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, environment: Environment = Environment.DEMO) -> None:
    """Migrate to the newest schema and record the environment in a new database.

    Raises ConfigurationError when the database belongs to another environment.
    """
    command.upgrade(alembic_config(url), "head")
    database = Database(url)
    now = SystemClock().now()
    try:
        with database.transaction() as session:
            recorded = session.scalar(select(Instance.environment))
            if recorded is None:
                values = {"id": 1, "environment": environment, "epoch": new_id(now), "created_at": now}
                session.execute(insert(Instance).values(values))
        if recorded is not None:
            _require_same(recorded, environment)
    finally:
        database.close()


def require_ready(database: Database, environment: Environment) -> None:
    """Refuse to start on a database that is not migrated, or that belongs to another environment."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != newest():
        raise ConfigurationError("the database is not up to date: run `python -m ticketing migrate`")
    with database.reading() as session:
        _require_same(session.scalar(select(Instance.environment)), environment)


@lru_cache(maxsize=1)
def newest() -> str:
    """Return the revision that this code's schema has: the files are read once in a process."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head() or ""


def _require_same(recorded: str | None, environment: Environment) -> None:
    if recorded != environment:
        message = f"this database was made for {recorded}; TICKETING_ENV says {environment}"
        raise ConfigurationError(message)
