"""How often one caller may do something. Counted in a process's memory: two workers allow twice as much.

`TICKETING_LIMITS` turns it on. The door is never limited: a queue of guests is not an attack.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ticketing.foundation.errors import RateLimitedError

_EXTENSION = "kassa.limits"


@dataclass(frozen=True)
class Limits:
    """Counts attempts, good and bad, by kind and by who makes them."""

    rules: Mapping[str, Sequence[RateLimitItem]]
    _counter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def count(self, kind: str, who: str) -> None:
        """Count an attempt. Raises RateLimitedError when there were too many."""
        for limit in self.rules.get(kind, ()):
            if not self._counter.hit(limit, kind, who):
                raise RateLimitedError


def install(app: Flask, rules: Mapping[str, str], *, enabled: bool) -> None:
    """Give the app its counters; a rule reads `6/minute; 40/hour`."""
    parsed = {kind: [parse(part) for part in rule.split(";")] for kind, rule in rules.items()}
    app.extensions[_EXTENSION] = Limits(parsed if enabled else {})


def limits() -> Limits:
    """Return the counters of the app that serves this request."""
    return cast("Limits", current_app.extensions[_EXTENSION])


def count_address(kind: str) -> None:
    """Count an attempt of this request's address. Raises RateLimitedError."""
    limits().count(kind, request.remote_addr or "")
