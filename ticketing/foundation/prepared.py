"""Statements of the paths where each tenth of a millisecond counts: scans at the door, holds in the shop."""

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, Dialect, Select, UpdateBase
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.types import TypeEngine

Runner: TypeAlias = Connection | Session
Statement: TypeAlias = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | UpdateBase
Values: TypeAlias = Mapping[str, Any]
_Processor: TypeAlias = Callable[[Any], Any] | None
# Lists up to this length are as they are.
_SHORT = 2


class Prepared:
    """A Core statement, compiled once for each database, that is run on the driver's own cursor.

    SQLAlchemy writes it and says how each type is bound and read; what it does for each execution besides
    costs 50 µs, seven times what SQLite takes itself, while everybody waits for the turn to write. Lists are
    bound by expanding parameters, as anywhere; a column of an insert is one that it is given a value for.
    """

    def __init__(self, statement: Statement) -> None:
        """`statement` has no literal but constants, and no default that Python makes."""
        self._statement = statement
        found = (one for one in visitors.iterate(statement) if isinstance(one, BindParameter))
        self._lists = tuple({one.key for one in found if one.expanding})
        self._forms: dict[tuple[object, ...], _Form] = {}

    def rows(self, runner: Runner, values: Values) -> list[Any]:
        """Return the rows of a select, as named tuples. Raises what SQLAlchemy would."""
        form, cursor = self._run(runner, values)
        return form.read(cursor)

    def count(self, runner: Runner, values: Values) -> int:
        """Execute a write; return how many rows it met. Raises what SQLAlchemy would."""
        _, cursor = self._run(runner, values)
        return int(cursor.rowcount)

    def count_all(self, runner: Runner, each: Sequence[Values]) -> int:
        """Execute a write for each of one or more sets of values, none of which is a list."""
        if len(each) == 1:
            return self.count(runner, each[0])
        connection = _connection(runner)
        form = self._form(connection.dialect, each[0])
        cursor = _cursor(connection)
        _guarded(connection, form, cursor.executemany, [form.bind(values) for values in each])
        return int(cursor.rowcount)

    def _run(self, runner: Runner, values: Values) -> tuple["_Form", DBAPICursor]:
        connection = _connection(runner)
        if self._lists:
            values = {**values, **{name: _padded(values[name]) for name in self._lists}}
        form = self._form(connection.dialect, values)
        cursor = _cursor(connection)
        _guarded(connection, form, cursor.execute, form.bind(values))
        return form, cursor

    def _form(self, dialect: Dialect, values: Values) -> "_Form":
        """Return the statement as it is for a database and lists of these lengths."""
        shape = (dialect.name, *[len(values[name]) for name in self._lists])
        form = self._forms.get(shape)
        if form is None:
            form = self._forms[shape] = _form(self._statement, dialect, values)
        return form


@dataclass(frozen=True, kw_only=True)
class _Form:
    """A statement's text, what it takes and where that comes from, and how its rows are read."""

    text: str
    takes: tuple["_Taken", ...]
    constants: Values
    is_positional: bool
    row: Callable[[Sequence[Any]], Any]
    read_by: tuple[tuple[int, Callable[[Any], Any]], ...]

    def bind(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        if self.constants:
            values = {**self.constants, **values}
        if self.is_positional:
            return tuple([taken.of(values) for taken in self.takes])
        return {taken.name: taken.of(values) for taken in self.takes}

    def read(self, cursor: DBAPICursor) -> list[Any]:
        """Return what was found."""
        found = cursor.fetchall()
        if not self.read_by:
            return [self.row(raw) for raw in found]
        rows = []
        for raw in found:
            row = list(raw)
            for place, process in self.read_by:
                row[place] = process(row[place])
            rows.append(self.row(row))
        return rows


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """One parameter of the text: a value, or one of a list."""

    name: str
    source: str
    place: int | None
    process: _Processor

    def of(self, values: Values) -> Any:
        value = values[self.source]
        if self.place is not None:
            value = value[self.place]
        return value if self.process is None else self.process(value)


def _form(statement: Statement, dialect: Dialect, values: Values) -> _Form:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(values))
    if compiled.insert_prefetch or compiled.update_prefetch:
        message = f"this statement cannot be prepared: {statement}"
        raise TypeError(message)
    state = compiled.construct_expanded_state(dict(values), escape_names=False)
    sources = {
        name: (source, place)
        for source, names in state.parameter_expansion.items()
        for place, name in enumerate(names)
    }
    takes = []
    for name in state.positiontup or state.parameters:
        source, place = sources.get(name, (name, None))
        takes.append(
            _Taken(
                name=name,
                source=source,
                place=place,
                process=_impl(compiled.binds[source].type, dialect).bind_processor(dialect),
            )
        )
    columns = list(statement.selected_columns) if isinstance(statement, Select | CompoundSelect) else []
    row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc] # noqa: PYI024
    readers = [_impl(column.type, dialect).result_processor(dialect, None) for column in columns]
    return _Form(
        text=state.statement,
        takes=tuple(takes),
        constants={
            name: value for name, value in state.parameters.items() if name not in {*values, *sources}
        },
        is_positional=state.positiontup is not None,
        row=row._make,
        read_by=tuple((place, reader) for place, reader in enumerate(readers) if reader is not None),
    )


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _padded(wanted: Collection[Any]) -> list[Any]:
    """Return a list whose length is a power of two, the last one said again: few lengths make few texts."""
    whole = list(wanted)
    if len(whole) > _SHORT:
        whole += whole[-1:] * ((1 << (len(whole) - 1).bit_length()) - len(whole))
    return whole


def _connection(runner: Runner) -> Connection:
    return runner if isinstance(runner, Connection) else runner.connection()


def _cursor(connection: Connection) -> DBAPICursor:
    return connection.connection.cursor()


def _guarded(connection: Connection, form: _Form, execute: Callable[..., object], bound: Any) -> None:
    """Execute; turn the driver's error into SQLAlchemy's, and let go of a connection that is no more."""
    dialect = connection.dialect
    try:
        execute(form.text, bound)
    except dialect.loaded_dbapi.Error as error:
        is_gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            form.text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_gone,
            dialect=dialect,
        ) from error
