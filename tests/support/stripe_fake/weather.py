"""Bad weather between Kassa and Stripe: what may go wrong with one call, planned by a test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Trouble(StrEnum):
    """What goes wrong. The two errors of Stripe's own are kept under the idempotency key, as Stripe does."""

    LOST_BEFORE = "the request never arrives"
    LOST_AFTER = "the work is done, and the answer is lost"
    ERROR_BEFORE = "an internal error before anything was done"
    ERROR_AFTER = "the work is done, and an internal error is said and kept"
    UNAVAILABLE = "503, nothing done and nothing kept"
    TOO_MANY = "429, nothing done and nothing kept"
    IN_PROGRESS = "409, the same key is at work"


@dataclass
class _Planned:
    method: str
    path: str
    trouble: Trouble


@dataclass
class Weather:
    """Troubles to come, each for one call whose path begins so; `always` is asked when none is planned."""

    planned: list[_Planned] = field(default_factory=list)
    always: Callable[[str, str], Trouble | None] = lambda _method, _path: None

    def plan(self, trouble: Trouble, method: str = "", path: str = "", *, times: int = 1) -> None:
        """Let the next calls of this kind go wrong."""
        self.planned += [_Planned(method, path, trouble)] * times

    def trouble(self, method: str, path: str) -> Trouble | None:
        """Return what goes wrong with a call, once."""
        for number, one in enumerate(self.planned):
            if one.method in ("", method) and path.startswith(one.path):
                del self.planned[number]
                return one.trouble
        return self.always(method, path)
