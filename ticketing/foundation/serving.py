"""How the web processes take connections: a class of workers for gunicorn."""

import time
from socket import socket

from gunicorn.workers.gthread import ThreadWorker

_GIVE_WAY_SECONDS = 0.001


class EvenThreadWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threads, of which no process takes all connections of a moment.

    Its processes wait at one door, and the first to wake takes whoever stands there: browsers and proxies
    come in bursts, and keep their connections. In a quarter of such moments one process had them all, and the
    others had nothing to do for as long as they stayed. So a process that has a connection for each of its
    threads waits a moment before it takes one more, in which another may take it.
    """

    def accept(self, listener: socket) -> None:
        """Take a connection, if nobody else does who is less busy."""
        if self.nr_conns >= self.cfg.threads:
            time.sleep(_GIVE_WAY_SECONDS)
        super().accept(listener)
