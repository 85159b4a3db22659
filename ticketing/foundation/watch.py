"""Whether anything at all was committed to the database: a question that costs a hundredth of a look.

What a process remembers of changing data holds for as long as the stamp it was read under does.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

_PATIENCE_SECONDS = 2


class Watch(Protocol):
    """Gives stamps. Two equal ones mean that nothing was committed between them."""

    def stamp(self) -> object:
        """Return the stamp of this moment; when the database cannot say, one that equals no other."""

    def close(self) -> None:
        """Close the connection; the next stamp opens another."""


def watch(url: URL) -> Watch:
    """Return the watch of a database."""
    if url.get_backend_name() == "sqlite":
        return _Watch(lambda: _Sqlite(url))
    return _Watch(lambda: _Postgres(url))


class _Sqlite:
    """A plain connection: SQLAlchemy would make the question ten times dearer."""

    def __init__(self, url: URL) -> None:
        self._connection = sqlite3.connect(
            url.database or "", isolation_level=None, check_same_thread=False, timeout=_PATIENCE_SECONDS
        )

    def answer(self) -> object:
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        self._connection.close()


class _Postgres:
    """Equal snapshots see the same transactions as ended, and only what writes is given a number."""

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="postgresql+psycopg")
        settings = {"connect_timeout": _PATIENCE_SECONDS}
        engine = create_engine(plain, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=settings)
        self._connection = engine.connect()

    def answer(self) -> object:
        return self._connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()

    def close(self) -> None:
        self._connection.close()


class _Watch:
    """A connection that only asks, one for each process: SQLite tells nobody of his own commits."""

    def __init__(self, connect: Callable[[], _Sqlite | _Postgres]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._connection: _Sqlite | _Postgres | None = None
        self._inherited: _Sqlite | _Postgres | None = None
        self._process = 0
        self._opened = 0

    def stamp(self) -> object:
        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():
                    # One that was inherited by a fork is kept: its end would be the end of the parent's.
                    self._inherited = self._connection
                    self._connection, self._process = self._connect(), os.getpid()
                    self._opened += 1
                # SQLite's numbers are a connection's own: those of two connections say nothing of each other.
                return self._opened, self._connection.answer()
            except (sqlite3.Error, DBAPIError):
                self._forget()
                return object()

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection, self._process = None, 0
