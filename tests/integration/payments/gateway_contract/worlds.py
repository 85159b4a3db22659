"""The gateways that exist, each with its bank."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from tests.integration.payments.gateway_contract.world import Call, Trait
from tests.support.kassa import SettableClock
from tests.support.local_bank.fake import LocalBank
from tests.support.local_bank.protocol import PatternBank
from tests.support.stripe_fake.client import client
from tests.support.stripe_fake.events import WEBHOOK_SECRET, Postman
from tests.support.stripe_fake.service import FakeStripe
from tests.support.stripe_fake.weather import Trouble
from ticketing.foundation.db import Database
from ticketing.sales.models import DemoSession
from ticketing.sales.payments import demo
from ticketing.sales.payments.demo import DemoGateway
from ticketing.sales.payments.numbered import NumberedGateway
from ticketing.sales.payments.stripe import StripeGateway

NOW = datetime(2030, 6, 1, 6, 30, tzinfo=UTC)
_STRIPE_CALLS = {"start": "/v1/checkout/sessions", "refund": "/v1/refunds"}


class DemoWorld:
    """The demo bank: it always answers, and never calls back from outside."""

    traits = frozenset({Trait.DECLINES})

    def __init__(self, database: Database) -> None:
        self.clock = SettableClock(NOW)
        self.gateway = DemoGateway(database, self.clock, "http://kassa.test")
        self._database = database

    def pay(self, session: str) -> None:
        self._play(session, demo.Outcome.APPROVE)

    def decline(self, session: str) -> None:
        self._play(session, demo.Outcome.DECLINE)

    def money(self, session: str) -> tuple[int, int]:
        with self._database.reading() as reading:
            row = demo.find_session(reading, session)
            return row.captured_minor, row.refunded_minor

    def pages(self) -> int:
        with self._database.reading() as reading:
            return reading.scalar(select(func.count()).select_from(DemoSession)) or 0

    def _play(self, session: str, outcome: demo.Outcome) -> None:
        with self._database.transaction() as writing:
            for state, _ in demo.play(writing, session, outcome):
                demo.settle(writing, session, state)


class LocalWorld:
    """A bank of the local pattern: it knows no keys and gives back a part only once."""

    traits = frozenset(
        {
            Trait.LOSES_ANSWERS,
            Trait.DECLINES,
            Trait.PAYS_SLOWLY,
            Trait.REFUNDS_SLOWLY,
            Trait.REFUNDS_FAIL,
            Trait.REFUNDS_ONCE,
            Trait.CALLS_BACK,
        }
    )

    def __init__(self, database: Database) -> None:
        self.clock = SettableClock(NOW)
        self.bank = LocalBank(self.clock.now)
        self.gateway = NumberedGateway(
            bank=PatternBank(self.bank.handle), database=database, clock=self.clock
        )

    def pay(self, session: str) -> None:
        self.bank.pay(session)

    def pay_slowly(self, session: str) -> None:
        self.bank.pay(session, slowly=True)

    def settle(self, session: str, *, paid: bool) -> None:
        self.bank.decide(session, "paid" if paid else "declined")

    def decline(self, session: str) -> None:
        self.bank.decide(session, "declined")

    def money(self, session: str) -> tuple[int, int]:
        paper = self.bank.papers[session]
        return (paper.amount if paper.state == "paid" else 0), paper.returned

    def pages(self) -> int:
        return len(self.bank.papers)

    def lose(self, call: str, *, after: bool) -> None:
        self.bank.losing.append(({"start": "open", "refund": "refund"}[call], after))

    def slow_refunds(self) -> None:
        self.bank.refunds_at_once = False

    def settle_refund(self, name: str, *, done: bool) -> None:
        self.bank.settle_refund(name, "done" if done else "failed")

    def calls(self) -> list[Call]:
        sent, self.bank.sent = self.bank.sent, []
        return [Call(raw, {"Content-Type": "application/x-www-form-urlencoded"}) for raw in sent]


class StripeWorld:
    """Stripe, over the strict fake and the real SDK."""

    traits = frozenset(Trait) - {Trait.REFUNDS_ONCE, Trait.DECLINES}

    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.fake = FakeStripe(self.clock.now)
        self.gateway = StripeGateway(
            client=client(self.fake), webhook_secret=WEBHOOK_SECRET, clock=self.clock
        )
        self._sent: list[Call] = []
        self._postman = Postman(self.fake.memory, self._receive)

    def pay(self, session: str) -> None:
        self.fake.page.pay(session)

    def pay_slowly(self, session: str) -> None:
        self.fake.page.pay_slowly(session)

    def settle(self, session: str, *, paid: bool) -> None:
        self.fake.page.settle(session, paid=paid)

    def money(self, session: str) -> tuple[int, int]:
        intent = self.fake.memory.things[session]["payment_intent"]
        if intent is None:
            return 0, 0
        charge = self.fake.memory.things[self.fake.memory.things[intent]["latest_charge"]]
        return charge["amount_captured"], charge["amount_refunded"]

    def pages(self) -> int:
        return len(self.fake.memory.every("checkout.session"))

    def lose(self, call: str, *, after: bool) -> None:
        trouble = Trouble.LOST_AFTER if after else Trouble.LOST_BEFORE
        self.fake.weather.plan(trouble, "POST", _STRIPE_CALLS[call])

    def slow_refunds(self) -> None:
        self.fake.refunds_at_once = False

    def settle_refund(self, name: str, *, done: bool) -> None:
        if done:
            self.fake.treasury.settle_refund(name)
        else:
            self.fake.treasury.fail_refund(name)

    def calls(self) -> list[Call]:
        self._sent.clear()
        self._postman.deliver_all()
        return list(self._sent)

    def _receive(self, raw: bytes, headers: dict[str, str]) -> int:
        self._sent.append(Call(raw, headers))
        return 200
