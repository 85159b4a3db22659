"""Several threads' writing in one transaction, where a database lets one write at a time."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from ticketing.foundation.db import Database
from ticketing.foundation.errors import BusyError

Result = TypeVar("Result")


class SharedTurn:
    """Puts small pieces of work that wait at the same moment into one transaction. One per process.

    On SQLite a transaction waits for its turn and then for the disk; work that came in meanwhile shares the
    next turn and the next flush, which doubles what a door with many phones gets through. Each piece has the
    whole transaction's guarantee: nobody is answered before it is committed. On PostgreSQL, where writers
    wait for nobody, each piece has a transaction of its own: rows that are locked for several of them would
    be locked in no common order.

    A piece runs in the thread of whoever leads, so it may use nothing of a request; and again, alone, if
    another of its turn fails, so it may change nothing but the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._waiting: deque[_Piece] = deque()
        self._is_led = False

    def run(self, work: Callable[[Session], Result]) -> Result:
        """Do the work, and return its result once it is committed. Raises what the work raises."""
        if not self._database.is_sqlite:
            with self._database.transaction() as session:
                return work(session)
        piece = _Piece(work)
        with self._guard:
            self._waiting.append(piece)
            leads, self._is_led = not self._is_led, True
        if not leads:
            piece.woken.wait()
        if not piece.is_over:
            self._lead()
        if piece.error is not None:
            raise piece.error
        result: Result = piece.result
        return result

    def _lead(self) -> None:
        """Do all that waits, the leader's own piece being its first, and let the next one lead."""
        with self._guard:
            pieces = list(self._waiting)
            self._waiting.clear()
        try:
            self._do(pieces)
        finally:
            for piece in pieces:
                if not piece.is_over:
                    piece.end(error=RuntimeError("the thread that led was ended"))
            with self._guard:
                if self._waiting:
                    self._waiting[0].woken.set()
                else:
                    self._is_led = False
            for piece in pieces[1:]:
                piece.woken.set()

    def _do(self, pieces: list["_Piece"]) -> None:
        try:
            with self._database.transaction() as session:
                results = [piece.work(session) for piece in pieces]
        except Exception as error:  # noqa: BLE001 - it is raised to whoever brought the work
            if len(pieces) > 1 and not isinstance(error, BusyError):
                for piece in pieces:
                    self._do([piece])
                return
            for piece in pieces:
                piece.end(error=error)
        else:
            for piece, result in zip(pieces, results, strict=True):
                piece.end(result)


class _Piece:
    """Work that waits. `woken` is set when it is over, or when it is its thread's turn to lead."""

    def __init__(self, work: Callable[[Session], Any]) -> None:
        self.work = work
        self.woken = threading.Event()
        self.is_over = False
        self.result: Any = None
        self.error: Exception | None = None

    def end(self, result: Any = None, *, error: Exception | None = None) -> None:
        self.result, self.error, self.is_over = result, error, True
