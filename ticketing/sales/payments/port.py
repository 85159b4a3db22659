"""What Kassa asks of a payment gateway. Calls are made between transactions, never inside one.

Coming back to the return URL never means paid: only what the gateway says of the session does. `Gateway` is
what each must have; the protocols below it are what some have besides, and a gateway has one by having its
methods. docs/writing-a-gateway.md leads through all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

# A refund's refusal when the gateway is sure that there is none: it may be asked for under a new key.
NEVER_MADE = "never_made"


class SessionState(StrEnum):
    """What a gateway says of a payment page.

    `open` can be paid. `processing`: the buyer has paid by a method whose word comes later, and nobody can
    close it any more. `authorised`: the money is reserved until it is captured or released.
    """

    OPEN = "open"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """What a gateway says of a refund."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class DisputeState(StrEnum):
    """What a gateway says of a dispute; a closed inquiry counts as won."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class PayoutState(StrEnum):
    """What a gateway says of money that it sends to the festival's bank."""

    UNDER_WAY = "under_way"
    PAID = "paid"
    FAILED = "failed"


class Subject(StrEnum):
    """What a notification is about: the object that is read again when it is processed."""

    SESSION = "session"
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    WARNING = "warning"
    PAYOUT = "payout"


class Capture(StrEnum):
    """Take the money at once, or reserve it until the places are sure."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class GatewayUnreachableError(Exception):
    """No answer, or an answer that says nothing: the outcome is unknown and the same call may be repeated."""


class GatewayRefusedError(Exception):
    """The gateway's definite no, as a short code: nothing was done, nor will be on asking again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CallbackRefusedError(Exception):
    """A callback that proves nothing: `reason` is forged, stale, malformed or unknown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Item:
    """A ticket on the payment page: screening and place, nothing about the buyer."""

    name: str
    amount_minor: int


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
    capture: str = Capture.AUTOMATIC
    items: tuple[Item, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what the attempt keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "StartRequest":
        """Return what an attempt has kept."""
        return cls(**{**kept, "items": tuple(Item(**item) for item in kept.get("items", ()))})


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where the buyer goes to pay; `session` is the gateway's name for the attempt."""

    session: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SessionStatus:
    """The gateway's present word on a session.

    `reference` is its name for the payment made there, once there is one; `key` is the key of the request
    that opened the session.
    """

    state: SessionState
    captured_minor: int
    currency: str
    authorised_minor: int = 0
    reference: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """Money to give back, once per key. `refund` is Kassa's id, the same for each new key of one refund."""

    key: str
    refund: str
    session: str
    amount_minor: int
    currency: str
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class RefundStatus:
    """The gateway's word on a refund: `name` is its own, `refund` is Kassa's id if it knows one.

    `attempt` is which asking for that refund it answers: a refund that failed may be asked for once more.
    """

    state: RefundState
    name: str = ""
    refund: str = ""
    reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    failure: str = ""
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class DisputeStatus:
    """The gateway's word on a dispute. `withdrawn_minor` is what it has taken back for now."""

    name: str
    reference: str
    state: DisputeState
    amount_minor: int
    currency: str
    withdrawn_minor: int
    reason: str
    due_by: datetime | None


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A part of a payout: money of a payment (`charge`), or taken back for a `refund` or a `dispute`.

    `name` is the gateway's name of the payment, refund or dispute; `amount_minor` is in the buyer's currency
    and negative where money went away. `settled_minor` is what of it reached the bank account, after the
    gateway's fees and in the account's currency. Fees, and a payout that came back, are the gateway's `own`:
    the books say nothing of them. Whatever is none of these is `other`, and staff look at it.
    """

    kind: str
    name: str
    amount_minor: int
    currency: str
    settled_minor: int


@dataclass(frozen=True, kw_only=True)
class PayoutStatus:
    """The gateway's word on a payout, in the currency of the bank account."""

    name: str
    state: PayoutState
    amount_minor: int
    currency: str
    arrives_at: datetime


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One event of a callback: kept under its id, then processed by reading its object again.

    One that nobody signed (`trusted` is false) may have been sent by anybody too early, so it is looked into
    again when it comes again.
    """

    event: str
    kind: str
    name: str
    about: Subject = Subject.SESSION
    trusted: bool = True


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What came in, and what the gateway wants to hear when it is kept."""

    notifications: Sequence[Notification]
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Gateway(Protocol):
    """A payment gateway.

    Methods raise GatewayUnreachableError when the outcome is unknown and GatewayRefusedError when it is no.
    """

    @property
    def name(self) -> str:
        """The gateway's name in payments and events."""

    @property
    def itemised(self) -> bool:
        """Tell whether the payment page lists the tickets."""

    @property
    def capture_mode(self) -> Capture:
        """Return how new payments take the money."""

    def start(self, request: StartRequest) -> Started:
        """Open a payment page, or return the one that this key opened before."""

    def status(self, session: str) -> SessionStatus:
        """Read a session."""

    def expire(self, session: str) -> SessionStatus:
        """Close a session for good if it is open; return what it then is."""

    def refund(self, request: RefundRequest) -> RefundStatus:
        """Give money back, once per key, never more than was captured."""

    def refund_status(self, request: RefundRequest, name: str) -> RefundStatus:
        """Read a refund by the name that the gateway gave it."""


@runtime_checkable
class Capturing(Gateway, Protocol):
    """A gateway that can reserve money first."""

    def capture(self, session: str, amount_minor: int, key: str) -> SessionStatus:
        """Take what is authorised; return what the session then is."""

    def release(self, session: str, key: str) -> SessionStatus:
        """Let go what is authorised; return what the session then is."""


@runtime_checkable
class Notifying(Gateway, Protocol):
    """A gateway that calls back."""

    def read_callback(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> Callback:
        """Return what a callback says, if it is genuine. Raises CallbackRefusedError."""


@runtime_checkable
class Relisting(Gateway, Protocol):
    """A gateway that can list the notifications that never arrived."""

    def undelivered(self, since: datetime) -> Sequence[Notification]:
        """Return the notifications since a moment that Kassa has not acknowledged."""


@runtime_checkable
class Disputing(Gateway, Protocol):
    """A gateway of cards: payments can be disputed."""

    def session_of(self, reference: str) -> str:
        """Return the session of a payment. Raises GatewayRefusedError when there is none."""

    def outside_refund(self, name: str) -> RefundStatus:
        """Read a refund that Kassa may not have asked for."""

    def dispute(self, name: str) -> DisputeStatus:
        """Read a dispute."""

    def warned(self, name: str) -> str:
        """Return the reference of the payment that an early fraud warning is about."""


@runtime_checkable
class PayingOut(Gateway, Protocol):
    """A gateway that says what its payouts are made of."""

    def payouts(self, since: datetime) -> Sequence[PayoutStatus]:
        """List payouts made since a moment."""

    def payout(self, name: str) -> PayoutStatus:
        """Read a payout."""

    def movements(self, payout: str) -> Sequence[Movement]:
        """List what a payout is made of."""


Gateways = Mapping[str, Gateway]
