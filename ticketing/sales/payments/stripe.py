"""Stripe Checkout behind the gateway port: a hosted page, so that no card data ever comes here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import stripe

from ticketing.foundation.clock import Clock
from ticketing.sales.payments import stripe_words as words
from ticketing.sales.payments.port import (
    NEVER_MADE,
    Callback,
    CallbackRefusedError,
    Capture,
    DisputeStatus,
    GatewayRefusedError,
    Movement,
    Notification,
    PayoutStatus,
    RefundRequest,
    RefundState,
    RefundStatus,
    SessionStatus,
    Started,
    StartRequest,
)
from ticketing.sales.payments.stripe_errors import ReplayedError, asking
from ticketing.sales.payments.stripe_signature import require_genuine

NAME = "stripe"
API_VERSION = "2026-10-28.endive"
_CONNECT_SECONDS, _ANSWER_SECONDS = 3.05, 15.0
_PAGE = 100
_WITH_INTENT: Any = {"expand": ["payment_intent"]}
_CLOCKS_APART = timedelta(minutes=2)
_LONGEST_LIFE = timedelta(minutes=40)
_LONGEST_NAME = 200


def open_client(secret_key: str) -> stripe.StripeClient:
    """Return the SDK with Kassa's patience: repeating is Kassa's own business, under the same keys."""
    stripe.enable_telemetry = False  # it writes into the home folder and tells of this machine
    http_client = stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS))
    return stripe.StripeClient(
        secret_key, stripe_version=API_VERSION, max_network_retries=0, http_client=http_client
    )


@dataclass(frozen=True, kw_only=True)
class StripeGateway:
    """Implements every part of the gateway port."""

    client: stripe.StripeClient
    webhook_secret: str
    clock: Clock
    capture_mode: Capture = Capture.AUTOMATIC
    live: bool = False
    name: str = NAME
    itemised: bool = True

    def start(self, request: StartRequest) -> Started:
        """Open a payment page; the same key gives the same page.

        Refused also when a repeated request comes too late for its own expiry: then no page was ever opened.
        """
        try:
            with asking():
                session = self._sessions.create(
                    words.session_parameters(request), {"idempotency_key": request.key}
                )
        except ReplayedError:
            session = self._opened_before(request)
        return Started(session=session.id, url=session.url or "")

    def status(self, session: str) -> SessionStatus:
        """Read a session with its payment."""
        with asking():
            return words.session_status(self._sessions.retrieve(session, _WITH_INTENT))

    def expire(self, session: str) -> SessionStatus:
        """Close an open session; if it cannot be closed, what it is decides."""
        try:
            with asking():
                return words.session_status(self._sessions.expire(session, _WITH_INTENT))
        except GatewayRefusedError:
            return self.status(session)

    def capture(self, session: str, amount_minor: int, key: str) -> SessionStatus:
        """Take what was authorised; if it cannot be taken, what the session is decides."""
        taken: Any = {"amount_to_capture": amount_minor}
        return self._settle(
            session, lambda intent: self._intents.capture(intent, taken, {"idempotency_key": key})
        )

    def release(self, session: str, key: str) -> SessionStatus:
        """Let go what was authorised."""
        return self._settle(
            session, lambda intent: self._intents.cancel(intent, {}, {"idempotency_key": key})
        )

    def refund(self, request: RefundRequest) -> RefundStatus:
        """Give money back, once per key; an outcome that Stripe will not tell again is looked for."""
        reference = self.status(request.session).reference
        if request.attempt > 1:
            # A new key would make a second refund: the one before must not have been made after all.
            made_before = self._find_refund(request, reference)
            if made_before is not None and made_before.state is not RefundState.FAILED:
                return made_before
        asked: Any = {
            "payment_intent": reference,
            "amount": request.amount_minor,
            "metadata": {"refund": request.refund, "attempt": str(request.attempt)},
        }
        try:
            with asking():
                made = self.client.v1.refunds.create(asked, {"idempotency_key": request.key})
        except ReplayedError:
            made_before = self._find_refund(request, reference)
            if made_before is None:
                raise GatewayRefusedError(NEVER_MADE) from None
            return made_before
        return words.refund_status(made)

    def refund_status(self, request: RefundRequest, name: str) -> RefundStatus:
        """Read a refund."""
        del request
        return self.outside_refund(name)

    def outside_refund(self, name: str) -> RefundStatus:
        """Read a refund, whoever made it."""
        with asking():
            return words.refund_status(self.client.v1.refunds.retrieve(name))

    def read_callback(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> Callback:
        """Return the event of a signed body; an event of a kind that nobody asked for is acknowledged."""
        require_genuine(raw, headers.get("Stripe-Signature", ""), self.webhook_secret, now)
        event = _event(raw)
        if event["livemode"] is not self.live:
            raise CallbackRefusedError("unknown")
        about = event["data"]["object"]
        known = words.notification(event["id"], event["type"], about["object"], about["id"])
        return Callback(notifications=() if known is None else (known,))

    def undelivered(self, since: datetime) -> Sequence[Notification]:
        """Return the events that the webhook has not acknowledged, in the order of happening."""
        wanted: Any = {
            "delivery_success": False,
            "types": list(words.KINDS),
            "created": {"gte": int(since.timestamp())},
            "limit": _PAGE,
        }
        with asking():
            events = list(self.client.v1.events.list(wanted).auto_paging_iter())
        found = []
        for event in reversed(events):
            about: Any = event.data.object
            found.append(words.notification(event.id, event.type, about.object, about.id))
        return [one for one in found if one is not None]

    def session_of(self, reference: str) -> str:
        """Return the session of a payment. Raises GatewayRefusedError when no page of ours made it."""
        with asking():
            found = self._sessions.list({"payment_intent": reference, "limit": 1}).data
        if not found:
            raise GatewayRefusedError("no_session")
        return str(found[0].id)

    def dispute(self, name: str) -> DisputeStatus:
        """Read a dispute."""
        with asking():
            return words.dispute_status(self.client.v1.disputes.retrieve(name))

    def warned(self, name: str) -> str:
        """Return the payment that an early fraud warning is about."""
        with asking():
            return words.name_of(self.client.v1.radar.early_fraud_warnings.retrieve(name).payment_intent)

    def payouts(self, since: datetime) -> Sequence[PayoutStatus]:
        """List payouts made since a moment."""
        wanted: Any = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        with asking():
            found = list(self.client.v1.payouts.list(wanted).auto_paging_iter())
        return [words.payout_status(one) for one in found]

    def payout(self, name: str) -> PayoutStatus:
        """Read a payout."""
        with asking():
            return words.payout_status(self.client.v1.payouts.retrieve(name))

    def movements(self, payout: str) -> Sequence[Movement]:
        """List the charges, refunds, disputes and fees of a payout."""
        wanted: Any = {"payout": payout, "expand": ["data.source"], "limit": _PAGE}
        with asking():
            found = list(self.client.v1.balance_transactions.list(wanted).auto_paging_iter())
        return [one for one in map(words.movement, found) if one is not None]

    @property
    def _sessions(self) -> Any:
        return self.client.v1.checkout.sessions

    @property
    def _intents(self) -> Any:
        return self.client.v1.payment_intents

    def _settle(self, session: str, call: Any) -> SessionStatus:
        reference = self.status(session).reference
        try:
            with asking():
                call(reference)
        except (GatewayRefusedError, ReplayedError):
            return self.status(session)
        return self.status(session)

    def _opened_before(self, request: StartRequest) -> stripe.checkout.Session:
        """Look for a page whose opening was answered with an error, in the minutes when it was asked for.

        Raises ReplayedError while a page may still turn up, GatewayRefusedError when its time is over anyway:
        nobody was told its address, so nobody can have paid there.
        """
        expires = datetime.fromisoformat(request.expires_at)
        span = {"gte": int((expires - _LONGEST_LIFE).timestamp()), "lte": int(expires.timestamp())}
        wanted: Any = {"created": span, "limit": _PAGE}
        with asking():
            for session in self._sessions.list(wanted).auto_paging_iter():
                if session.client_reference_id == request.key:
                    return cast("stripe.checkout.Session", session)
        if self.clock.now() < expires + _CLOCKS_APART:
            raise ReplayedError
        raise GatewayRefusedError("never_opened")

    def _find_refund(self, request: RefundRequest, reference: str) -> RefundStatus | None:
        """Look for a refund by Kassa's id, the newest first."""
        with asking():
            made = self.client.v1.refunds.list({"payment_intent": reference, "limit": _PAGE})
            found = map(words.refund_status, made.auto_paging_iter())
            return next((one for one in found if one.refund == request.refund), None)


def _event(raw: bytes) -> Any:
    """Return an event's JSON if it has what is looked at. Raises CallbackRefusedError."""
    try:
        event = json.loads(raw)
        about = event["data"]["object"]
        names = (event["id"], event["type"], about["object"], about["id"])
        is_event = event["object"] == "event" and isinstance(event["livemode"], bool)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CallbackRefusedError("malformed") from None
    if not is_event or not all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME for name in names):
        raise CallbackRefusedError("malformed")
    return event
