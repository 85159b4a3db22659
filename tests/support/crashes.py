"""Crash points: the process may end between any two steps, and something else may happen there meanwhile.

Nothing in the product knows of them. They are put around it from outside: around each commit and around each
call to a gateway. What was not committed is lost; what the gateway did stays done.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from tests.support.stripe_fake.client import FakeHttpClient
from tests.support.stripe_fake.service import FakeStripe
from ticketing.foundation.db import Database


class KilledError(BaseException):
    """The process is gone. Not an Exception, so that no code of the product takes it for an error."""


COMMIT, COMMITTED = "before a commit", "after a commit"
CALL, DONE, READ = "before a call", "before the answer of a call", "before the answer of a question"
ANY = "any point"
# Dying with an answer that only told something is dying before the commit that would have recorded it.
DEATHS = (COMMIT, COMMITTED, CALL, DONE)
# Inside a transaction nothing else can happen: the other one would wait.
MOMENTS = (COMMITTED, CALL, DONE, READ)


@dataclass
class Fate:
    """Counts the points of one step, and ends the process at one of them or lets something happen there.

    A dead process does nothing more: after the end every further point ends it again, so that nothing that
    runs on the way out can commit or call. `met` are the points that somebody has died at; `passed` is how
    many points there were.
    """

    met: list[str] = field(default_factory=list)
    passed: int = 0
    _point: str = ""
    _left: int = 0
    _meanwhile: Callable[[], object] | None = None
    _is_dead: bool = False

    def decide(self, point: str, number: int = 1, meanwhile: Callable[[], object] | None = None) -> None:
        """End the process when it passes a point for the n-th time, or let something happen there."""
        self._point, self._left, self._meanwhile, self._is_dead = point, number, meanwhile, False

    def spare(self) -> None:
        """Let nothing happen any more."""
        self.decide("", 0)

    def reached(self, point: str) -> None:
        """Pass a point. Raises KilledError."""
        if self._is_dead:
            raise KilledError(point)
        self.passed += 1
        if self._point not in (point, ANY):
            return
        self._left -= 1
        if self._left:
            return
        self._point = ""
        if self._meanwhile is None:
            self.met.append(point)
            self._is_dead = True
            raise KilledError(point)
        self._meanwhile()


class MortalDatabase(Database):
    """A database whose process may end before and after each commit."""

    def __init__(self, url: str, fate: Fate, *, gives_way: bool = False) -> None:
        super().__init__(url, gives_way=gives_way)
        self._fate = fate

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            session.flush()
            self._fate.reached(COMMIT)
        self._fate.reached(COMMITTED)


class MortalHttpClient(FakeHttpClient):
    """The SDK's way to the fake Stripe; the process may end before a call, or before its answer is seen."""

    def __init__(self, fake: FakeStripe, fate: Fate) -> None:
        super().__init__(fake)
        self._fate = fate

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        is_deed = method.upper() == "POST"
        if is_deed:
            self._fate.reached(CALL)
        answer = super().request(method, url, headers, post_data)
        self._fate.reached(DONE if is_deed else READ)
        return answer


def mortal(send: Callable[[str, str], str], fate: Fate) -> Callable[[str, str], str]:
    """Return a way to a bank of forms; the process may end before a call, or before its answer is seen."""

    def sent(path: str, body: str) -> str:
        is_deed = path != "status"
        if is_deed:
            fate.reached(CALL)
        answer = send(path, body)
        fate.reached(DONE if is_deed else READ)
        return answer

    return sent
