"""The rules of the crash machine: buyers, bank, staff, worker and clock, each of which may meet a crash."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import select

from tests.integration.stateful.crash_banks import StripeBank
from tests.integration.stateful.crash_world import Moment, World
from tests.support.crashes import CALL, COMMIT, COMMITTED, DEATHS, DONE, MOMENTS
from tests.support.kassa import OPERATOR, START, Json, hold_auth, order_auth, order_body, session_of
from ticketing.foundation.errors import DomainError
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund, take_as_outside
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.rules import OrderStatus

SCREENING = "s06"
# Whole rows' beginnings, two by two: no choice leaves a lone seat, and few enough to be wanted twice.
PAIRS = [[f"З-{row}-1", f"З-{row}-2"] for row in (1, 2, 3)]
# Where there is room: what is bought here mostly succeeds.
ROOMY = [[f"З-{row}-{seat}", f"З-{row}-{seat + 1}"] for row in (4, 5, 6) for seat in (1, 3, 5)]
_LAST_DAY = 3
WITH_REASON = (pay_in_cash, take_as_outside)
times = st.sampled_from((1, 1, 2, 3, 5))
deaths = st.one_of(st.none(), st.tuples(st.sampled_from(DEATHS), times))
at_calls = st.sampled_from((None, (CALL, 1), (DONE, 1), (DONE, 1), (COMMIT, 1), (COMMITTED, 1)))
at_events = st.sampled_from((None, (COMMITTED, 1), (COMMITTED, 2), (COMMITTED, 2), (COMMIT, 2), (COMMIT, 3)))
moments = st.tuples(st.sampled_from(MOMENTS), times)
picks = st.integers(0, 50)
again = st.booleans()
duties = st.sampled_from(("overdue", "left", "reconcile", "outbox"))
minutes = st.sampled_from((1, 5, 11, 11, 40, 24 * 60))
ways = st.sampled_from(("card", "card", "card", "slow", "declined"))


class CrashMachine(RuleBasedStateMachine):
    """Runs the world without a model: what is true at the bank is the model."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.made = 0
        self.holds: list[Json] = []
        self.orders: list[Json] = []

    # Buyers

    @rule(pair=st.sampled_from(PAIRS), death=deaths, again=again)
    def hold(self, pair: list[str], death: Moment | None, *, again: bool) -> None:
        body = {"screening": SCREENING, "places": pair}
        held = self._ask("/api/v1/holds", body, "", death, again=again)
        if held is not None:
            self.holds.append(held)

    @precondition(lambda self: self.holds)
    @rule(number=picks, death=deaths, again=again)
    def renew(self, number: int, death: Moment | None, *, again: bool) -> None:
        held = _pick(self.holds, number)
        self._ask(f"/api/v1/holds/{held['hold']}/renew", None, hold_auth(held), death, again=again)

    @precondition(lambda self: self.holds)
    @rule(number=picks, death=deaths)
    def release(self, number: int, death: Moment | None) -> None:
        held = _pick(self.holds, number)
        path = f"/api/v1/holds/{held['hold']}"
        self.world.step(lambda: self.world.kassa.delete(path, hold_auth(held)), death)

    @precondition(lambda self: self.holds)
    @rule(number=picks, death=deaths, again=again)
    def order(self, number: int, death: Moment | None, *, again: bool) -> None:
        body = self._order_of(_pick(self.holds, number))
        made = self._ask("/api/v1/orders", body, "", death, again=again)
        if made is not None:
            self.orders.append(made)

    @initialize(pairs=st.sampled_from((PAIRS[:1], PAIRS[:2])))
    def some_have_paid(self, pairs: list[list[str]]) -> None:
        for pair in pairs:
            self.buy(pair, "card")
        self._deliver(0, badly=False)
        for duty in ("outbox", "reconcile"):
            self.world.kassa.duties[duty]()

    @rule(pair=st.sampled_from(ROOMY), way=ways, heard=at_events)
    def buy_and_hear(self, pair: list[str], way: str, heard: Moment | None) -> None:
        """Buy, and let the bank's word on it be worked on by somebody who may die of it."""
        self.buy(pair, way)
        self._deliver(0, badly=False)
        self.work("outbox", heard)

    @rule(pair=st.sampled_from(ROOMY), way=ways)
    def buy(self, pair: list[str], way: str) -> None:
        """Hold, order and pay without a crash, so that there is money to look after."""
        held = self._ask("/api/v1/holds", {"screening": SCREENING, "places": pair}, "", None)
        made = None if held is None else self._ask("/api/v1/orders", self._order_of(held), "", None)
        if made is not None:
            self.orders.append(made)
            self.world.bank.pay(session_of(made), way)

    @precondition(lambda self: self.orders)
    @rule(number=picks, death=deaths, again=again)
    def second_attempt(self, number: int, death: Moment | None, *, again: bool) -> None:
        order = _pick(self.orders, number)
        self._ask(f"/api/v1/orders/{order['order']}/payments", None, order_auth(order), death, again=again)

    @rule(number=picks, way=ways)
    def pay(self, number: int, way: str) -> None:
        """Pay on any page that somebody may have been shown, early or late, once or twice."""
        pages = self._pages()
        if pages:
            self.world.bank.pay(_pick(pages, number), way)

    # The bank

    @rule(number=picks, paid=st.booleans())
    def slow_payment_ends(self, number: int, *, paid: bool) -> None:
        self.world.bank.settle(number, paid=paid)

    @rule(seed=picks, badly=st.booleans(), death=deaths)
    def deliver(self, seed: int, *, badly: bool, death: Moment | None) -> None:
        self.world.step(lambda: self._deliver(seed, badly=badly), death)

    @rule(number=picks, well=st.booleans())
    def refund_ends(self, number: int, *, well: bool) -> None:
        self.world.bank.end_refund(number, well=well)

    @rule(number=picks)
    def weather(self, number: int) -> None:
        self.world.bank.trouble(number)

    @precondition(lambda self: isinstance(self.world.bank, StripeBank))
    @rule(number=picks, what=st.sampled_from(("open", "won", "lost", "by_hand", "by_hand")), death=at_events)
    def affair(self, number: int, what: str, death: Moment | None) -> None:
        """Let a card's owner object, let that be decided, or let somebody use the bank's own pages."""
        bank = self.world.bank
        assert isinstance(bank, StripeBank)
        if what == "open":
            bank.dispute(number)
        elif what == "by_hand":
            bank.refund_by_hand(number, 1 + number % 3)
        else:
            bank.decide(number, won=what == "won")
        self._deliver(number, badly=False)
        self.work("outbox", death)

    # Staff

    @rule(number=picks, death=at_calls, later=at_calls, again=again)
    def refund_one(self, number: int, death: Moment | None, later: Moment | None, *, again: bool) -> None:
        """Give one ticket back: what else the order has cost could still be given back once more."""
        for order in self._paid(number):
            tickets = [one["ticket"] for one in self.world.kassa.read(order)["tickets"]]
            self._refund(order, {"tickets": tickets[number % 2 :][:1]}, death, later, again=again)

    @rule(number=picks, fee=st.sampled_from((0, 10_000)), death=at_calls, later=at_calls)
    def refund_all(self, number: int, fee: int, death: Moment | None, later: Moment | None) -> None:
        kept = {"fee": {"minor": fee, "currency": "KZT"}} if fee else {}
        for order in self._paid(number):
            self._refund(order, kept, death, later, again=True)

    @rule(number=picks, end=st.sampled_from((retry_refund, *WITH_REASON)), death=deaths)
    def decide_failed_refund(self, number: int, end: Callable[..., None], death: Moment | None) -> None:
        with self.world.kassa.database.reading() as session:
            failed = session.scalars(
                select(Refund.id).where(Refund.status == "failed", Refund.outside.is_(False))
            ).all()
        if not failed:
            return
        chosen, now = _pick(sorted(failed), number), self.world.clock.now()

        def decide() -> None:
            with self.world.kassa.database.transaction() as session:
                said = ("paid out",) if end in WITH_REASON else ()
                end(session, chosen, *said, OPERATOR, now)

        try:
            self.world.step(decide, death)
        except DomainError:
            return

    # The worker and the clock

    @rule(duty=duties, death=deaths)
    def work(self, duty: str, death: Moment | None) -> None:
        self.world.step(partial(self._duty, duty), death)

    @precondition(lambda self: (self.world.clock.now() - START).days < _LAST_DAY)
    @rule(by=minutes)
    def time_passes(self, by: int) -> None:
        self.world.clock.forward(minutes=by)

    @rule(
        duty=duties,
        other=st.sampled_from(("overdue", "reconcile", "outbox", "deliver", "pay")),
        at=moments,
        number=picks,
    )
    def another_comes_between(self, duty: str, other: str, at: Moment, number: int) -> None:
        """At one point of a duty, another process or the bank does something else."""
        others: dict[str, Callable[[], object]] = {
            **self.world.kassa.duties,
            "deliver": lambda: self._deliver(number, badly=False),
            "pay": lambda: self.pay_any(number),
        }
        self.world.meanwhile(self.world.kassa.duties[duty], at, others[other])

    def teardown(self) -> None:
        """Let everything end, and count."""
        self.world.settle()
        self.world.require_every_tenge()
        self.world.kassa.close()

    # Helpers

    def pay_any(self, number: int) -> None:
        """Pay on some page."""
        pages = self._pages()
        if pages:
            self.world.bank.pay(_pick(pages, number), "card")

    def _order_of(self, held: Json) -> Json:
        """Return the body of an order by a new buyer: how much one may have is not what is searched here."""
        return order_body(held, email=f"buyer{self.made}@example.org")

    def _duty(self, duty: str) -> None:
        self.world.kassa.duties[duty]()

    def _deliver(self, seed: int, *, badly: bool) -> None:
        self.world.bank.deliver(self.world.call_back, random.Random(seed) if badly else None)

    def _paid(self, number: int) -> list[Json]:
        """Return one of the orders that are paid, if any is."""
        with self.world.kassa.database.reading() as session:
            codes = set(session.scalars(select(Order.code).where(Order.status == OrderStatus.PAID)))
        paid = [order for order in self.orders if order["order"] in codes]
        return [_pick(paid, number)] if paid else []

    def _refund(
        self, order: Json, body: Json, death: Moment | None, later: Moment | None, *, again: bool
    ) -> None:
        """Let staff give tickets back, and the worker ask the bank for the money."""
        path = f"/api/v1/orders/{order['order']}/refunds"
        self._ask(path, {"reason": "ill", **body}, self.world.staff, death, again=again)
        self.work("outbox", later)

    def _pages(self) -> list[str]:
        with self.world.kassa.database.reading() as session:
            query = select(Payment.session).where(Payment.url.is_not(None)).order_by(Payment.id)
            return [str(one) for one in session.scalars(query)]

    def _ask(
        self, path: str, body: Any, auth: str, death: Moment | None, *, again: bool = False
    ) -> Json | None:
        """Return what was made; None if it was refused, or if the answer never came."""
        self.made += 1
        key = f"key-{self.made}"
        answer = self.world.step(lambda: self.world.kassa.post(path, body, auth, key), death, again=again)
        if answer is None:
            return None
        status, said = answer.status_code, answer.get_json()
        assert status < 500 or status == 503, answer.get_data(as_text=True)
        return said if status in (200, 201) else None


def _pick(things: list[Any], number: int) -> Any:
    """Return one of some things; a small number means a late one."""
    return things[-1 - number % len(things)]
