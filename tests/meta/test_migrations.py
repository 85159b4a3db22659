"""One line of migrations, and what they make is what the models say, to the last constraint."""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

import ticketing.models  # noqa: F401 - fills the metadata
from tests.database import DatabaseFactory
from ticketing.foundation.db import Database, metadata
from ticketing.foundation.migrations import alembic_config, upgrade


def without_version_table(engine: Engine) -> dict[str, Any]:
    """Everything that a database tells of its tables, in an order of its own."""
    inspector = inspect(engine)
    kinds: tuple[Callable[[str], Any], ...] = (
        inspector.get_columns,
        inspector.get_pk_constraint,
        inspector.get_foreign_keys,
        inspector.get_unique_constraints,
        inspector.get_check_constraints,
        inspector.get_indexes,
    )
    return {
        f"{table}.{kind.__name__}": _sorted(kind(table))
        for table in inspector.get_table_names()
        if table != "alembic_version"
        for kind in kinds
    }


def _sorted(found: Any) -> list[str]:
    items = found if isinstance(found, list) else [found]
    return sorted(str(sorted((key, _plain(value)) for key, value in item.items())) for item in items)


def _plain(value: Any) -> str:
    """As text: reflected types and index conditions are objects that equal nothing but themselves."""
    return str({key: str(part) for key, part in value.items()}) if isinstance(value, dict) else str(value)


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1


def test_migrated_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_migrated_constraints_are_those_of_the_models(
    database: Database, databases: DatabaseFactory, backend: str
) -> None:
    made_by_models = Database(databases.blank(backend))
    try:
        metadata.create_all(made_by_models.engine)
        expected = without_version_table(made_by_models.engine)
        assert without_version_table(database.engine) == expected
    finally:
        made_by_models.close()
        databases.drop(str(made_by_models.url))


def test_refund_policies_can_be_taken_back(database_url: str) -> None:
    before = Database(database_url)
    tables = without_version_table(before.engine)
    before.close()
    command.downgrade(alembic_config(database_url), "0008")
    older = Database(database_url)
    assert without_version_table(older.engine) != tables
    older.close()
    upgrade(database_url)
    after = Database(database_url)
    assert without_version_table(after.engine) == tables
    after.close()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = Database(database_url)
    tables = without_version_table(before.engine)
    before.close()
    upgrade(database_url)
    after = Database(database_url)
    assert without_version_table(after.engine) == tables
    after.close()
