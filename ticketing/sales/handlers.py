"""Outbox handlers of sales: each is idempotent, and opens its own transactions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ticketing.foundation.mail import Mail
from ticketing.foundation.outbox import Handler
from ticketing.foundation.web import Runtime
from ticketing.sales.effects import CallbackKept, OrderPaid, RefundDone, RefundDue
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.inbox import Inbox
from ticketing.sales.messages import order_paid_mail, refund_done_mail


def handlers(here: Runtime, calls: GatewayCalls) -> Mapping[str, Handler]:
    """Return what carries out each effect of sales."""

    def send(mail: Mail) -> None:
        # A comp need not have an address.
        if mail.recipient:
            here.mailer.send(mail)

    def order_paid(payload: Mapping[str, Any]) -> None:
        with here.database.reading() as session:
            mail = order_paid_mail(session, UUID(payload["order_id"]), here)
        send(mail)

    def refund_due(payload: Mapping[str, Any]) -> None:
        calls.refund(UUID(payload["refund_id"]))

    def refund_done(payload: Mapping[str, Any]) -> None:
        with here.database.reading() as session:
            mail = refund_done_mail(session, UUID(payload["refund_id"]), here)
        send(mail)

    def callback_kept(payload: Mapping[str, Any]) -> None:
        Inbox(calls).process_event(payload["gateway"], payload["event"])

    return {
        CallbackKept.kind: callback_kept,
        OrderPaid.kind: order_paid,
        RefundDue.kind: refund_due,
        RefundDone.kind: refund_done,
    }
