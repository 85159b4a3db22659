"""What a database is asked while something is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, event

from ticketing.foundation import prepared
from ticketing.foundation.db import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are executed, with those that SQLAlchemy's events do not tell of."""
    seen: list[str] = []
    guarded = prepared._guarded

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    def note_prepared(connection: Connection, form: Any, act: Callable[..., Any], *given: Any) -> Any:
        is_execution = bool(given)  # rows are fetched without anything given
        if is_execution and connection.engine.pool is database.engine.pool:
            seen.append(form.text)
        return guarded(connection, form, act, *given)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with patch.object(prepared, "_guarded", note_prepared):
            yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
