"""Whether anything at all was committed to the database: a question that costs a hundredth of a look.

What a process remembers of changing data holds for as long as the stamp it was read under does.
"""

import os
import sqlite3
import threading
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL

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
        return _Watch(lambda: _open_sqlite(url), "PRAGMA data_version", sqlite3.Error)
    # Equal snapshots see the same transactions as ended, and only what writes is given a number.
    return _Watch(lambda: _open_postgres(url), "SELECT pg_current_snapshot()::text", psycopg.Error)


class _Watch:
    """A connection that only asks, one for each process: SQLite tells nobody of his own commits."""

    def __init__(self, connect: Any, question: str, failure: type[Exception]) -> None:
        self._connect, self._question, self._failure = connect, question, failure
        self._lock = threading.Lock()
        self._connection: Any = None
        self._process = 0
        self._opened = 0

    def stamp(self) -> object:
        with self._lock:
            try:
                # One that was inherited by a fork is the parent's.
                if self._connection is None or self._process != os.getpid():
                    self._connection, self._process = self._connect(), os.getpid()
                    self._opened += 1
                # SQLite's numbers are a connection's own: those of two connections say nothing of each other.
                return self._opened, *self._connection.execute(self._question).fetchone()
            except self._failure:
                self._forget()
                return object()

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._process == os.getpid():
            self._connection.close()
        self._connection, self._process = None, 0


def _open_sqlite(url: URL) -> sqlite3.Connection:
    return sqlite3.connect(
        url.database or "", isolation_level=None, check_same_thread=False, timeout=_PATIENCE_SECONDS
    )


def _open_postgres(url: URL) -> psycopg.Connection[Any]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=_PATIENCE_SECONDS)
