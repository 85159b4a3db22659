"""Edge code shared by views and worker: the steps around a gateway call, each in its own transaction.

First the intent is recorded (by a service), then the gateway is called without any transaction, then its
word is
recorded. A process that dies in between is taken over by the worker: every call has a key and may be
repeated.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.security import CodeVault
from ticketing.sales.capture import expire_order, record_status
from ticketing.sales.errors import GatewayUnavailableError
from ticketing.sales.models import GatewayEvent, Order, Payment, Refund
from ticketing.sales.payments.port import (
    Gateways,
    GatewayUnreachableError,
    Notification,
    StartRequest,
)
from ticketing.sales.queries import open_attempt
from ticketing.sales.refunds import record_refund_state
from ticketing.sales.rules import OrderStatus, PaymentState

_log = logging.getLogger(__name__)
_BATCH = 100
_P, _E = Payment.__table__.c, GatewayEvent.__table__.c
_STARTED = (
    update(Payment.__table__)  # type: ignore[arg-type]
    .where(_P.id == bindparam("payment"), _P.state == PaymentState.STARTING)
    .values(session=bindparam("started"), url=bindparam("address"), state=PaymentState.OPEN)
)
_KEEP = {
    "sqlite": sqlite.insert(GatewayEvent.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(GatewayEvent.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
_KEPT = (
    select(_E.id, _E.session, _E.processed_at, _P.id.label("payment"))
    .outerjoin(Payment.__table__, (_P.gateway == _E.gateway) & (_P.session == _E.session))
    .where(_E.gateway == bindparam("gateway"), _E.event == bindparam("event"))
)
_PROCESSED = (
    update(GatewayEvent.__table__)  # type: ignore[arg-type]
    .where(_E.id == bindparam("kept"), _E.processed_at.is_(None))
    .values(processed_at=bindparam("at"), outcome=bindparam("word"))
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

        Raises GatewayUnavailableError: the places are kept, and the same request may be sent again.
        """
        if payment.state != PaymentState.STARTING:
            return payment.url or ""
        try:
            started = self.gateways[payment.gateway].start(StartRequest(**payment.request))
        except GatewayUnreachableError:
            raise GatewayUnavailableError(retry_after=5) from None
        with self.database.transaction() as session:
            values = {"payment": payment.id, "started": started.session, "address": started.url}
            session.execute(_STARTED, values)
        return started.url

    def receive(self, gateway: str, notification: Notification) -> None:
        """Take in a notification: keep it under its id, then see what the gateway says of the session now."""
        with self.database.transaction() as session:
            self.keep(session, gateway, notification)
        self.process_event(gateway, notification.event)

    def keep(self, session: Session, gateway: str, notification: Notification) -> None:
        """Keep a notification under its id, in the caller's transaction; one that is kept already stays."""
        values = {
            "gateway": gateway,
            "event": notification.event,
            "session": notification.session,
            "kind": notification.kind,
            "received_at": self.clock.now(),
        }
        session.execute(_KEEP[session.get_bind().dialect.name], values)

    def process_event(self, gateway: str, event: str) -> None:
        """Act on a kept event; one that is processed already, or of an unknown session, changes nothing."""
        with self.database.reading() as session:
            kept = session.execute(_KEPT, {"gateway": gateway, "event": event}).one()
        if kept.processed_at is not None:
            return
        status = None if kept.payment is None else self.gateways[gateway].status(kept.session)
        now = self.clock.now()
        with self.database.transaction() as session:
            outcome = "unknown_session"
            if status is not None:
                outcome = record_status(session, kept.payment, status, self.vault, now)
            session.execute(_PROCESSED, {"kept": kept.id, "at": now, "word": outcome})

    def refund(self, refund_id: UUID) -> None:
        """Ask the gateway for a pending refund; once per key, so asking again is harmless.

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
        state = self.gateways[payment.gateway].refund(
            payment.session, refund.amount_minor, f"refund:{refund_id}"
        )
        with self.database.transaction() as session:
            record_refund_state(session, refund_id, state, self.clock.now())

    def end_overdue(self, now: datetime) -> None:
        """End orders whose time to pay is over: places go free only when no attempt can be paid."""
        with self.database.reading() as session:
            overdue = session.scalars(
                select(Order.id)
                .where(Order.status == OrderStatus.PENDING, Order.pay_until <= now)
                .order_by(Order.pay_until)
                .limit(_BATCH)
            ).all()
        for order_id in overdue:
            try:
                self._end(order_id)
            except (GatewayUnreachableError, GatewayUnavailableError):
                _log.warning("order %s: the gateway does not answer; its places are kept", order_id)

    def _end(self, order_id: UUID) -> None:
        with self.database.reading() as session:
            attempt = open_attempt(session, order_id)
        if attempt is not None:
            # An attempt whose start was cut off may be open at the gateway: the same key tells its session.
            self.start(attempt)
            with self.database.reading() as session:
                name = session.get_one(Payment, attempt.id).session
            status = self.gateways[attempt.gateway].expire(name or "")
            with self.database.transaction() as session:
                record_status(session, attempt.id, status, self.vault, self.clock.now())
        with self.database.transaction() as session:
            order = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one()
            if open_attempt(session, order_id) is None:
                expire_order(session, order)

    def process_left_events(self) -> None:
        """Process events whose processing was cut off."""
        with self.database.reading() as session:
            left = session.execute(
                select(GatewayEvent.gateway, GatewayEvent.event)
                .where(GatewayEvent.processed_at.is_(None))
                .order_by(GatewayEvent.id)
                .limit(_BATCH)
            ).all()
        for row in left:
            self.process_event(row.gateway, row.event)
