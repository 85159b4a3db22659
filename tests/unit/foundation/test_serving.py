"""The web processes share connections and processors evenly, and stay with a guest who goes on speaking."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from socket import SHUT_WR, create_connection, create_server, socket, socketpair
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn, ThreadWorker

from ticketing.foundation.serving import EvenThreadWorker, choose_processors, keep_to_processors

THREADS = 4


class Process(EvenThreadWorker):
    """One that notes what it takes, and does nothing with it."""

    def __init__(self, door: socket) -> None:
        settings = Config()
        settings.set("threads", THREADS)
        super().__init__(1, 1, [door], None, 30, settings, logging.getLogger(__name__))
        self.taken: list[TConn] = []

    def enqueue_req(self, conn: TConn) -> None:
        self.taken.append(conn)


@pytest.fixture
def door() -> Iterator[socket]:
    with create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture
def process(door: socket) -> Iterator[Process]:
    one = Process(door)
    yield one
    one.tmp.close()
    for conn in one.taken:
        conn.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_the_more_it_has_the_longer_it_gives_way(process: Process, door: socket, waits: list[float]) -> None:
    guests = [create_connection(door.getsockname()) for _ in range(THREADS + 2)]
    for _ in guests:
        process.accept(door)
    assert process.nr_conns == len(process.taken) == THREADS + 2
    assert waits == [pytest.approx(share) for share in (0.001, 0.002, 0.003, 0.004, 0.004)]
    for one in guests:
        one.close()


def test_what_another_takes_meanwhile_is_let_go(
    process: Process, door: socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.nr_conns = THREADS
    others: list[socket] = []
    monkeypatch.setattr(time, "sleep", lambda _seconds: others.append(door.accept()[0]))
    with create_connection(door.getsockname()):
        process.accept(door)
    assert len(others) == 1
    assert process.nr_conns == THREADS
    assert not process.taken
    others[0].close()


class Staying(Process):
    """One that takes a byte for a request, and counts what it has answered."""

    def __init__(self, door: socket, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(door)
        self.nr_conns = 1
        self.answered = 0
        monkeypatch.setattr(ThreadWorker, "handle", lambda _self, conn: self._answer(conn))
        self.after: Callable[[], object] = lambda: None

    def _answer(self, conn: TConn) -> bool:
        conn.sock.setblocking(True)
        more = bool(conn.sock.recv(1))
        self.answered += more
        self.after()
        return more


@pytest.fixture
def staying(door: socket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staying]:
    one = Staying(door, monkeypatch)
    yield one
    one.tmp.close()


@pytest.fixture
def guest(staying: Staying) -> Iterator[tuple[socket, TConn]]:
    here, there = socketpair()
    with here, there:
        yield here, TConn(staying.cfg, there, "", staying)


def test_what_a_guest_says_at_once_is_answered_by_the_thread_that_is_there(
    staying: Staying, guest: tuple[socket, TConn]
) -> None:
    speaker, conn = guest
    speaker.send(b"abc")
    assert staying.handle(conn) is True
    assert staying.answered == len(b"abc")


def test_a_guest_who_leaves_is_let_go(staying: Staying, guest: tuple[socket, TConn]) -> None:
    speaker, conn = guest
    speaker.send(b"a")
    speaker.shutdown(SHUT_WR)
    assert staying.handle(conn) is False


def test_no_thread_stays_when_guests_are_more_than_threads(
    staying: Staying, guest: tuple[socket, TConn]
) -> None:
    speaker, conn = guest
    speaker.send(b"abc")
    staying.nr_conns = THREADS + 1
    assert staying.handle(conn) is True
    assert staying.answered == 1


def test_no_thread_stays_in_a_process_that_ends(staying: Staying, guest: tuple[socket, TConn]) -> None:
    speaker, conn = guest
    speaker.send(b"abc")
    staying.after = lambda: setattr(staying, "alive", False)
    assert staying.handle(conn) is True
    assert staying.answered == 1


class Arbiter:
    """gunicorn's first process, as far as the hooks see it."""

    def __init__(self, workers: int) -> None:
        self.num_workers = workers
        self.WORKERS: dict[int, Any] = {}
        self._next = 0

    def fork(self) -> int:
        """Make a process; return its id."""
        worker = SimpleNamespace()
        choose_processors(self, worker)
        self._next += 1
        self.WORKERS[self._next] = worker
        return self._next

    def processors(self) -> list[list[int]]:
        return [worker.processors for worker in self.WORKERS.values()]


@pytest.mark.parametrize(
    ("processors", "workers", "shares"),
    [
        (2, 2, [[0], [1]]),
        (1, 2, [[0], [0]]),
        (5, 2, [[0, 2, 4], [1, 3]]),
        (2, 3, [[0], [1], [0]]),
        (4, 1, [[0, 1, 2, 3]]),
    ],
)
def test_processes_share_the_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, workers: int, shares: list[list[int]]
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(processors)))
    arbiter = Arbiter(workers)
    for _ in range(workers):
        arbiter.fork()
    assert arbiter.processors() == shares


def test_a_process_made_for_one_that_has_ended_gets_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})
    arbiter = Arbiter(3)
    _, second, _ = [arbiter.fork() for _ in range(3)]
    share = arbiter.WORKERS.pop(second).processors
    again = arbiter.fork()
    assert arbiter.WORKERS[again].processors == share == [1]
    assert sorted(arbiter.processors()) == [[0], [1], [2]]


def test_a_process_keeps_to_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[int, list[int]]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, share: kept.append((process, share)))
    arbiter = Arbiter(2)
    keep_to_processors(arbiter, arbiter.WORKERS[arbiter.fork()])
    assert kept == [(0, [0, 2])]


def test_where_it_may_not_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_process: int, _share: list[int]) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbid)
    arbiter = Arbiter(2)
    keep_to_processors(arbiter, arbiter.WORKERS[arbiter.fork()])


def test_where_the_system_has_no_shares_all_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity")
    arbiter = Arbiter(2)
    keep_to_processors(arbiter, arbiter.WORKERS[arbiter.fork()])
    assert arbiter.processors() == [None]
