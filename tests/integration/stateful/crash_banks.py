"""The two gateways of the crash machine as it needs them: what happens there, and what is true there."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import select

from tests.support.crashes import Fate, MortalHttpClient, mortal
from tests.support.kassa import SettableClock
from tests.support.local_bank.fake import ClosedError, LocalBank
from tests.support.local_bank.protocol import PatternBank
from tests.support.stripe_fake.events import WEBHOOK_SECRET, Postman
from tests.support.stripe_fake.memory import API_VERSION
from tests.support.stripe_fake.page import PageClosedError
from tests.support.stripe_fake.refusals import RefusedError
from tests.support.stripe_fake.service import SECRET_KEY, FakeStripe
from tests.support.stripe_fake.weather import Trouble
from ticketing.foundation.db import Database
from ticketing.sales.affair_models import NumberedPage
from ticketing.sales.payments.numbered import FIRST_NUMBER, NumberedGateway
from ticketing.sales.payments.port import Capture, Gateway
from ticketing.sales.payments.stripe import StripeGateway
from ticketing.sales.payments.stripe import stripe as sdk

CallBack = Callable[[str, bytes, dict[str, str]], int]


class Bank(Protocol):
    """A gateway that outlives every process of Kassa."""

    name: str

    def gateway(self, database: Database, clock: SettableClock, fate: Fate) -> Gateway:
        """Return the adapter that a new process makes."""

    def pay(self, session: str, how: str) -> None:
        """Do something on a payment page; nothing happens on one that is closed."""

    def settle(self, number: int, *, paid: bool) -> None:
        """Let a slow payment end."""

    def deliver(self, call_back: CallBack, dice: random.Random | None) -> None:
        """Send what waits: everything once and in order, or as badly as it may come."""

    def end_refund(self, number: int, *, well: bool) -> None:
        """Let a refund end; even one that was done may come back where the bank does such things."""

    def settle_all(self) -> None:
        """Let everything that is on its way arrive, and let the weather be fine."""

    def trouble(self, number: int) -> None:
        """Let a later call go wrong."""

    def truth(self, database: Database) -> dict[str, int]:
        """Return what the bank has of each order, in tiyn: taken, not given back, not withdrawn."""

    def given_back(self) -> Counter[str]:
        """Return how many refunds that stand there are for each refund of Kassa."""

    def unheard(self) -> int:
        """Return how many notifications wait to be sent."""

    def reserved(self) -> list[str]:
        """Return payments that are neither taken nor let go."""


class StripeBank:
    """The strict Stripe."""

    name = "stripe"

    def __init__(self, clock: SettableClock, capture: Capture) -> None:
        self.fake, self._capture = FakeStripe(clock.now), capture
        self._memory = self.fake.memory

    def gateway(self, database: Database, clock: SettableClock, fate: Fate) -> Gateway:
        del database
        client = sdk.StripeClient(
            SECRET_KEY,
            stripe_version=API_VERSION,
            max_network_retries=0,
            http_client=MortalHttpClient(self.fake, fate),
        )
        return StripeGateway(
            client=client, webhook_secret=WEBHOOK_SECRET, clock=clock, capture_mode=self._capture
        )

    def pay(self, session: str, how: str) -> None:
        page = self.fake.page
        deed = {"card": page.pay, "slow": page.pay_slowly, "declined": page.fail_card}[how]
        try:
            deed(session)
        except PageClosedError:
            return

    def settle(self, number: int, *, paid: bool) -> None:
        waiting = [one for one in self._memory.every("payment_intent") if one["status"] == "processing"]
        if waiting:
            self.fake.page.settle(waiting[number % len(waiting)]["_session"], paid=paid)

    def deliver(self, call_back: CallBack, dice: random.Random | None) -> None:
        postman = Postman(self._memory, lambda raw, headers: call_back(self.name, raw, headers))
        if dice is None:
            postman.deliver_all()
        else:
            postman.deliver_badly(dice)

    def end_refund(self, number: int, *, well: bool) -> None:
        wanted = ("pending",) if well else ("pending", "succeeded")
        refunds = [one for one in self._memory.every("refund") if one["status"] in wanted]
        if refunds:
            name = refunds[number % len(refunds)]["id"]
            deed = self.fake.treasury.settle_refund if well else self.fake.treasury.fail_refund
            deed(name)

    def settle_all(self) -> None:
        self.fake.weather.planned.clear()
        self.fake.refunds_at_once = True
        for intent in self._memory.every("payment_intent"):
            if intent["status"] == "processing":
                self.fake.page.settle(intent["_session"], paid=intent["id"][-1] in "02468")
        for refund in self._memory.every("refund"):
            if refund["status"] == "pending":
                self.fake.treasury.settle_refund(refund["id"])

    def trouble(self, number: int) -> None:
        troubles = list(Trouble)
        self.fake.refunds_at_once = number % 2 == 0
        self.fake.weather.plan(troubles[number % len(troubles)], "POST" if number % 3 else "")

    def dispute(self, number: int) -> None:
        """Let a card's owner object."""
        paid = [
            one
            for one in self._memory.every("charge")
            if not one["disputed"] and one["amount_captured"] > one["amount_refunded"]
        ]
        if paid:
            charge = paid[number % len(paid)]
            left = charge["amount_captured"] - charge["amount_refunded"]
            self.fake.treasury.dispute(charge["payment_intent"], left)

    def decide(self, number: int, *, won: bool) -> None:
        """Let a dispute end."""
        disputes = [one for one in self._memory.every("dispute") if one["status"] == "needs_response"]
        if disputes:
            self.fake.treasury.close_dispute(disputes[number % len(disputes)]["id"], won=won)

    def refund_by_hand(self, number: int, part: int) -> None:
        """Let somebody give money back in Stripe's dashboard."""
        intents = [one for one in self._memory.every("payment_intent") if one["status"] == "succeeded"]
        if not intents:
            return
        intent = intents[number % len(intents)]
        try:
            self.fake.treasury.refund_by_hand(intent["id"], intent["amount"] // part)
        except RefusedError:
            return

    def pay_out(self, number: int, *, fails: bool) -> None:
        """Send everything to the festival's bank; one payout may come back from there."""
        try:
            self.fake.treasury.pay_out()
        except RefusedError:
            return
        payouts = [one for one in self._memory.every("payout") if one["status"] == "paid"]
        if fails:
            self.fake.treasury.fail_payout(payouts[number % len(payouts)]["id"])

    def truth(self, database: Database) -> dict[str, int]:
        del database
        kept: dict[str, int] = defaultdict(int)
        for moved in self._memory.every("balance_transaction"):
            if moved["type"] == "payout":
                continue
            source = self._memory.things[moved["source"]]
            charge = source if source["object"] == "charge" else self._memory.things[source["charge"]]
            intent = self._memory.things[charge["payment_intent"]]
            key = self._memory.things[intent["_session"]]["client_reference_id"]
            kept[key.split(":")[1]] += moved["amount"]
        return kept

    def given_back(self) -> Counter[str]:
        standing = [one for one in self._memory.every("refund") if one["status"] != "failed"]
        return Counter(one["metadata"]["refund"] for one in standing if "refund" in one["metadata"])

    def unheard(self) -> int:
        return list(self._memory.delivered.values()).count(False)

    def reserved(self) -> list[str]:
        states = ("requires_capture", "processing")
        return [one["id"] for one in self._memory.every("payment_intent") if one["status"] in states]


class NumberedBank:
    """A bank of the local pattern."""

    name = "local"

    def __init__(self, clock: SettableClock) -> None:
        self.fake = LocalBank(clock.now)

    def gateway(self, database: Database, clock: SettableClock, fate: Fate) -> Gateway:
        bank = PatternBank(mortal(self.fake.handle, fate))
        return NumberedGateway(bank=bank, database=database, clock=clock)

    def pay(self, session: str, how: str) -> None:
        try:
            if how == "declined":
                self.fake.decide(session, "declined")
            else:
                self.fake.pay(session, slowly=how == "slow")
        except ClosedError:
            return

    def settle(self, number: int, *, paid: bool) -> None:
        waiting = [one.number for one in self.fake.papers.values() if one.state == "processing"]
        if waiting:
            self.fake.decide(waiting[number % len(waiting)], "paid" if paid else "declined")

    def deliver(self, call_back: CallBack, dice: random.Random | None) -> None:
        sent, self.fake.sent = self.fake.sent, []
        if dice is not None:
            # Such a bank does not send again what got lost.
            sent = [raw for raw in sent for _ in range(dice.choice((0, 1, 2)))]
            dice.shuffle(sent)
        for raw in sent:
            call_back(self.name, raw, {"Content-Type": "application/x-www-form-urlencoded"})

    def end_refund(self, number: int, *, well: bool) -> None:
        given = [one for paper in self.fake.papers.values() for one in paper.given if one.state == "pending"]
        if given:
            self.fake.settle_refund(given[number % len(given)].name, "done" if well else "failed")

    def settle_all(self) -> None:
        self.fake.losing.clear()
        self.fake.refunds_at_once = True
        for paper in list(self.fake.papers.values()):
            if paper.state == "processing":
                self.fake.decide(paper.number, "paid" if paper.number[-1] in "02468" else "declined")
            for one in paper.given:
                if one.state == "pending":
                    self.fake.settle_refund(one.name, "done")

    def trouble(self, number: int) -> None:
        paths = ("open", "status", "cancel", "refund")
        self.fake.refunds_at_once = number % 2 == 0
        self.fake.losing.append((paths[number % len(paths)], number % 3 != 0))

    def truth(self, database: Database) -> dict[str, int]:
        with database.reading() as session:
            keys = {str(FIRST_NUMBER + row.id): row.key for row in session.scalars(select(NumberedPage))}
        kept: dict[str, int] = defaultdict(int)
        for paper in self.fake.papers.values():
            if paper.state == "paid":
                kept[keys[paper.number].split(":")[1]] += paper.amount - paper.returned
        return kept

    def given_back(self) -> Counter[str]:
        return Counter(
            one.reference.split(":")[1]
            for paper in self.fake.papers.values()
            for one in paper.given
            if one.state != "failed"
        )

    def unheard(self) -> int:
        return len(self.fake.sent)

    def reserved(self) -> list[str]:
        return [one.number for one in self.fake.papers.values() if one.state == "processing"]


BANKS: dict[str, Callable[[SettableClock], Bank]] = {
    "stripe": lambda clock: StripeBank(clock, Capture.AUTOMATIC),
    "stripe_manual": lambda clock: StripeBank(clock, Capture.MANUAL),
    "numbered": NumberedBank,
}
