"""What a gateway brings to the contract's tests: itself, its bank, and what can be done to that bank."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from tests.support.kassa import SettableClock
from ticketing.sales.payments.port import Capture, Gateway, RefundRequest, StartRequest

AMOUNT = 450_000
LIFE = timedelta(minutes=35)


class Trait(StrEnum):
    """What a bank can be made to do; tests of what it cannot are skipped."""

    LOSES_ANSWERS = "loses answers"
    DECLINES = "declines for good"
    PAYS_SLOWLY = "pays slowly"
    RESERVES = "reserves money first"
    REFUNDS_SLOWLY = "refunds slowly"
    REFUNDS_FAIL = "refunds fail"
    REFUNDS_ONCE = "refunds one part only once"
    CALLS_BACK = "calls back"
    RELISTS = "lists what was not delivered"


@dataclass(frozen=True)
class Call:
    """A callback as it comes in."""

    raw: bytes
    headers: Mapping[str, str]


class World(Protocol):
    """A gateway with its bank."""

    gateway: Gateway
    clock: SettableClock
    traits: frozenset[Trait]

    def pay(self, session: str) -> None:
        """Pay on a page. Raises Exception if the page is closed."""

    def money(self, session: str) -> tuple[int, int]:
        """Return what the bank took and what it gave back."""

    def pages(self) -> int:
        """Return how many pages were ever opened."""

    def lose(self, call: str, *, after: bool) -> None:
        """Lose the answer of the next `start` or `refund`, after the work or before it."""

    def decline(self, session: str) -> None:
        """Let the bank say no, for good."""

    def pay_slowly(self, session: str) -> None:
        """Pay by a method whose word comes later."""

    def settle(self, session: str, *, paid: bool) -> None:
        """Let that word come."""

    def slow_refunds(self) -> None:
        """Let refunds take their time from now on."""

    def settle_refund(self, name: str, *, done: bool) -> None:
        """Let a refund come to its end."""

    def calls(self) -> list[Call]:
        """Return the callbacks that the bank has sent since the last time."""


def asked(world: World, key: str = "order:1:1", **changed: object) -> StartRequest:
    """Return a request to start, as an attempt keeps it."""
    values: dict[str, object] = {
        "key": key,
        "order": "KX7-4M2Q",
        "amount_minor": AMOUNT,
        "currency": "KZT",
        "locale": "kk",
        "return_url": "https://kassa.test/kk/orders/KX7-4M2Q?key=k",
        "expires_at": (world.clock.now() + LIFE).isoformat(),
        "capture": Capture.AUTOMATIC,
        **changed,
    }
    return StartRequest(**values)  # type: ignore[arg-type]


def opened(world: World, key: str = "order:1:1", **changed: object) -> str:
    """Open a page; return its session."""
    return world.gateway.start(asked(world, key, **changed)).session


def paid(world: World, key: str = "order:1:1", **changed: object) -> str:
    """Open a page and pay there; return its session."""
    session = opened(world, key, **changed)
    world.pay(session)
    return session


def back(session: str, amount: int, number: int = 1, attempt: int = 1) -> RefundRequest:
    """Return a request to give money back."""
    return RefundRequest(
        key=f"refund:{number}" if attempt == 1 else f"refund:{number}:{attempt}",
        refund=f"{number}",
        session=session,
        amount_minor=amount,
        currency="KZT",
        attempt=attempt,
    )
