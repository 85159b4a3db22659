"""Edge code: notifications of gateways, kept under their own ids and then processed by reading their objects.

What a notification says is never believed: it only says what to look at. So one that comes twice, late, out
of order or not at all changes nothing that reading again would not.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.foundation.outbox import emit
from ticketing.sales.affair_models import CallbackRefusal
from ticketing.sales.disputes import record_dispute, record_warning
from ticketing.sales.effects import CallbackKept
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.matters import Matter, open_matter, settle_matter
from ticketing.sales.models import GatewayEvent, Payment, Refund
from ticketing.sales.payments.port import (
    DisputeStatus,
    Disputing,
    Gateway,
    GatewayRefusedError,
    GatewayUnreachableError,
    Notification,
    PayingOut,
    SessionStatus,
    Subject,
)
from ticketing.sales.payouts import movements_of, record_payout
from ticketing.sales.refund_ends import record_outside_refund, record_refund_status
from ticketing.sales.rules import PaymentState

_log = logging.getLogger(__name__)
_BATCH = 100
_P, _E = Payment.__table__.c, GatewayEvent.__table__.c
_KEEP = {
    "sqlite": sqlite.insert(GatewayEvent.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(GatewayEvent.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
_KEPT = (
    select(_E.id, _E.about, _E.name, _E.processed_at, _P.id.label("payment"))
    .outerjoin(
        Payment.__table__,
        (_P.gateway == _E.gateway) & (_P.session == _E.name) & (_E.about == Subject.SESSION),
    )
    .where(_E.gateway == bindparam("gateway"), _E.event == bindparam("event"))
)
_PROCESSED = (
    update(GatewayEvent.__table__)  # type: ignore[arg-type]
    .where(_E.id == bindparam("kept"), _E.processed_at.is_(None))
    .values(processed_at=bindparam("at"), outcome=bindparam("word"))
)
_WAITING = select(_E.id, _E.processed_at).where(
    _E.gateway == bindparam("gateway"), _E.event == bindparam("event")
)
_AGAIN = (
    update(GatewayEvent.__table__)  # type: ignore[arg-type]
    .where(_E.id == bindparam("kept"))
    .values(processed_at=None, outcome=None)
)
_TRIED = (
    update(GatewayEvent.__table__)  # type: ignore[arg-type]
    .where(_E.id == bindparam("kept"))
    .values(tries=_E.tries + 1)
)
_WITH_SESSION = select(Payment).where(
    _P.gateway == bindparam("gateway"), _P.session == bindparam("session_name")
)
_WITH_REFERENCE = select(Payment).where(
    _P.gateway == bindparam("gateway"), _P.reference == bindparam("reference")
)
_WITH_KEY = select(Payment).where(
    _P.gateway == bindparam("gateway"),
    _P.order_id == bindparam("order"),
    _P.attempt == bindparam("attempt"),
)
_REFUSAL = CallbackRefusal.__table__


def _counting(insert: "sqlite.Insert | postgresql.Insert") -> "sqlite.Insert | postgresql.Insert":
    return insert.on_conflict_do_update(
        index_elements=["gateway", "day", "reason"],
        set_={"count": _REFUSAL.c.count + 1, "last_at": insert.excluded.last_at},
    )


_COUNT_REFUSAL = {
    "sqlite": _counting(sqlite.insert(_REFUSAL)),  # type: ignore[arg-type]
    "postgresql": _counting(postgresql.insert(_REFUSAL)),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class Inbox:
    """What gateways have said, and what came of it."""

    calls: GatewayCalls

    def receive(self, gateway: str, notification: Notification) -> None:
        """Take in a notification: keep it under its id, then see what the gateway says of its object now."""
        with self.calls.database.transaction() as session:
            self.keep(session, gateway, notification)
        self.process_event(gateway, notification.event)

    def keep(self, session: Session, gateway: str, notification: Notification) -> None:
        """Keep a notification under its id, in the caller's transaction; one that is kept already stays."""
        values = {
            "gateway": gateway,
            "event": notification.event,
            "about": notification.about,
            "name": notification.name,
            "kind": notification.kind,
            "received_at": self.calls.clock.now(),
            "tries": 0,
        }
        session.execute(_KEEP[session.get_bind().dialect.name], values)

    def take_callback(self, session: Session, gateway: str, notification: Notification) -> None:
        """Keep a notification for the worker to process at once, in the caller's transaction.

        One that is waiting already is not queued again, so a flood of the same words costs nothing.
        """
        names = {"gateway": gateway, "event": notification.event}
        known = session.execute(_WAITING, names).one_or_none()
        if known is None:
            self.keep(session, gateway, notification)
        elif known.processed_at is None or notification.trusted:
            return
        else:
            session.execute(_AGAIN, {"kept": known.id})
        emit(session, CallbackKept(gateway, notification.event), self.calls.clock.now())

    def count_refusal(self, session: Session, gateway: str, reason: str) -> None:
        """Record that a callback was refused; what was in it is nobody's business."""
        now = self.calls.clock.now()
        values = {
            "gateway": gateway,
            "day": now.astimezone(UTC).date(),
            "reason": reason,
            "count": 1,
            "last_at": now,
        }
        session.execute(_COUNT_REFUSAL[session.get_bind().dialect.name], values)

    def process_event(self, gateway: str, event: str) -> None:
        """Act on a kept event; one that is processed changes nothing. Raises GatewayUnreachableError."""
        with self.calls.database.reading() as session:
            kept = session.execute(_KEPT, {"gateway": gateway, "event": event}).one()
        if kept.processed_at is not None:
            return
        outcome = self._act(gateway, kept)
        with self.calls.database.transaction() as session:
            values = {"kept": kept.id, "at": self.calls.clock.now(), "word": outcome}
            session.execute(_PROCESSED, values)

    def process_left_events(self) -> None:
        """Process events whose processing was cut off, the least tried first: none stops the others."""
        with self.calls.database.reading() as session:
            left = session.execute(
                select(GatewayEvent.id, GatewayEvent.gateway, GatewayEvent.event)
                .where(GatewayEvent.processed_at.is_(None))
                .order_by(GatewayEvent.tries, GatewayEvent.id)
                .limit(_BATCH)
            ).all()
        away: set[str] = set()
        for row in left:
            if row.gateway in away:
                continue
            with self.calls.database.transaction() as session:
                session.execute(_TRIED, {"kept": row.id})
            try:
                self.process_event(row.gateway, row.event)
            except GatewayUnreachableError:
                away.add(row.gateway)
            except Exception:  # noqa: BLE001 - whatever is wrong with one event, the others go on
                _log.exception("event %s of %s cannot be processed", row.event, row.gateway)

    def payment_of(self, gateway: Gateway, reference: str) -> Payment | None:
        """Return the attempt that a payment belongs to; the gateway is asked when nobody knows it yet."""
        names = {"gateway": gateway.name, "reference": reference}
        with self.calls.database.reading() as session:
            known = session.scalars(_WITH_REFERENCE, names).one_or_none()
        if known is not None or not isinstance(gateway, Disputing):
            return known
        try:
            session_name = gateway.session_of(reference)
        except GatewayRefusedError:
            return None
        self._session(gateway, session_name, None)
        with self.calls.database.reading() as session:
            return session.scalars(_WITH_REFERENCE, names).one_or_none()

    def _act(self, gateway_name: str, kept: "Row[int, str, str, datetime | None, UUID]") -> str:
        gateway, name = self.calls.gateways.get(gateway_name), kept.name
        if gateway is None:
            return "gateway_gone"
        try:
            return self._read(gateway, kept.about, name, kept.payment)
        except GatewayRefusedError as refusal:
            _log.warning("%s does not know %s: %s", gateway_name, name, refusal.code)
            return "unknown"

    def _read(self, gateway: Gateway, about: str, name: str, payment_id: UUID | None) -> str:
        if about == Subject.SESSION:
            return self._session(gateway, name, payment_id)
        if about == Subject.PAYOUT and isinstance(gateway, PayingOut):
            return self._payout(gateway, name)
        if isinstance(gateway, Disputing):
            readers = {
                Subject.PAYMENT: self._payment,
                Subject.REFUND: self._refund,
                Subject.DISPUTE: self._dispute,
                Subject.WARNING: self._warning,
            }
            return readers[Subject(about)](gateway, name)
        return "ignored"

    def _payment(self, gateway: Disputing, name: str) -> str:
        return self._session(gateway, gateway.session_of(name), None)

    def _session(self, gateway: Gateway, name: str, payment_id: UUID | None) -> str:
        status = gateway.status(name)
        if payment_id is None:
            payment_id = self._with_session(gateway, name, status)
        if payment_id is None:
            return self._keep_for_staff(gateway, name, status)
        return self.calls.record(payment_id, status)

    def _with_session(self, gateway: Gateway, name: str, status: SessionStatus) -> UUID | None:
        """Return the attempt of a session, also of one that was opened and never heard of again."""
        with self.calls.database.reading() as session:
            known = session.scalars(
                _WITH_SESSION, {"gateway": gateway.name, "session_name": name}
            ).one_or_none()
            if known is not None:
                return known.id
            parts = status.key.split(":")
            cut_off = _cut_off(session, gateway.name, parts) if len(parts) == 3 else None  # noqa: PLR2004
        if cut_off is None:
            return None
        started = self.calls.open(cut_off)
        return cut_off.id if started is not None and started.session == name else None

    def _keep_for_staff(self, gateway: Gateway, name: str, status: SessionStatus) -> str:
        """Show staff the money on a page that nobody knows; without money there is nothing to see."""
        amount = status.captured_minor or status.authorised_minor
        if amount:
            matter = Matter(
                gateway=gateway.name,
                kind="unknown_session",
                subject=name,
                amount_minor=amount,
                currency=status.currency,
            )
            with self.calls.database.transaction() as session:
                open_matter(session, matter, self.calls.clock.now())
        return "unknown_session"

    def _refund(self, gateway: Disputing, name: str) -> str:
        status, now = gateway.outside_refund(name), self.calls.clock.now()
        with self.calls.database.reading() as session:
            ours = _our_refund(session, status.refund)
        if ours is not None:
            with self.calls.database.transaction() as session:
                return record_refund_status(session, ours, status, now)
        payment = self.payment_of(gateway, status.reference)
        if payment is None:
            return "unknown_payment"
        with self.calls.database.transaction() as session:
            return record_outside_refund(session, payment.id, status, now)

    def _dispute(self, gateway: Disputing, name: str) -> str:
        status = gateway.dispute(name)
        payment = self.payment_of(gateway, status.reference)
        if payment is None:
            return self._dispute_of_nobody(gateway, status)
        with self.calls.database.transaction() as session:
            now = self.calls.clock.now()
            settle_matter(session, gateway.name, "unknown_dispute", name, now)
            return record_dispute(session, payment.id, status, now)

    def _dispute_of_nobody(self, gateway: Gateway, status: DisputeStatus) -> str:
        """Show staff a dispute of a payment that nobody knows: the bank wants an answer all the same."""
        matter = Matter(
            gateway=gateway.name,
            kind="unknown_dispute",
            subject=status.name,
            amount_minor=status.amount_minor,
            currency=status.currency,
        )
        with self.calls.database.transaction() as session:
            open_matter(session, matter, self.calls.clock.now())
        return "unknown_payment"

    def _warning(self, gateway: Disputing, name: str) -> str:
        payment = self.payment_of(gateway, gateway.warned(name))
        if payment is None:
            return "unknown_payment"
        with self.calls.database.transaction() as session:
            return record_warning(session, payment.id, name, self.calls.clock.now())

    def _payout(self, gateway: PayingOut, name: str) -> str:
        status, movements = gateway.payout(name), movements_of(gateway, name)
        with self.calls.database.transaction() as session:
            return record_payout(session, gateway.name, status, movements, self.calls.clock.now())


def _cut_off(session: Session, gateway: str, parts: list[str]) -> Payment | None:
    """Return the attempt of a key `order:<id>:<number>` if its start was cut off."""
    try:
        names = {"gateway": gateway, "order": UUID(parts[1]), "attempt": int(parts[2])}
    except ValueError:
        return None
    found = session.scalars(_WITH_KEY, names).one_or_none()
    return found if found is not None and found.state == PaymentState.STARTING else None


def _our_refund(session: Session, text: str) -> UUID | None:
    try:
        refund_id = UUID(text)
    except ValueError:
        return None
    return session.scalar(select(Refund.id).where(Refund.id == refund_id))
