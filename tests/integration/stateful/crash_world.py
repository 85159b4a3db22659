"""A Kassa that dies and is started again on the same database, before the same bank."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from sqlalchemy import func, or_, select

from tests.integration.stateful.crash_banks import Bank
from tests.support.crashes import Fate, KilledError, MortalDatabase
from tests.support.kassa import Kassa, SettableClock
from ticketing.foundation.outbox import Handler, drain
from ticketing.sales.affair_models import Matter, Payout
from ticketing.sales.cancelling import refund_cancelled
from ticketing.sales.effects import OrderPaid, PaymentFailed, RefundDone, TicketsSwapped
from ticketing.sales.handlers import handlers
from ticketing.sales.models import GatewayEvent, LedgerLine, Order, OrderLine, Payment, Refund
from ticketing.sales.payments.port import Gateway, Gateways
from ticketing.sales.receipts import make_missing, missing
from ticketing.sales.reconciling import Reconciler
from ticketing.sales.rules import OPEN_STATES, PaymentState
from ticketing.sales.swap_models import Swap, SwapLine
from ticketing.staff.accounts import Role
from ticketing.tickets.models import Ticket

T = TypeVar("T")
_MAILS = (OrderPaid.kind, PaymentFailed.kind, RefundDone.kind, TicketsSwapped.kind)
# A point and which time it is passed.
Moment = tuple[str, int]
_ROUNDS = 16
_MINUTES_A_ROUND = 11
CALLBACKS = {"stripe": "/payments/stripe/webhook", "local": "/payments/local/webhook"}


class Process(Kassa):
    """One life: an app with its worker, made anew as a start does."""

    def __init__(self, url: str, folder: Path, bank: Bank, clock: SettableClock, fate: Fate) -> None:
        self._adapters: dict[str, Gateway] = {}
        with patch("ticketing.app.Database", partial(MortalDatabase, fate=fate)):
            super().__init__(url, folder, clock=clock, limits=False)
        self._adapters[bank.name] = bank.gateway(self.database, clock, fate)
        self.app.extensions["kassa.sales"] = self.desk = replace(self.desk, gateway=bank.name)
        reconciler = Reconciler(self.desk.calls, self.desk.inbox)
        # The worker's duties, each alone, as `python -m ticketing worker` lists them.
        self.duties: dict[str, Callable[[], object]] = {
            "overdue": lambda: self.desk.calls.end_overdue(clock.now()),
            "left": self.desk.inbox.process_left_events,
            "reconcile": lambda: reconciler.reconcile(clock.now()),
            "cancelled": lambda: refund_cancelled(self.database, clock.now()),
            "outbox": lambda: drain(self.database, self._handlers(), clock.now()),
            "receipts": lambda: make_missing(self.database, clock.now()),
            "payouts": lambda: reconciler.compare_payouts(clock.now()),
        }

    def gateways(self) -> Gateways:
        return self._adapters

    def _handlers(self) -> dict[str, Handler]:
        # Mails move no money, and making their tickets takes most of the time.
        mails = dict.fromkeys(_MAILS, lambda _payload: None)
        return {**handlers(self.runtime, self.desk.calls), **mails}


class World:
    """The bank, the clock and the database stay; processes come and go."""

    def __init__(self, url: str, folder: Path, bank: Bank, clock: SettableClock) -> None:
        self._url, self._folder = url, folder
        self.bank, self.clock, self.fate = bank, clock, Fate()
        self.kassa = self._start()
        self.staff = self.kassa.staff(Role.BOXOFFICE)

    def _start(self) -> Process:
        return Process(self._url, self._folder, self.bank, self.clock, self.fate)

    def step(self, deed: Callable[[], T], dies_at: Moment | None, *, again: bool = False) -> T | None:
        """Do something whose process may end; then it is started anew, and whoever asked may ask again."""
        if dies_at is not None:
            self.fate.decide(*dies_at)
        try:
            return deed()
        except KilledError:
            self.restart()
            return deed() if again else None
        finally:
            self.fate.spare()

    def restart(self) -> None:
        """Start a new process after the last one's end."""
        self.fate.spare()
        self.kassa.close()
        self.kassa = self._start()

    def meanwhile(self, deed: Callable[[], object], at: Moment, other: Callable[[], object]) -> None:
        """Do something, and at one of its points something else, as another process would."""
        self.fate.decide(*at, other)
        try:
            deed()
        finally:
            self.fate.spare()

    def call_back(self, name: str, raw: bytes, headers: dict[str, str]) -> int:
        """Take in a gateway's callback."""
        answer = self.kassa.client.post(CALLBACKS[name], data=raw, headers=headers)
        assert answer.status_code in (200, 503), answer.get_data(as_text=True)
        return answer.status_code

    def settle(self) -> None:
        """Let everything come to its end: no deaths, fine weather, and time."""
        self.fate.spare()
        for _ in range(_ROUNDS):
            # The worker is faster than the notifications: what only they would put right shows.
            self.clock.forward(minutes=_MINUTES_A_ROUND)
            self.bank.settle_all()
            for duty in self.kassa.duties.values():
                duty()
            self.bank.deliver(self.call_back, None)
            if not self.left() and not self.bank.unheard():
                break
        assert not self.left(), f"never ends: {self.left()}"

    def left(self) -> dict[str, int]:
        """Return what is still to be done, by its name."""
        with self.kassa.database.reading() as session:
            waiting = {
                "orders": select(func.count()).where(Order.status == "pending"),
                "payments": select(func.count()).where(
                    Payment.state.in_((*OPEN_STATES, PaymentState.RELEASING))
                ),
                "refunds": select(func.count()).where(Refund.status == "pending"),
                "swaps": select(func.count()).where(Swap.status == "pending"),
                "events": select(func.count()).where(GatewayEvent.processed_at.is_(None)),
            }
            counted = {name: session.scalar(query) or 0 for name, query in waiting.items()}
            counted["receipts"] = missing(session)
        counted["reserved"] = len(self.bank.reserved())
        return {name: number for name, number in counted.items() if number}

    def require_every_tenge(self) -> None:
        """Fail unless the invariants hold and the bank and the books agree, order by order."""
        kassa = self.kassa
        broken = kassa.broken_invariants()
        assert not broken, broken
        with kassa.database.reading() as session:
            booked = session.execute(
                select(LedgerLine.order_id, func.sum(LedgerLine.amount_minor))
                .where(LedgerLine.account == "gateway")
                .group_by(LedgerLine.order_id)
            )
            books = {str(order): int(amount) for order, amount in booked if amount}
            failed = set(session.scalars(select(Refund.id).where(Refund.status == "failed")))
            matters = session.scalars(
                select(Matter.subject).where(Matter.kind == "refund_failed", Matter.closed_at.is_(None))
            )
            asked = {str(one) for one in failed}
            outside = {
                str(one)
                for one in session.scalars(
                    select(Refund.id).where(Refund.status == "failed", Refund.outside.is_(True))
                )
            }
            shown = set(matters)
            lines = select(func.count()).where(OrderLine.order_id == Order.id).scalar_subquery()
            swapped = (
                select(func.count())
                .select_from(SwapLine)
                .join(Swap, Swap.id == SwapLine.swap_id)
                .where(Swap.order_id == Order.id, Swap.status == "done")
                .scalar_subquery()
            )
            tickets = select(func.count()).where(Ticket.order_id == Order.id).scalar_subquery()
            unpaid_out = session.scalars(
                select(Payout.name).where(
                    or_(Payout.gateway_minor != Payout.books_minor, Payout.unmatched > 0)
                )
            ).all()
            short = session.scalars(
                select(Order.code).where(Order.paid_at.is_not(None), lines + swapped != tickets)
            ).all()
        truth = {order: amount for order, amount in self.bank.truth(kassa.database).items() if amount}
        assert truth == books, "the bank and the books differ"
        twice = {refund: times for refund, times in self.bank.given_back().items() if times > 1}
        assert not twice, f"given back twice: {twice}"
        assert asked - outside <= shown, "a refund has failed and nobody is told"
        assert not short, "paid orders without all of their tickets"
        assert not unpaid_out, "payouts that the books do not explain"
