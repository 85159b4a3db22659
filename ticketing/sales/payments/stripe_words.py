"""Stripe's objects in the port's words. Attributes only: the SDK's objects are no dictionaries."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from ticketing.sales.payments.port import (
    DisputeState,
    DisputeStatus,
    Item,
    Movement,
    Notification,
    PayoutState,
    PayoutStatus,
    RefundState,
    RefundStatus,
    SessionState,
    SessionStatus,
    StartRequest,
    Subject,
)

# Stripe's page does not speak Kazakh. Its readers read Russian too; "auto" would give most of them English,
# because a browser set to Kazakh names nothing that the page has.
_ATTEMPT = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_LOCALES = {"kk": "ru", "ru": "ru", "en": "en-GB"}
_MOST_LINES = 100
_MOST_NAME = 250
_INTENTS = {
    "succeeded": SessionState.CAPTURED,
    "processing": SessionState.PROCESSING,
    "requires_action": SessionState.PROCESSING,
    "requires_confirmation": SessionState.PROCESSING,
    "requires_capture": SessionState.AUTHORISED,
    "requires_payment_method": SessionState.DECLINED,
    "canceled": SessionState.EXPIRED,
}
_REFUNDS = {"succeeded": RefundState.DONE, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}
_DISPUTES = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "lost": DisputeState.LOST,
}
# Movements of the balance that no payment, refund or dispute is behind.
_OWN = {"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost", "payout_failure", "payout_cancel"}
_PAYOUTS = {"paid": PayoutState.PAID, "failed": PayoutState.FAILED, "canceled": PayoutState.FAILED}
_SUBJECTS = {
    "checkout.session": Subject.SESSION,
    "payment_intent": Subject.PAYMENT,
    "refund": Subject.REFUND,
    "dispute": Subject.DISPUTE,
    "radar.early_fraud_warning": Subject.WARNING,
    "payout": Subject.PAYOUT,
}
# The events that the endpoint asks Stripe for; docs/operations.md lists them.
KINDS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "radar.early_fraud_warning.created",
    "payout.paid",
    "payout.failed",
)


def session_parameters(request: StartRequest) -> Any:
    """Return what opens a session, made of the stored request alone, so that repeating it is exact."""
    about = {"order": request.order, "payment": request.key}
    return {
        "mode": "payment",
        "line_items": [_line(item, request.currency) for item in _items(request)],
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "client_reference_id": request.key,
        "expires_at": int(datetime.fromisoformat(request.expires_at).timestamp()),
        "locale": _LOCALES[request.locale],
        "metadata": about,
        "payment_intent_data": {
            "capture_method": request.capture,
            "description": request.order,
            "metadata": about,
        },
        # The price is in tenge for everybody: another currency would be another amount to account for.
        "adaptive_pricing": {"enabled": False},
        "submit_type": "book",
    }


def session_status(session: stripe.checkout.Session) -> SessionStatus:
    """Read a session that was fetched with its payment intent."""
    intent = session.payment_intent
    if isinstance(intent, str):
        raise TypeError("the session must be fetched with its payment intent")
    state = SessionState.EXPIRED if session.status == "expired" else SessionState.OPEN
    if session.status == "complete":
        # A state that a later version may add is one that can still become anything: nothing is freed.
        state = SessionState.OPEN if intent is None else _INTENTS.get(intent.status, SessionState.PROCESSING)
    return SessionStatus(
        state=state,
        captured_minor=intent.amount_received if intent is not None else 0,
        authorised_minor=intent.amount_capturable if intent is not None else 0,
        currency=((intent.currency if intent is not None else session.currency) or "").upper(),
        reference=intent.id if intent is not None else "",
        key=session.client_reference_id or "",
    )


def refund_status(refund: stripe.Refund) -> RefundStatus:
    """Read a refund."""
    metadata = refund.metadata.to_dict() if refund.metadata is not None else {}
    attempt = str(metadata.get("attempt", ""))
    return RefundStatus(
        state=_REFUNDS.get(refund.status or "", RefundState.PENDING),
        name=refund.id,
        refund=str(metadata.get("refund", "")),
        reference=name_of(refund.payment_intent),
        amount_minor=refund.amount,
        currency=refund.currency.upper(),
        failure=getattr(refund, "failure_reason", None) or "",
        attempt=int(attempt) if _ATTEMPT.fullmatch(attempt) else 1,
    )


def dispute_status(dispute: stripe.Dispute) -> DisputeStatus:
    """Read a dispute. The balance may be in another currency, so only the sign of its movements counts."""
    moved = sum(one.amount for one in dispute.balance_transactions)
    due = dispute.evidence_details.due_by
    return DisputeStatus(
        name=dispute.id,
        reference=name_of(dispute.payment_intent),
        state=_DISPUTES.get(dispute.status, DisputeState.OPEN),
        amount_minor=dispute.amount,
        currency=dispute.currency.upper(),
        withdrawn_minor=dispute.amount if moved < 0 else 0,
        reason=dispute.reason,
        due_by=moment(due) if due else None,
    )


def payout_status(payout: stripe.Payout) -> PayoutStatus:
    """Read a payout."""
    return PayoutStatus(
        name=payout.id,
        state=_PAYOUTS.get(payout.status, PayoutState.UNDER_WAY),
        amount_minor=payout.amount,
        currency=payout.currency.upper(),
        arrives_at=moment(payout.arrival_date),
    )


def movement(transaction: Any) -> Movement | None:
    """Read a movement of the balance fetched with its source; None for the payout's own line.

    The source tells the amount in the buyer's currency: the balance may be kept in another.
    """
    source, sign = transaction.source, -1 if transaction.amount < 0 else 1
    match transaction.type:
        case "payout":
            return None
        case "charge" | "payment":
            kind, name, amount = "charge", name_of(source.payment_intent), source.amount_captured
        case "refund" | "payment_refund" | "refund_failure" | "payment_failure_refund":
            kind, name, amount = "refund", source.id, source.amount
        case "adjustment" if transaction.reporting_category in ("dispute", "dispute_reversal"):
            kind, name, amount = "dispute", source.id, source.amount
        case _:
            return Movement(
                kind="own" if transaction.type in _OWN else "other",
                name=transaction.id,
                amount_minor=transaction.net,
                currency=transaction.currency.upper(),
                settled_minor=transaction.net,
            )
    return Movement(
        kind=kind,
        name=name,
        amount_minor=sign * amount,
        currency=source.currency.upper(),
        settled_minor=transaction.net,
    )


def notification(event: str, kind: str, what: str, name: str) -> Notification | None:
    """Return an event in the port's words; None for one that Kassa does not ask for."""
    if kind not in KINDS or what not in _SUBJECTS:
        return None
    return Notification(event=event, kind=kind, name=name, about=_SUBJECTS[what])


def name_of(thing: Any) -> str:
    """Return the name of an object that Stripe gives whole, by name, or not at all."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    return str(thing.id)


def moment(seconds: int) -> datetime:
    """Return a moment from seconds since 1970."""
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def _items(request: StartRequest) -> Sequence[Item]:
    if 0 < len(request.items) <= _MOST_LINES:
        return request.items
    return [Item(name=request.order, amount_minor=request.amount_minor)]


def _line(item: Item, currency: str) -> Any:
    return {
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": item.amount_minor,
            "product_data": {"name": item.name[:_MOST_NAME]},
        },
        "quantity": 1,
    }
