"""Threads that share a writing transaction: each one's work is committed once, whatever the others' does."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError, Event, Thread
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.support.together import together
from ticketing.foundation import shared_turn
from ticketing.foundation.db import Database
from ticketing.foundation.errors import BusyError, NotFoundError
from ticketing.foundation.shared_turn import SharedTurn, each_apart

_THREADS, _EACH = 8, 25
_PATIENCE = 10.0
MISSING, BUSY = 1_000, 2_000
_COUNT = text("UPDATE times SET done = done + 1 WHERE number = :number")
_ADD = text("INSERT INTO tally VALUES (:number)")


class Turn:
    """A shared turn on a table of numbers, which knows how many transactions were committed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            session.execute(text("CREATE TABLE tally (number integer PRIMARY KEY)"))
        self.shared: SharedTurn[Any, int] = SharedTurn(database, self._add)
        self.commits = 0
        self.asked: list[list[int]] = []
        self.begun, self.go_on = Event(), Event()
        event.listen(database.engine, "commit", self._count)

    def add(self, number: int) -> int:
        """Store a number; return it."""
        return self.shared.run(number)

    def numbers(self) -> set[int]:
        """Return what is committed."""
        with self.database.reading() as session:
            return set(session.scalars(text("SELECT number FROM tally")))

    def _add(self, session: Session, numbers: Sequence[int]) -> Sequence[int]:
        self.asked.append(list(numbers))
        for number in numbers:
            session.execute(_ADD, {"number": number})
            if number in (MISSING, BUSY):
                raise NotFoundError if number == MISSING else BusyError(retry_after=1)
        return numbers

    def _add_slowly(self, session: Session, numbers: Sequence[int]) -> Sequence[int]:
        """Do the same; the first one keeps its transaction open until the others are there."""
        if 0 in numbers:
            self.begun.set()
            assert self.go_on.wait(_PATIENCE)
        return self._add(session, numbers)

    def _count(self, _connection: object) -> None:
        self.commits += 1


class TurnOfDeeds(Turn):
    """The same of deeds, each of which stands or is refused for itself."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.shared = SharedTurn(database, each_apart)

    def add(self, number: int) -> int:
        """Store a number; return it."""
        return self.shared.run(partial(self._add_one, number))

    def _add_one(self, number: int, session: Session) -> int:
        [added] = self._add(session, [number])
        return added


@pytest.fixture(params=[Turn, TurnOfDeeds])
def turn(database: Database, request: pytest.FixtureRequest) -> Turn:
    made: Turn = request.param(database)
    return made


@pytest.fixture
def gathered(turn: Turn) -> Callable[..., list[Any]]:
    """A function that does deeds at once while another has the turn, so that they wait for it together."""
    if not turn.database.is_sqlite:
        pytest.skip("here nobody waits for a turn")

    def gather(*deeds: Callable[[], Any]) -> list[Any]:
        taken, over = Event(), Event()

        def keep() -> None:
            with turn.database.transaction():
                taken.set()
                over.wait(_PATIENCE)

        keeper = Thread(target=keep)
        keeper.start()
        assert taken.wait(_PATIENCE)
        waiter = Thread(target=lambda: (_wait_for(turn, len(deeds)), over.set()))
        waiter.start()
        results = together(*deeds)
        keeper.join()
        waiter.join()
        return results

    return gather


def test_each_number_is_committed_once_before_its_thread_hears_of_it(turn: Turn) -> None:
    def add_many(first: int) -> bool:
        return all(
            turn.add(number) in turn.numbers() for number in range(first, first + _EACH * _THREADS, _THREADS)
        )

    assert all(together(*[lambda first=first: add_many(first) for first in range(_THREADS)]))
    assert turn.numbers() == set(range(_EACH * _THREADS))


def test_those_who_wait_together_share_one_transaction(
    turn: Turn, gathered: Callable[..., list[Any]]
) -> None:
    before = turn.commits
    results = gathered(*[lambda number=number: turn.add(number) for number in range(_THREADS)])
    # The keeper's, and one of all who came before it was over.
    assert turn.commits - before == 1 + 1
    assert results == list(range(_THREADS))
    assert turn.numbers() == set(range(_THREADS))


def test_one_that_fails_takes_nobody_else_with_it(turn: Turn, gathered: Callable[..., list[Any]]) -> None:
    def fail() -> str:
        with pytest.raises(NotFoundError):
            turn.add(MISSING)
        return "refused"

    deeds = [lambda number=number: turn.add(number) for number in range(_THREADS)]
    before = turn.commits
    results = gathered(*deeds, fail, fail)
    assert results == [*range(_THREADS), "refused", "refused"]
    if isinstance(turn, TurnOfDeeds):
        # Nobody's deed was done again: the keeper's transaction, and one of all others.
        assert turn.commits - before == 1 + 1
        assert len(turn.asked) == len(results)
    assert turn.numbers() == set(range(_THREADS))


def test_a_number_taken_twice_is_refused_to_the_second_alone(turn: Turn) -> None:
    turn.add(1)
    with pytest.raises(IntegrityError):
        turn.add(1)
    assert turn.add(2) == 2
    assert turn.numbers() == {1, 2}


def test_a_database_that_cannot_be_had_is_busy_for_all_at_once(
    turn: Turn, gathered: Callable[..., list[Any]]
) -> None:
    def refused() -> bool:
        with pytest.raises(BusyError):
            turn.add(BUSY)
        return True

    assert all(gathered(*[refused] * _THREADS))
    # Nobody was tried again alone.
    sizes = [1] * _THREADS if isinstance(turn, TurnOfDeeds) else [_THREADS]
    assert [len(numbers) for numbers in turn.asked] == sizes


def test_where_writers_wait_for_nobody_work_shares_the_next_transaction(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("here the turn is waited for")
    turn = Turn(database)
    turn.shared = SharedTurn(database, turn._add_slowly)
    leader = Thread(target=lambda: turn.add(0))
    leader.start()
    assert turn.begun.wait(_PATIENCE)
    waiter = Thread(target=lambda: (_wait_for(turn, _THREADS), turn.go_on.set()))
    waiter.start()
    assert together(*[lambda number=number: turn.add(number) for number in range(1, _THREADS + 1)])
    leader.join()
    waiter.join()
    assert [len(numbers) for numbers in turn.asked] == [1, _THREADS]
    assert turn.numbers() == set(range(_THREADS + 1))


def test_whoever_leads_waits_a_moment_for_those_who_came_last_time(database: Database) -> None:
    turn = Turn(database)
    turn.shared._came_last = 3
    first = Thread(target=lambda: turn.add(0))
    with patch.object(shared_turn, "_GATHER_SECONDS", _PATIENCE):
        first.start()
        _wait_for(turn, 1)
        second = Thread(target=lambda: turn.add(1))
        second.start()
        _wait_for(turn, 2)
        assert not turn.numbers()
        assert turn.add(2) == 2
    first.join()
    second.join()
    assert turn.asked == [[0, 1, 2]]
    # They do not come again: the next one waits for them once, and not for long.
    assert [turn.add(3), turn.add(4)] == [3, 4]
    assert turn.shared._came_last == 1


def test_work_of_its_own_waits_for_nobody_there(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("here the turn is waited for")
    turn = Turn(database)
    turn.shared = SharedTurn(database, turn._add_slowly)
    leader = Thread(target=lambda: turn.add(0))
    leader.start()
    assert turn.begun.wait(_PATIENCE)
    assert turn.shared.run_alone(1) == 1
    assert turn.numbers() == {1}
    turn.go_on.set()
    leader.join()
    assert turn.numbers() == {0, 1}


def test_those_whose_transactions_wait_for_each_other_are_done_all_the_same(database: Database) -> None:
    """Phones that take the last places of a rush line at two processes."""
    if database.is_sqlite:
        pytest.skip("here transactions do not wait for each other")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE times (number integer PRIMARY KEY, done integer)"))
        session.execute(text("INSERT INTO times VALUES (0, 0), (1, 0), (2, 0)"))
    both_have_one, shared_by = Barrier(2), []

    def count(session: Session, numbers: Sequence[int]) -> Sequence[int]:
        for number in numbers:
            session.execute(_COUNT, {"number": number})
            if len(numbers) > 1:
                shared_by.append(number)
                with suppress(BrokenBarrierError):
                    both_have_one.wait(_PATIENCE)
                both_have_one.abort()  # nobody else waits: the next one's row is the other's
        return numbers

    processes = [SharedTurn(database, count) for _ in range(2)]
    assert together(
        *[
            lambda process=process, order=order: _one_after_the_other(process, order)
            for process, order in zip(processes, ((1, 2), (2, 1)), strict=True)
        ]
    ) == [[1, 2], [2, 1]]
    assert {1, 2} <= set(shared_by)
    with database.reading() as session:
        done = session.scalars(text("SELECT done FROM times WHERE number > 0")).all()
    assert list(done) == [2, 2]


def test_a_row_that_somebody_keeps_is_in_the_way_of_one_alone(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("here no row can be kept")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE times (number integer PRIMARY KEY, done integer)"))
        session.execute(text("INSERT INTO times VALUES (1, 0), (2, 0)"))

    def count(session: Session, numbers: Sequence[int]) -> Sequence[int]:
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        for number in numbers:
            session.execute(_COUNT, {"number": number})
        return numbers

    turn = SharedTurn(database, count)
    turn._came_last = 2  # so that the first waits for the second
    outcomes: dict[int, object] = {}

    def ask(number: int) -> bool:
        try:
            outcomes[number] = turn.run(number)
        except BusyError as error:
            outcomes[number] = error.code
        return True

    with patch.object(shared_turn, "_GATHER_SECONDS", _PATIENCE), database.transaction() as session:
        session.execute(_COUNT, {"number": 1})
        assert all(together(*[lambda number=number: ask(number) for number in (1, 2)]))
    assert outcomes == {1: "busy", 2: 2}


def _one_after_the_other(process: SharedTurn[int, int], order: Sequence[int]) -> list[int]:
    """Let two ask in this order while another leads, so that they share the next transaction."""
    done: list[int] = []
    threads = [Thread(target=lambda number=number: done.append(process.run(number))) for number in order]
    process._is_led = True
    for number, thread in enumerate(threads, 1):
        thread.start()
        deadline = monotonic() + _PATIENCE
        while len(process._waiting) < number:
            assert monotonic() < deadline
            sleep(0.005)
    process._waiting[0].woken.set()
    for thread in threads:
        thread.join()
    return sorted(done, key=order.index)


def test_a_turn_that_is_not_to_be_had_is_refused_to_all_who_wait(
    turn: Turn, gathered: Callable[..., list[Any]]
) -> None:
    def refused() -> bool:
        with pytest.raises(BusyError):
            turn.add(1)
        return True

    def no_turn(_connection: object) -> None:
        raise BusyError(retry_after=1)

    def fail() -> bool:
        event.listen(turn.database.engine, "begin", no_turn)
        return refused()

    assert all(gathered(fail, *[refused] * _THREADS))
    event.remove(turn.database.engine, "begin", no_turn)
    assert turn.asked == []
    assert turn.add(1) == 1


def _wait_for(turn: Turn, number: int) -> None:
    deadline = monotonic() + _PATIENCE
    while len(turn.shared._waiting) < number:
        assert monotonic() < deadline
        sleep(0.005)
