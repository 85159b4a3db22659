"""Several threads' writing in one transaction."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from ticketing.foundation.db import Database
from ticketing.foundation.errors import BusyError, DomainError

# How long whoever leads waits at most for those who came to the last turn.
_GATHER_SECONDS = 0.002
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Deed: TypeAlias = Callable[[Session], Any]


@dataclass(frozen=True)
class Refusal:
    """The answer to one who is refused while the others' work stands."""

    error: DomainError


def granted(given: Answer | Refusal) -> Answer:
    """Return an answer. Raises the error of a refusal."""
    if isinstance(given, Refusal):
        raise given.error
    return given


def each_apart(session: Session, deeds: Sequence[Deed]) -> list[Any]:
    """Do deeds in order, each for itself: one that is refused is undone, and the others stand.

    It is undone in the database, and the session is not told: deeds may keep no objects in it.
    """
    return [_apart(session, deed) for deed in deeds]


def _apart(session: Session, deed: Deed) -> Any:
    # Past SQLAlchemy, whose savepoint costs more than a hold's statements, while everybody waits.
    cursor = session.connection().connection.cursor()
    cursor.execute("SAVEPOINT deed")
    try:
        done = deed(session)
    except DomainError as error:
        cursor.execute("ROLLBACK TO deed")
        done = Refusal(error)
    cursor.execute("RELEASE deed")
    return done


class SharedTurn(Generic[Asked, Answer]):
    """Does one kind of work for all who ask for it at the same moment, in one transaction. One per process.

    A transaction waits for its turn, where only one can write, and then for the disk; what is asked for until
    the turn is had shares it and its flush, which doubles what a door with many phones gets through. Each has
    the whole transaction's guarantee: nobody is answered before it is committed. Where writers wait for
    nobody, as on PostgreSQL, only work in order may share: it locks the rows for all who ask in an order that
    is the same for everybody.

    The work runs in the thread of whoever leads, so it may use nothing of a request; and again for each alone
    if it fails for all, so it may change nothing but the database.
    """

    def __init__(
        self,
        database: Database,
        work: Callable[[Session, Sequence[Asked]], Sequence[Answer | Refusal]],
    ) -> None:
        """`work` returns an answer to each of what is asked, in order; a Refusal is raised to who asked."""
        self._database = database
        self._work = work
        self._guard = threading.Condition()
        self._waiting: deque[_Piece[Asked, Answer]] = deque()
        self._is_led = False
        self._came_last = 1

    def run(self, asked: Asked) -> Answer:
        """Do the work, and return its answer once it is committed. Raises what the work raises."""
        piece: _Piece[Asked, Answer] = _Piece(asked)
        with self._guard:
            self._waiting.append(piece)
            if len(self._waiting) >= self._came_last:
                self._guard.notify()
            leads, self._is_led = not self._is_led, True
        if not leads:
            piece.woken.wait()
        if not piece.is_over:
            self._lead()
        return piece.outcome()

    def run_alone(self, asked: Asked) -> Answer:
        """Do the same in a transaction of its own."""
        piece: _Piece[Asked, Answer] = _Piece(asked)
        self._do_alone(piece)
        return piece.outcome()

    def _lead(self) -> None:
        """Do all that waits, the leader's own piece being its first, and let the next one lead."""
        with self._guard:
            # Those who came together a moment ago are about to come again, and a turn of one is the dearest.
            self._guard.wait_for(lambda: len(self._waiting) >= self._came_last, _GATHER_SECONDS)
        pieces: list[_Piece[Asked, Answer]] = []
        try:
            self._do_all(pieces)
        finally:
            with self._guard:
                if self._waiting:
                    self._waiting[0].woken.set()
                else:
                    self._is_led = False
            for piece in pieces[1:]:
                if not piece.is_over:
                    piece.fail(RuntimeError("the thread that led was ended"))
                piece.woken.set()

    def _do_all(self, pieces: list["_Piece[Asked, Answer]"]) -> None:
        """Do all that waits when the turn is had, and add it to `pieces`."""
        try:
            with self._database.transaction() as session:
                self._take(pieces)
                answers = self._work(session, [piece.asked for piece in pieces])
        except Exception as error:  # noqa: BLE001 - it is raised to whoever asked
            if not pieces:  # there was no turn to be had
                self._take(pieces)
            # A turn that is not to be had is so for all. Elsewhere a row is in the way, which is one's alone.
            has_no_turn = isinstance(error, BusyError) and self._database.is_sqlite
            if len(pieces) == 1 or has_no_turn:
                for piece in pieces:
                    piece.fail(error)
            else:
                for piece in pieces:
                    self._do_alone(piece)
        else:
            for piece, given in zip(pieces, answers, strict=True):
                piece.end(given)

    def _take(self, pieces: list["_Piece[Asked, Answer]"]) -> None:
        with self._guard:
            pieces += self._waiting
            self._waiting.clear()
            self._came_last = len(pieces)

    def _do_alone(self, piece: "_Piece[Asked, Answer]") -> None:
        try:
            with self._database.transaction() as session:
                [given] = self._work(session, [piece.asked])
        except Exception as error:  # noqa: BLE001 - it is raised to whoever asked
            piece.fail(error)
        else:
            piece.end(given)


class _Piece(Generic[Asked, Answer]):
    """What is asked for. `woken` is set when it is over, or when it is its thread's turn to lead."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.woken = threading.Event()
        self.is_over = False
        self._answers: list[Answer | Refusal] = []
        self._error: Exception | None = None

    def end(self, given: Answer | Refusal) -> None:
        self._answers.append(given)
        self.is_over = True

    def fail(self, error: Exception) -> None:
        self._error = error
        self.is_over = True

    def outcome(self) -> Answer:
        if self._error is not None:
            raise self._error
        [given] = self._answers
        return granted(given)
