"""More rules of the crash machine: what buyers return, a cancelled screening, payouts, forged callbacks."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import func, select

from tests.integration.stateful.crash_banks import Bank, StripeBank
from tests.integration.stateful.crash_machine import (
    CrashMachine,
    _pick,
    again,
    at_calls,
    at_events,
    deaths,
    picks,
    ways,
)
from tests.integration.stateful.crash_world import CALLBACKS, Moment
from tests.support.kassa import OPERATOR, Json, order_auth, order_body, session_of
from tests.support.stripe_fake.events import WEBHOOK_SECRET, sign
from tests.support.stripe_fake.memory import API_VERSION
from ticketing.sales.callbacks import MOST_BODY
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.errors import AlreadyCancelledError
from ticketing.sales.models import GatewayEvent, LedgerLine, Payment, Refund

# A screening of its own, so that the others are sold on when it is cancelled.
DOOMED = "s07"
# An afternoon is cheaper than the evening that most have bought, a master class dearer than an afternoon.
TARGETS = ("s03", "s06", "s07")
_STALE_SECONDS = 3600
forgeries = st.sampled_from(("unsigned", "other key", "stale", "changed", "cut", "long"))


class FullCrashMachine(CrashMachine):
    """All rules."""

    cancelled = False
    doomed = 0

    # Buyers

    @rule(number=picks, whole=st.booleans(), death=at_calls, later=at_calls, again=again)
    def return_tickets(
        self, number: int, death: Moment | None, later: Moment | None, *, whole: bool, again: bool
    ) -> None:
        """Let a buyer give tickets back, as far as the policy lets her."""
        for order in self._paid(number):
            tickets = [one["ticket"] for one in self.world.kassa.read(order)["tickets"]]
            body: Json = {} if whole else {"tickets": tickets[number % 2 :][:1]}
            path = f"/api/v1/orders/{order['order']}/returns"
            self._ask(path, body, order_auth(order), death, again=again)
            self.work("outbox", later)

    @precondition(lambda self: not self.cancelled)
    @rule(way=ways, heard=at_events)
    def buy_for_the_doomed(self, way: str, heard: Moment | None) -> None:
        """Buy for the screening that may be cancelled, before or after its payment is heard of."""
        held = self._ask("/api/v1/holds", {"screening": DOOMED, "quantity": 2}, "", None)
        body = order_body(held, email=f"doomed{self.made}@example.org") if held is not None else None
        made = None if body is None else self._ask("/api/v1/orders", body, "", None)
        if made is None:
            return
        self.orders.append(made)
        self.doomed += 1
        self.world.bank.pay(session_of(made), way)
        if heard is not None:
            self._deliver(0, badly=False)
            self.work("outbox", heard)

    # Staff

    @rule(
        number=picks, wanted=st.sampled_from(TARGETS), way=ways, death=at_calls, later=at_events, again=again
    )
    def swap(
        self, number: int, wanted: str, way: str, death: Moment | None, later: Moment | None, *, again: bool
    ) -> None:
        """Exchange a ticket for a dearer or a cheaper one; the difference is paid early, late or not."""
        for order in self._paid(number):
            held = self._ask("/api/v1/holds", {"screening": wanted, "quantity": 1}, "", None)
            tickets = [one for one in self.world.kassa.read(order)["tickets"] if one["status"] == "valid"]
            if held is None or not tickets:
                return
            body = {
                "tickets": [tickets[number % len(tickets)]["ticket"]],
                "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
                "reason": "rain",
            }
            path = f"/api/v1/orders/{order['order']}/swaps"
            begun = self._ask(path, body, self.world.staff, death, again=again)
            if begun is not None and begun["payment"] is not None and number % 3:
                self.world.bank.pay(session_of(begun), way)
                self._deliver(number, badly=False)
            self.work("outbox", later)

    @precondition(lambda self: not self.cancelled and self.doomed)
    @rule(death=deaths, during=at_events, later=at_calls)
    def cancel(self, death: Moment | None, during: Moment | None, later: Moment | None) -> None:
        """Cancel a screening; the worker may die of any of the refunds."""

        def deed() -> None:
            with self.world.kassa.database.transaction() as session:
                cancel_screening(session, DOOMED, "the print is lost", OPERATOR, self.world.clock.now())

        try:
            self.world.step(deed, death, again=True)
        except AlreadyCancelledError:
            assert death is not None, "cancelled by nobody"
        self.cancelled = True
        self.work("cancelled", during)
        self.work("outbox", later)

    # The bank

    @precondition(lambda self: isinstance(self.world.bank, StripeBank))
    @rule(number=picks, fails=st.booleans(), death=at_events)
    def pay_out(self, number: int, death: Moment | None, *, fails: bool) -> None:
        """Let the bank send the festival its money, and perhaps get it back."""
        bank = self.world.bank
        assert isinstance(bank, StripeBank)
        bank.pay_out(number, fails=fails)
        self.work("payouts", death)

    # Strangers

    @rule(number=picks, how=forgeries)
    def forge(self, number: int, how: str) -> None:
        """Say what the bank has not said: it is refused, or the bank is asked, and not a tenge moves."""
        bank, moment = self.world.bank, int(self.world.clock.now().timestamp())
        raw, headers = forged(bank, self._a_session(number), how, moment)
        before = self._books()
        answer = self.world.kassa.client.post(CALLBACKS[bank.name], data=raw, headers=headers)
        # The local pattern signs nothing: there a stranger's word only makes Kassa ask.
        assert 400 <= answer.status_code < 500 or not isinstance(bank, StripeBank), answer.status_code
        assert answer.status_code == 200 or self._books() == before, how

    def _a_session(self, number: int) -> str:
        with self.world.kassa.database.reading() as session:
            known = session.scalars(select(Payment.session).where(Payment.session.is_not(None))).all()
        return str(_pick(sorted(str(one) for one in known), number)) if known else "nobody"

    def _books(self) -> list[Any]:
        """Return everything that a callback could change."""
        with self.world.kassa.database.reading() as session:
            payments = select(Payment.id, Payment.state, Payment.captured_minor).order_by(Payment.id)
            return [
                session.scalar(select(func.max(LedgerLine.id))),
                session.execute(payments).all(),
                session.execute(select(Refund.id, Refund.status).order_by(Refund.id)).all(),
                session.scalars(select(GatewayEvent.event).order_by(GatewayEvent.id)).all(),
            ]


def forged(bank: Bank, session: str, how: str, moment: int) -> tuple[bytes, dict[str, str]]:
    """Return a callback that says that a page was paid, from somebody who is not the bank."""
    if not isinstance(bank, StripeBank):
        raw = f"number={session}&state=paid&sign={'0' * 64}".encode()
        raw = raw[: len(raw) // 3] if how == "cut" else raw + b"&" * MOST_BODY if how == "long" else raw
        return raw, {"Content-Type": "application/x-www-form-urlencoded"}
    paid = {"id": session, "object": "checkout.session", "payment_status": "paid", "status": "complete"}
    event = {
        "id": f"evt_forged_{how}",
        "object": "event",
        "api_version": API_VERSION,
        "type": "checkout.session.completed",
        "created": moment,
        "data": {"object": paid},
    }
    raw = json.dumps(event).encode()
    if how == "long":
        raw += b" " * MOST_BODY
    secret = "whsec_other" if how == "other key" else WEBHOOK_SECRET
    signature = sign(raw, secret, moment - _STALE_SECONDS if how == "stale" else moment)
    if how == "changed":
        raw = raw.replace(b"complete", b"COMPLETE")
    elif how == "cut":
        raw = raw[: len(raw) // 2]
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return raw, headers if how == "unsigned" else {**headers, "Stripe-Signature": signature}
