"""Edge code of the worker: every few minutes each open matter with a gateway is read again.

It is what makes notifications a convenience: with every one of them lost the same becomes true, later.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.inbox import Inbox
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.payments.port import (
    GatewayRefusedError,
    GatewayUnreachableError,
    PayingOut,
    Relisting,
)
from ticketing.sales.payouts import movements_of, record_payout
from ticketing.sales.rules import OPEN_STATES, PAYABLE_STATES, OrderStatus, PaymentState
from ticketing.sales.swap_models import Swap
from ticketing.sales.swaps import PENDING

Thing = TypeVar("Thing")
_log = logging.getLogger(__name__)
# Notifications are sent again for three days; a payout's bank may take longer to send it back.
UNDELIVERED_FOR = timedelta(days=3)
PAYOUTS_FOR = timedelta(days=14)
EVERY = timedelta(minutes=5)
PAYOUTS_EVERY = timedelta(hours=6)


@dataclass(frozen=True)
class Reconciler:
    """Reads again what is open."""

    calls: GatewayCalls
    inbox: Inbox

    def reconcile(self, now: datetime) -> None:
        """Read open attempts and refunds again, and take in the notifications that never arrived."""
        self._each(self._open_payments(), self._look)
        self._each(self._pending_refunds(), self.calls.refund)
        for gateway in self.calls.gateways.values():
            if isinstance(gateway, Relisting):
                self._each([gateway], partial(self._relist, now))

    def compare_payouts(self, now: datetime) -> None:
        """Compare the payouts of the last two weeks with the books."""
        for gateway in self.calls.gateways.values():
            if isinstance(gateway, PayingOut):
                self._each([gateway], partial(self._payouts, now))

    def _look(self, payment_id: UUID) -> None:
        with self.calls.database.reading() as session:
            payment, status, swap = session.execute(
                select(Payment, Order.status, Swap.status)
                .join(Order, Order.id == Payment.order_id)
                .outerjoin(Swap, Swap.payment_id == Payment.id)
                .where(Payment.id == payment_id)
            ).one()
        is_wanted = status == OrderStatus.PENDING or swap == PENDING
        if not is_wanted and payment.state in PAYABLE_STATES:
            # Paid by another attempt, or over: nobody should pay once more.
            self.calls.close(payment)
        else:
            self.calls.look(payment)

    def _relist(self, now: datetime, gateway: Relisting) -> None:
        for notification in gateway.undelivered(now - UNDELIVERED_FOR):
            self.inbox.receive(gateway.name, notification)

    def _payouts(self, now: datetime, gateway: PayingOut) -> None:
        for status in gateway.payouts(now - PAYOUTS_FOR):
            movements = movements_of(gateway, status.name)
            with self.calls.database.transaction() as session:
                record_payout(session, gateway.name, status, movements, now)

    def _open_payments(self) -> list[UUID]:
        states = (*OPEN_STATES, PaymentState.RELEASING)
        with self.calls.database.reading() as session:
            query = select(Payment.id).where(Payment.state.in_(states)).order_by(Payment.id)
            return list(session.scalars(query))

    def _pending_refunds(self) -> list[UUID]:
        with self.calls.database.reading() as session:
            query = select(Refund.id).where(Refund.status == "pending").order_by(Refund.id)
            return list(session.scalars(query))

    def _each(self, things: list[Thing], do: Callable[[Thing], object]) -> None:
        """Do it for each; what one of them cannot have now, the next round brings."""
        for thing in things:
            try:
                do(thing)
            except GatewayUnreachableError:
                _log.warning("%s: the gateway does not answer; it is asked again", thing)
            except GatewayRefusedError as refusal:
                _log.warning("%s: the gateway does not know it: %s", thing, refusal.code)
            except Exception:  # noqa: BLE001 - whatever is wrong with one, the others go on
                _log.exception("%s cannot be reconciled", thing)
