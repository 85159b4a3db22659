"""Of gunicorn's processes none takes all connections of a moment."""

import logging
import time
from collections.abc import Iterator
from socket import create_connection, create_server, socket

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from ticketing.foundation.serving import EvenThreadWorker

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


def test_it_takes_one_for_each_thread_at_once_and_gives_way_before_more(
    process: Process, door: socket, waits: list[float]
) -> None:
    guests = [create_connection(door.getsockname()) for _ in range(THREADS + 2)]
    for _ in guests:
        process.accept(door)
    assert process.nr_conns == len(process.taken) == THREADS + 2
    assert waits == [pytest.approx(0.001)] * 2
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
