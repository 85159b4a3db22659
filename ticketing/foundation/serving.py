"""How the web processes take connections and processors; `gunicorn.conf.py` puts it to use."""

import os
import select
import time
from collections import Counter
from contextlib import suppress
from socket import socket
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

_GIVE_WAY_SECONDS, _STAY_MS = 0.001, 5


class EvenThreadWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threads, spread evenly, and not sent for each time a guest who is there speaks again."""

    def accept(self, listener: socket) -> None:
        """Take a connection, if nobody else does who is less busy.

        gunicorn's processes wait at one door, and the first to wake takes whoever stands there: browsers and
        proxies come in bursts, and keep their connections. Often one process had them all, and the others
        had nothing to do for as long as they stayed. So each waits a moment before it takes one more, the
        longer the more it has, in which another may take it.
        """
        if self.nr_conns:
            time.sleep(_GIVE_WAY_SECONDS * min(self.nr_conns, self.cfg.threads))
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Answer a request, and those that follow it at once.

        To hand a connection to the thread that watches all of them and back costs a third of a short answer.
        It is done when the guest is silent for a moment, or when there are more guests than threads.
        """
        while True:
            keeps = super().handle(conn)
            if keeps is not True or not self.alive or self.nr_conns > self.cfg.threads:
                return keeps
            silence = select.poll()
            silence.register(conn.sock, select.POLLIN)
            if not silence.poll(_STAY_MS):
                return keeps


def choose_processors(server: Any, worker: Any) -> None:
    """Choose for a process that is about to be made the share of processors that the fewest others have.

    A process of Python's computes on one processor at a time; threads that take turns on several find nothing
    of what they need in their caches. gunicorn's hook `pre_fork`.
    """
    if not hasattr(os, "sched_setaffinity"):
        worker.share, worker.processors = 0, None
        return
    processors = sorted(os.sched_getaffinity(0))
    number = min(server.num_workers, len(processors))
    shares = [processors[first::number] for first in range(number)]
    having = Counter(other.share for other in server.WORKERS.values())
    worker.share = min(range(len(shares)), key=lambda share: having[share])
    worker.processors = shares[worker.share]


def keep_to_processors(_server: Any, worker: Any) -> None:
    """Let a new process use its share alone. gunicorn's hook `post_fork`."""
    if worker.processors:
        with suppress(OSError):  # some containers forbid it, and all but the speed is as it was
            os.sched_setaffinity(0, worker.processors)
