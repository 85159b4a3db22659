"""Statements of the paths where each tenth of a millisecond counts: scans at the door, holds in the shop."""

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import BindParameter, Connection, Dialect, Select, UpdateBase
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import CompoundSelect
from sqlalchemy.types import TypeEngine

from ticketing.foundation.json_rows import ROWS, JsonRows

Runner: TypeAlias = Connection | Session
Statement: TypeAlias = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | UpdateBase
Values: TypeAlias = Mapping[str, Any]
# Lists up to this length are as they are.
_SHORT = 2


class Prepared:
    """A Core statement, compiled once for each database, that is run on the driver's own cursor.

    SQLAlchemy writes it and says how each type is bound and read; what it does for each execution besides
    costs 50 µs, seven times what SQLite takes itself, while everybody waits for the turn to write. Lists are
    bound by expanding parameters, as anywhere; a column of an insert is one that it is given a value for.
    """

    def __init__(self, statement: Statement, make: Callable[[Any], Any] | None = None, most: int = 0) -> None:
        """`make`: what each row is made into; up to `most` are kept for rows that are the same to the byte.

        The statement has no default that Python makes.
        """
        self._statement = statement
        self._make = make
        self._most = most
        found = (one for one in visitors.iterate(statement) if isinstance(one, BindParameter))
        self._lists = tuple({one.key for one in found if one.expanding})
        self._forms: dict[tuple[object, ...], _Form] = {}
        self._readers: dict[str, Callable[[Any], Any]] = {}
        self._together: dict[tuple[str, ...], tuple[JsonRows, Prepared]] = {}

    def rows(self, runner: Runner, values: Values) -> list[Any]:
        """Return the rows of a select, as named tuples or what they are made into.

        Raises what SQLAlchemy would.
        """
        connection = _connection(runner)
        form, cursor = self._run(connection, values)
        return [form.read(raw) for raw in _guarded(connection, form, cursor.fetchall)]

    def one_or_none(self, runner: Runner, values: Values) -> Any:
        """Return the row of a select that finds at most one, None if it finds none."""
        found = self.rows(runner, values)
        return found[0] if found else None

    def count(self, runner: Runner, values: Values) -> int:
        """Execute a write; return how many rows it met. Raises what SQLAlchemy would."""
        _, cursor = self._run(_connection(runner), values)
        return int(cursor.rowcount)

    def count_all(self, runner: Runner, each: Sequence[Values]) -> int:
        """Execute a write for each of one or more sets of values, none of which is a list."""
        if len(each) == 1:
            return self.count(runner, each[0])
        connection = _connection(runner)
        form = self._form(connection.dialect, each[0])
        cursor = connection.connection.cursor()
        _guarded(connection, form, cursor.executemany, form.text, [form.bind(values) for values in each])
        return int(cursor.rowcount)

    def count_together(self, runner: Runner, each: Sequence[Values]) -> int:
        """Do as `count_all` with sets of values that meet different rows and have None for NULL alone.

        PostgreSQL takes them as one text, at a third of what a statement for each costs.
        """
        connection = _connection(runner)
        if len(each) == 1 or connection.dialect.name == "sqlite":
            return self.count_all(connection, each)
        names = tuple(each[0])
        together = self._together.get(names)
        if together is None:
            rows = JsonRows(cast("UpdateBase", self._statement), connection.dialect, names)
            together = self._together[names] = rows, Prepared(rows.statement)
        rows, statement = together
        text = rows.text(each)
        if text is None:
            return self.count_all(connection, each)
        return statement.count(connection, {ROWS: text})

    def _run(self, connection: Connection, values: Values) -> tuple["_Form", DBAPICursor]:
        if self._lists:
            values = {**values, **{name: _padded(values[name]) for name in self._lists}}
        form = self._form(connection.dialect, values)
        cursor = connection.connection.cursor()
        _guarded(connection, form, cursor.execute, form.text, form.bind(values))
        return form, cursor

    def _form(self, dialect: Dialect, values: Values) -> "_Form":
        """Return the statement as it is for a database, so many values, and lists of these lengths."""
        shape = (dialect.name, len(values), *[len(values[name]) for name in self._lists])
        form = self._forms.get(shape)
        if form is None:
            # One reader for all forms: what it keeps is the same however long a list was.
            read = self._readers.setdefault(dialect.name, self._reader(dialect))
            form = self._forms[shape] = _form(self._statement, dialect, values, read)
        return form

    def _reader(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what is made of a row as the driver gives it."""
        if not isinstance(self._statement, Select | CompoundSelect):
            return tuple
        columns = list(self._statement.selected_columns)
        row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc] # noqa: PYI024
        processors = [_impl(column.type, dialect).result_processor(dialect, None) for column in columns]
        needed = [(place, process) for place, process in enumerate(processors) if process is not None]
        make = self._make

        def read(raw: Sequence[Any]) -> Any:
            cells = list(raw)
            for place, process in needed:
                cells[place] = process(cells[place])
            return row._make(cells) if make is None else make(row._make(cells))

        # PostgreSQL's driver has read JSON when it gives a row, and then there is nothing to compare it by.
        return lru_cache(self._most)(read) if self._most and dialect.name == "sqlite" else read


@dataclass(frozen=True, kw_only=True)
class _Form:
    """A statement's text, what it takes and where that comes from, and how its rows are read."""

    text: str
    # The parameters in order, by name and by which value each is; `lists` are the places where those of
    # a list begin, which is one of the sources, and `processors` are for the places that need one.
    names: tuple[str, ...]
    sources: tuple[str, ...]
    lists: tuple[int, ...]
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]
    constants: Values
    is_positional: bool
    read: Callable[[Any], Any]

    def bind(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        if self.constants:
            values = {**self.constants, **values}
        taken = [values[source] for source in self.sources]
        for place in self.lists:
            taken[place : place + 1] = taken[place]
        for place, process in self.processors:
            taken[place] = process(taken[place])
        return taken if self.is_positional else dict(zip(self.names, taken, strict=True))


def _form(statement: Statement, dialect: Dialect, values: Values, read: Callable[[Any], Any]) -> _Form:
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
    names = tuple(state.positiontup or state.parameters)
    found = [sources.get(name, (name, None)) for name in names]
    processors = [_impl(compiled.binds[source].type, dialect).bind_processor(dialect) for source, _ in found]
    return _Form(
        text=state.statement,
        names=names,
        sources=tuple(source for source, place in found if not place),
        lists=tuple(at for at, (_, place) in enumerate(found) if place == 0),
        processors=tuple((at, process) for at, process in enumerate(processors) if process is not None),
        constants={
            name: value for name, value in state.parameters.items() if name not in {*values, *sources}
        },
        is_positional=state.positiontup is not None,
        read=read,
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


def _guarded(connection: Connection, form: _Form, act: Callable[..., Any], *arguments: Any) -> Any:
    """Turn the driver's error into SQLAlchemy's, and let go of a connection that is no more."""
    dialect = connection.dialect
    try:
        return act(*arguments)
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
