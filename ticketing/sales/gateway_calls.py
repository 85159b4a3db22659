"""Edge code shared by views and worker: the steps around a gateway call, each in its own transaction.

First the intent is recorded (by a service), then the gateway is called without any transaction, then its
word is recorded. A process that dies in between is taken over by the worker: every call has a key and may be
repeated.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select, update

from ticketing.catalogue.models import Screening
from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.security import CodeVault
from ticketing.sales.capture import attempt_refused, expire_order, record_status
from ticketing.sales.errors import GatewayUnavailableError, PaymentRefusedError
from ticketing.sales.models import Order, OrderLine, Payment, Refund
from ticketing.sales.payable import is_parked
from ticketing.sales.payments.port import (
    NEVER_MADE,
    Capturing,
    Gateway,
    GatewayRefusedError,
    Gateways,
    GatewayUnreachableError,
    RefundRequest,
    RefundState,
    RefundStatus,
    SessionStatus,
    Started,
    StartRequest,
)
from ticketing.sales.queries import open_attempt
from ticketing.sales.refund_ends import ask_again, record_refund_status
from ticketing.sales.rules import PAYABLE_STATES, OrderStatus, PaymentState
from ticketing.sales.swap_models import Swap, SwapLine
from ticketing.sales.swaps import PENDING

_log = logging.getLogger(__name__)
_BATCH = 100
_P = Payment.__table__.c
_OF = (_P.id == bindparam("payment"), _P.state == PaymentState.STARTING)
_STARTED = (
    update(Payment.__table__)  # type: ignore[arg-type]
    .where(*_OF)
    .values(session=bindparam("started"), url=bindparam("address"), state=PaymentState.OPEN)
)


@dataclass(frozen=True)
class GatewayCalls:
    """The conversations with payment gateways."""

    database: Database
    clock: Clock
    vault: CodeVault
    gateways: Gateways

    def start(self, payment: Payment) -> str:
        """Open the payment page of an attempt and return its address; again, if the outcome was unknown.

        Raises GatewayUnavailableError after an unknown outcome: the same request may be sent again. Raises
        PaymentRefusedError after a refusal: the attempt is over, and a new one may be made. An order's places
        are kept in both cases; a swap whose attempt is over has lost its new ones.
        """
        if payment.state != PaymentState.STARTING:
            return payment.url or ""
        try:
            started = self.open(payment)
        except GatewayUnreachableError:
            raise GatewayUnavailableError(retry_after=5) from None
        if started is None:
            raise PaymentRefusedError
        return started.url

    def open(self, payment: Payment) -> Started | None:
        """Open an attempt's page and record it; None if the gateway will never open it.

        Raises GatewayUnreachableError.
        """
        try:
            started = self.gateways[payment.gateway].start(StartRequest.from_json(payment.request))
        except GatewayRefusedError as refusal:
            _log.warning("payment %s was refused: %s", payment.id, refusal.code)
            with self.database.transaction() as session:
                attempt_refused(session, payment.id, self.clock.now())
            return None
        with self.database.transaction() as session:
            values = {"payment": payment.id, "started": started.session, "address": started.url}
            session.execute(_STARTED, values)
        return started

    def record(self, payment_id: UUID, status: SessionStatus) -> str:
        """Record a gateway's word on a payment, and finish what was decided on it; return the event's word.

        Raises GatewayUnreachableError when reserved money could be neither captured nor released just now.
        """
        with self.database.transaction() as session:
            outcome = record_status(session, payment_id, status, self.vault, self.clock.now())
            payment = session.get_one(Payment, payment_id)
        if payment.state in (PaymentState.AUTHORISED, PaymentState.RELEASING):
            self._finish_reserve(payment)
        return outcome

    def look(self, payment: Payment) -> None:
        """Read an attempt at the gateway and record what it says; one whose start was cut off is started.

        Raises GatewayUnreachableError or GatewayRefusedError.
        """
        session_name = self._session_of(payment)
        if session_name is not None:
            self.record(payment.id, self.gateways[payment.gateway].status(session_name))

    def refund(self, refund_id: UUID) -> None:
        """Ask the gateway for a pending refund, or for what became of it; asking again is harmless.

        Raises GatewayUnreachableError.
        """
        with self.database.reading() as session:
            refund, payment = session.execute(
                select(Refund, Payment)
                .join(Payment, Payment.id == Refund.payment_id)
                .where(Refund.id == refund_id)
            ).one()
        if refund.status != "pending" or payment.session is None:
            return
        try:
            status = _ask(self.gateways[payment.gateway], refund, payment.session)
        except GatewayRefusedError as refusal:
            if refusal.code == NEVER_MADE:
                with self.database.transaction() as session:
                    ask_again(session, refund_id, refund.attempt)
                raise GatewayUnreachableError from None
            status = RefundStatus(state=RefundState.FAILED, failure=refusal.code)
        # Whatever the gateway calls it, it answers the attempt that was asked for.
        answer = replace(status, attempt=refund.attempt)
        with self.database.transaction() as session:
            record_refund_status(session, refund_id, answer, self.clock.now())

    def end_overdue(self, now: datetime) -> None:
        """End orders and swaps that shall not be paid: places go free only when no attempt can be paid.

        Their time to pay is over, or a screening of theirs is cancelled, or another payment of the order
        waits for staff's decision: an open page would only take money that has to go back. Those whose
        money is under way are left alone: nobody can close them, and their end is told.
        """
        under_way = exists().where(
            Payment.order_id == Order.id,
            Payment.state.in_((PaymentState.PROCESSING, PaymentState.AUTHORISED)),
        )
        payable = exists().where(Payment.order_id == Order.id, Payment.state.in_(PAYABLE_STATES))
        with self.database.reading() as session:
            # First the few cancelled screenings, as their refunds do: normally there are none.
            off = session.scalars(select(Screening.id).where(Screening.status == "cancelled")).all()
            is_off = exists().where(OrderLine.order_id == Order.id, OrderLine.screening_id.in_(off))
            swap_is_off = exists().where(SwapLine.swap_id == Swap.id, SwapLine.screening_id.in_(off))
            overdue = session.scalars(
                select(Order.id)
                .where(
                    Order.status == OrderStatus.PENDING,
                    or_(Order.pay_until <= now, and_(is_parked(), payable), *((is_off,) if off else ())),
                    ~under_way,
                )
                .order_by(Order.pay_until)
                .limit(_BATCH)
            ).all()
            differences = session.scalars(
                select(Payment)
                .join(Swap, Swap.payment_id == Payment.id)
                .where(
                    Swap.status == PENDING,
                    or_(Swap.pay_until <= now, *((swap_is_off,) if off else ())),
                    Payment.state.in_(PAYABLE_STATES),
                )
                .limit(_BATCH)
            ).all()
        for payment in differences:
            try:
                self.close(payment)
            except (GatewayUnreachableError, GatewayRefusedError):
                _log.warning("payment %s: the gateway does not answer; its places are kept", payment.id)
        for order_id in overdue:
            try:
                self._end(order_id)
            except (GatewayUnreachableError, GatewayRefusedError):
                _log.warning("order %s: the gateway does not answer; its places are kept", order_id)

    def close(self, payment: Payment) -> None:
        """Close an attempt that can still be paid; what the gateway says it is then decides.

        Raises GatewayUnreachableError or GatewayRefusedError.
        """
        session_name = self._session_of(payment)
        if session_name is not None:
            self.record(payment.id, self.gateways[payment.gateway].expire(session_name))

    def _session_of(self, payment: Payment) -> str | None:
        """Return the name of an attempt's page; raises as `open` does.

        One whose start was cut off may be open at the gateway: the same key tells its session.
        """
        if payment.state != PaymentState.STARTING:
            return payment.session
        started = self.open(payment)
        return None if started is None else started.session

    def _end(self, order_id: UUID) -> None:
        with self.database.reading() as session:
            attempt = open_attempt(session, order_id)
        if attempt is not None and attempt.state in PAYABLE_STATES:
            self.close(attempt)
        with self.database.transaction() as session:
            order = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one()
            if open_attempt(session, order_id) is None:
                expire_order(session, order)

    def _finish_reserve(self, payment: Payment) -> None:
        """Capture or release reserved money, as was decided; the gateway's word then decides.

        The decision stands in the attempt's state, so a process that dies here is taken over.
        """
        gateway = self.gateways[payment.gateway]
        if not isinstance(gateway, Capturing) or payment.session is None:
            return
        if payment.state == PaymentState.AUTHORISED:
            status = gateway.capture(payment.session, payment.amount_minor, f"capture:{payment.id}")
        else:
            status = gateway.release(payment.session, f"release:{payment.id}")
        with self.database.transaction() as session:
            record_status(session, payment.id, status, self.vault, self.clock.now())


def _ask(gateway: Gateway, refund: Refund, session_name: str) -> RefundStatus:
    again = "" if refund.attempt == 1 else f":{refund.attempt}"
    request = RefundRequest(
        key=f"refund:{refund.id}{again}",
        refund=str(refund.id),
        session=session_name,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        attempt=refund.attempt,
    )
    return gateway.refund(request) if refund.name is None else gateway.refund_status(request, refund.name)
