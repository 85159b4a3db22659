"""What Kassa asks of a payment gateway. Calls are made between transactions, never inside one.

Coming back to the return URL never means paid: only what the gateway says of the session does.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol


class SessionState(StrEnum):
    """What a gateway says of a payment page: only `open` can still become something else."""

    OPEN = "open"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """What a gateway says of a refund."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class GatewayUnreachableError(Exception):
    """No answer, or an answer that says nothing: the outcome is unknown and the same call may be repeated."""


@dataclass(frozen=True, kw_only=True)
class StartRequest:
    """A payment to begin, exactly as it is kept and sent. Repeating it with the same key is harmless."""

    key: str
    order: str
    amount_minor: int
    currency: str
    locale: str
    return_url: str
    expires_at: str

    def to_json(self) -> dict[str, Any]:
        """Return what the attempt keeps."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where the buyer goes to pay; `session` is the gateway's name for the attempt."""

    session: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SessionStatus:
    """The gateway's present word on a session."""

    state: SessionState
    captured_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One event of a callback: kept under its id, then processed by reading the session again."""

    event: str
    session: str
    kind: str


class Gateway(Protocol):
    """A payment gateway. Methods raise GatewayUnreachableError when the outcome is unknown."""

    @property
    def name(self) -> str:
        """The gateway's name in payments and events."""

    def start(self, request: StartRequest) -> Started:
        """Open a payment page, or return the one that this key opened before."""

    def status(self, session: str) -> SessionStatus:
        """Read a session."""

    def expire(self, session: str) -> SessionStatus:
        """Close a session for good if it is open; return what it then is."""

    def refund(self, session: str, amount_minor: int, key: str) -> RefundState:
        """Give money back, once per key."""


Gateways = Mapping[str, Gateway]
