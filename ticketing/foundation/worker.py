"""The worker process: drains the outbox and runs the periodic jobs that it is given."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.outbox import Handler, drain

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something to do every `every`; it gets the time and opens its own transactions."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]


class Worker:
    """Runs until told to stop. Several may run at once: jobs and outbox entries allow for it.

    Without handlers it leaves the outbox alone.
    """

    def __init__(
        self, database: Database, clock: Clock, handlers: Mapping[str, Handler], jobs: Sequence[Job]
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._jobs = jobs
        self._next_run: dict[str, datetime] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the loop to end after what it is doing."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping.is_set():
            try:
                busy = self.step()
            except Exception:  # noqa: BLE001 - whatever it is, it is logged and the loop goes on
                # A database that is away comes back; the worker must still be there.
                _log.exception("worker step failed")
                busy = 0
            if not busy:
                self._stopping.wait(_IDLE_SECONDS)

    def step(self) -> int:
        """Do everything that is due now; return how many outbox entries were tried."""
        now = self._clock.now()
        for job in self._jobs:
            if self._next_run.get(job.name, now) <= now:
                self._next_run[job.name] = now + job.every
                job.run(now)
        return drain(self._database, self._handlers, now) if self._handlers else 0
