"""A running Kassa whose payments go to the strict Stripe in memory, through the real SDK and its webhook."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.kassa import Json, Kassa, order_body, session_of
from tests.support.stripe_fake.client import client
from tests.support.stripe_fake.events import WEBHOOK_SECRET, Postman
from tests.support.stripe_fake.service import FakeStripe
from ticketing.sales.matters import open_matters
from ticketing.sales.payments.port import Capture, Gateways
from ticketing.sales.payments.stripe import NAME, StripeGateway
from ticketing.sales.reconciling import Reconciler

WEBHOOK = "/payments/stripe/webhook"


class StripeKassa(Kassa):
    """Kassa with the fake, its postman and a worker that can reconcile."""

    def __init__(self, url: str, folder: Path, *, capture: Capture = Capture.AUTOMATIC) -> None:
        self._capture = capture
        super().__init__(url, folder)
        self.postman = Postman(self.stripe.memory, self.receive)
        self.reconciler = Reconciler(self.desk.calls, self.desk.inbox)

    def gateways(self) -> Gateways:
        self.stripe = FakeStripe(self.clock.now)
        gateway = StripeGateway(
            client=client(self.stripe),
            webhook_secret=WEBHOOK_SECRET,
            clock=self.clock,
            capture_mode=self._capture,
        )
        return {NAME: gateway}

    def receive(self, raw: bytes, headers: dict[str, str]) -> int:
        """Take in a callback; return the answer's status."""
        return self.client.post(WEBHOOK, data=raw, headers=headers).status_code

    def order_body(self, *holds: Json) -> Json:
        """Return the body that orders holds."""
        return order_body(*holds)

    def buy_elsewhere(self, screening: str, **body: object) -> None:
        """Let somebody else have places, paid."""
        order = self.open(screening, **body)
        self.pay(order)

    def open(self, screening: str = "s06", quantity: int = 2, **body: object) -> Json:
        """Return an order with its payment page open."""
        return self.order(self.hold(screening, quantity, **body))

    def pay(self, order: Json) -> str:
        """Pay on the page, by whatever the session says; return the payment's name."""
        return str(self.stripe.page.pay(session_of(order))["payment_intent"])

    def hear(self) -> None:
        """Let every notification arrive, and the worker act on them."""
        for status in self.postman.deliver_all():
            assert status == 200
        self.work()

    def bought(self, screening: str = "s06", quantity: int = 2, **body: object) -> tuple[Json, str]:
        """Return a paid order with its key, and the payment's name."""
        order = self.open(screening, quantity, **body)
        intent = self.pay(order)
        self.hear()
        paid = self.read(order)
        assert paid["status"] == "paid"
        return {**paid, "key": order["key"]}, intent

    def reconcile(self) -> None:
        """Do what the worker does every five minutes."""
        self.reconciler.reconcile(self.clock.now())

    def matters(self) -> list[tuple[str, int]]:
        """Return what staff must decide: kinds and amounts."""
        with self.database.reading() as session:
            return [(matter.kind, matter.amount_minor) for matter in open_matters(session)]

    def money(self) -> int:
        """Return what Stripe has of ours: taken, not given back, not withdrawn; its own dealings aside."""
        moved = self.stripe.memory.every("balance_transaction")
        return sum(row["amount"] for row in moved if row["source"] and row["type"] != "payout")

    def ledger(self) -> dict[str, int]:
        """Return the ledger's accounts that are not empty."""
        return _accounts(self)


def _accounts(kassa: Kassa) -> dict[str, int]:
    with kassa.database.reading() as session:
        rows: Any = session.connection().exec_driver_sql(
            "SELECT account, sum(amount_minor) FROM ledger_line GROUP BY account"
        )
        return {account: int(amount) for account, amount in rows if amount}


@pytest.fixture
def stripe_kassa(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[StripeKassa]:
    """Kassa on Stripe. At the end the invariants must hold, and the bank and the books agree."""
    here = StripeKassa(copy_festival(), tmp_path)
    yield here
    finish(here)


@pytest.fixture
def manual_kassa(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[StripeKassa]:
    """Kassa on Stripe that reserves the money first."""
    here = StripeKassa(copy_festival(), tmp_path, capture=Capture.MANUAL)
    yield here
    finish(here)


def finish(here: StripeKassa) -> None:
    """Compare the bank with the books and close."""
    if here.invariants_hold:
        assert here.broken_invariants() == []
        assert here.ledger().get("gateway", 0) == here.money()
    here.close()
