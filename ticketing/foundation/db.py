"""The database: one place that opens, commits and rolls back.

`with database.transaction() as session:` is for edges only. Returning commits, raising rolls back.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from ticketing.foundation.errors import BusyError
from ticketing.foundation.watch import watch

# Constraint names are part of migrations, so they must not depend on the database's own taste.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# An amount in minor units: 32 bits end at 21 million tenge, and a ledger does not.
MinorUnits = Annotated[int, mapped_column(BigInteger)]
BigKey = BigInteger().with_variant(Integer, "sqlite")
_WAIT_SECONDS = 5
_POOL_SIZE = 20
# How long whoever gives way may be kept from writing, and how often it looks whether nobody writes: seconds.
_LONGEST_WAY, _LOOK_AGAIN = 0.1, 0.002
# Where writers wait for nobody.
_NO_TURN: AbstractContextManager[None] = nullcontext()
# A connection keeps a plan that it made while a table was small, as holds are before a festival's first rush,
# and must not read all of the table when that has grown: rows are found by their keys from the start. What
# has to read a whole table counts as dear then, and would be compiled first, which takes longer than it.
_POSTGRES_OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        f"lock_timeout={_WAIT_SECONDS}s",
        "timezone=UTC",
        "enable_seqscan=off",
        "jit=off",
    )
)
# A connection that was used a moment ago is taken to be there still.
_RESTED_SECONDS = 5.0
_USED_AT = "kassa_used_at"
# Lock not available after `lock_timeout`; deadlock detected, serialization failure.
_BUSY_STATES = {"55P03", "40P01", "40001"}


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING)


metadata = Base.metadata


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps it without offset, as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Refuse naive times; make the text for SQLite, as SQLAlchemy does in four times as long."""
        return _utc_text if dialect.name == "sqlite" else _utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Give the time back in UTC."""
        del coltype
        return _utc_of_text if dialect.name == "sqlite" else _utc


def _utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("a naive time cannot be stored")
    return value.astimezone(UTC)


def _utc_text(value: datetime | None) -> str | None:
    utc = _utc(value)
    return None if utc is None else utc.replace(tzinfo=None).isoformat(" ", "microseconds")


def _utc_of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


class Database:
    """An engine with Kassa's rules of locking. One per process; threads may share it."""

    def __init__(self, url: str, *, gives_way: bool = False) -> None:
        """`gives_way`: people who wait for an answer write first, where only one can write at a time."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._turn = (
            _FileTurn(Path(f"{self.url.database}.lock"), gives_way=gives_way) if self.is_sqlite else _NO_TURN
        )
        self.watch = watch(self.url)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing transaction. Raises BusyError when the database cannot be had within 5 seconds."""
        with (
            _busy_is_refused(),
            self.engine.connect() as connection,
            _session(connection.execution_options(kassa_writes=True), self._turn) as session,
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads: it waits for nobody and sees one state of the data."""
        with _busy_is_refused(), self.engine.connect() as connection, _session(connection) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a transaction that only reads, and sees the data of one moment however often it looks."""
        with _busy_is_refused(), self.engine.connect() as connection:
            if not self.is_sqlite:  # SQLite's reading transactions are that already
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            with _session(connection) as session:
                yield session

    @contextmanager
    def rebuilding(self) -> Iterator[Session]:
        """Open a writing transaction in which tables may be dropped and made.

        SQLite can do neither while it watches references, so it looks at all of them at the end. Raises
        BrokenReferencesError.
        """
        with self._turn, _busy_is_refused(), self.engine.connect() as connection:
            if self.is_sqlite:
                ignore_references(connection)
            try:
                with _session(connection.execution_options(kassa_writes=True)) as session:
                    yield session
                    session.flush()
                    if self.is_sqlite:
                        require_references(connection)
            finally:
                connection.invalidate()  # nobody else may get one that watches no references

    def close(self) -> None:
        """Close the pool."""
        self.engine.dispose()
        self.watch.close()


class BrokenReferencesError(Exception):
    """Rows refer to others that are not there; nothing was committed."""


def ignore_references(connection: Connection) -> None:
    """Let a SQLite connection that is in no transaction watch references no more.

    Past SQLAlchemy, because it has no effect within a transaction. Nobody may use the connection afterwards.
    """
    connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")


def require_references(connection: Connection) -> None:
    """Look at every reference of a SQLite database. Raises BrokenReferencesError."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        message = f"broken references: {broken[:5]}"
        raise BrokenReferencesError(message)


@contextmanager
def _session(connection: Connection, turn: AbstractContextManager[None] = _NO_TURN) -> Iterator[Session]:
    # Whoever writes makes all others wait: what can be done before one's turn is done before it.
    with Session(bind=connection, expire_on_commit=False) as session, turn, connection.begin():
        yield session
        session.flush()


@contextmanager
def _busy_is_refused() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:  # the driver's own comes from a BEGIN
        cause = getattr(error, "orig", error)
        # A server that was started anew has dropped the connections of the moment; the next ones are new.
        is_dropped = getattr(error, "connection_invalidated", False)
        state = getattr(cause, "sqlstate", None)
        if state in _BUSY_STATES or is_dropped or "database is locked" in str(cause):
            raise BusyError(retry_after=1) from error
        raise


class _FileTurn:
    """A queue of writers for SQLite, whose own waiting is unfair: `flock` on one descriptor a thread."""

    def __init__(self, path: Path, *, gives_way: bool) -> None:
        self._path = path
        self._gives_way = gives_way
        self._mine = threading.local()

    def __enter__(self) -> None:
        if getattr(self._mine, "held", False):
            raise RuntimeError("a transaction is open in this thread already")
        descriptor = getattr(self._mine, "descriptor", None)
        if descriptor is None or self._mine.process != os.getpid():
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._mine.descriptor, self._mine.process = descriptor, os.getpid()
        if not (self._gives_way and _had_when_free(descriptor)):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._mine.held = True

    def __exit__(self, *_exc: object) -> None:
        self._mine.held = False
        fcntl.flock(self._mine.descriptor, fcntl.LOCK_UN)


def _had_when_free(descriptor: int) -> bool:
    """Take a turn that nobody waits for; False if there was none for as long as one may be kept from it."""
    until = time.monotonic() + _LONGEST_WAY
    while time.monotonic() < until:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_AGAIN)
        else:
            return True
    return False


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        hide_parameters=True,  # they are people's data, and messages go to the log
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": _WAIT_SECONDS},
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writing one fails at once with "locked", whatever the timeout.
    writes = connection.get_execution_options().get("kassa_writes", False)
    # On the driver's own cursor, for what is done within the turn to write is waited for by everybody.
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        hide_parameters=True,  # they are people's data, and messages go to the log
        connect_args={"options": _POSTGRES_OPTIONS},
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_if_idle)
    return engine


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _ping_if_idle(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has rested whether it is still there; to ask at each use costs a tenth of it."""
    if time.monotonic() - record.info.get(_USED_AT, time.monotonic()) < _RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error  # the pool takes another one
