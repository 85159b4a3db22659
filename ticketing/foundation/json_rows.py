"""Many sets of values for one statement of PostgreSQL, as one text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    JSON,
    BindParameter,
    Dialect,
    Insert,
    LargeBinary,
    Text,
    UpdateBase,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

ROWS = "rows"
_NUL = r"\u0000"


class JsonRows:
    """An insert or update that takes its values from rows of JSON, bound as `ROWS`. None is NULL in each."""

    def __init__(self, statement: UpdateBase, dialect: Dialect, names: Sequence[str]) -> None:
        """`names`: those of the values; a row that one set of an update's values meets, no other may meet."""
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=names)
        kinds = {name: compiled.binds[name].type for name in names}
        self.statement = _with_rows(statement, kinds)
        makers = {name: _maker(kind.dialect_impl(dialect), dialect) for name, kind in kinds.items()}
        self._makers = [(name, make) for name, make in makers.items() if make is not None]

    def text(self, each: Sequence[Mapping[str, Any]]) -> str | None:
        """Return sets of values as the statement takes them, None if it cannot: PostgreSQL reads no NUL."""
        rows = []
        for one in each:
            row = dict(one)
            for name, make in self._makers:
                row[name] = make(row[name])
            rows.append(row)
        text = to_json(rows).decode()
        return None if _NUL in text else text


def _with_rows(statement: UpdateBase, kinds: Mapping[str, TypeEngine[Any]]) -> UpdateBase:
    given = (
        func.json_to_recordset(bindparam(ROWS, type_=Text).cast(JSON))
        .table_valued(*(column(name, kind) for name, kind in kinds.items()))
        .render_derived(name="given", with_types=True)
    )
    if isinstance(statement, Insert):
        return statement.from_select(list(kinds), select(given))

    def from_given(part: Any, **_: Any) -> Any:
        return given.c[part.key] if isinstance(part, BindParameter) and part.key in kinds else None

    updated: UpdateBase = visitors.replacement_traverse(statement, {}, from_given)  # type: ignore[call-overload]
    return updated


def _maker(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what makes of a value what JSON holds in its place; None where it can stay as it is."""
    if isinstance(kind, JSON):
        return None
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else f"\\x{value.hex()}"
    return kind.bind_processor(dialect)
