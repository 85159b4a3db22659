"""How often somebody may try to sign in: per address and per login, counted in this process's memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ticketing.foundation.errors import RateLimitedError

_EXTENSION = "kassa.sign_in_limits"
# An address may be a whole box office behind one router; a login belongs to one person.
_LIMITS: Mapping[str, tuple[RateLimitItem, ...]] = {
    "address": (parse("30/minute"),),
    "login": (parse("6/minute"), parse("40/hour")),
}


@dataclass(frozen=True)
class SignInLimits:
    """Counts attempts, good and bad."""

    enabled: bool
    _counter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def count(self, address: str, login: str) -> None:
        """Count an attempt. Raises RateLimitedError when there were too many."""
        if not self.enabled:
            return
        for kind, who in (("address", address), ("login", login.strip().lower())):
            for limit in _LIMITS[kind]:
                if not self._counter.hit(limit, kind, who):
                    raise RateLimitedError


def install(app: Flask, *, enabled: bool) -> None:
    """Give the app its counters."""
    app.extensions[_EXTENSION] = SignInLimits(enabled)


def sign_in_limits() -> SignInLimits:
    """Return the counters of the app that serves this request."""
    return cast("SignInLimits", current_app.extensions[_EXTENSION])
