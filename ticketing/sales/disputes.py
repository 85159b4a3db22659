"""Disputes: a buyer's bank wants money back. The tickets are blocked at once, and the books follow."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.outbox import emit
from ticketing.sales.affair_models import Dispute
from ticketing.sales.effects import DisputeLost
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.matters import Matter, open_matter
from ticketing.sales.models import Order, Payment
from ticketing.sales.payments.port import DisputeState, DisputeStatus
from ticketing.sales.place_limits import forget_places
from ticketing.sales.rules import OrderStatus
from ticketing.staff.audit import Deed, record
from ticketing.tickets.blocking import block, give_up_blocked, unblock
from ticketing.tickets.models import Ticket

_LONGEST_REASON = 64


def record_dispute(session: Session, payment_id: UUID, status: DisputeStatus, now: datetime) -> str:
    """Make true what the gateway says of a dispute; twice changes nothing. Return the event's word.

    Open: the order's tickets are blocked, so nothing of it is refunded and the door sends on to the box
    office. Won: they are valid again. Lost: those that nobody used are void for good and their places free.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
    order = session.scalars(select(Order).where(Order.id == payment.order_id)).one()
    # Tickets before orders, as everywhere: refunds and scans lock them first.
    newly = block(session, order.id) if status.state is not DisputeState.WON else []
    session.scalars(select(Order.id).where(Order.id == order.id).with_for_update()).one()
    row = _row(session, payment, status, now)
    before = {"state": row.state, "withdrawn_minor": row.withdrawn_minor}
    about = EntryOf(kind="dispute", order_id=order.id, gateway=payment.gateway, currency=payment.currency)
    post(session, about, _reclass(newly, 1), now)
    moved = status.withdrawn_minor - row.withdrawn_minor
    post(session, about, [Side("gateway", -moved), Side("withheld", moved)], now)
    row.withdrawn_minor = status.withdrawn_minor
    was, row.state, row.due_by = row.state, status.state, status.due_by
    if status.state is DisputeState.OPEN:
        row.closed_at = None
    elif was == DisputeState.OPEN:
        row.closed_at = now
    session.flush()
    if status.state is DisputeState.WON and not _is_disputed(session, order.id):
        post(session, about, _reclass(unblock(session, order.id), -1), now)
    elif status.state is DisputeState.LOST and was != DisputeState.LOST:
        _give_up(session, order, payment, status, now)
    after = {"state": row.state, "withdrawn_minor": row.withdrawn_minor}
    if newly or before != after:
        deed = Deed(
            action=f"dispute_{status.state}",
            object_kind="order",
            object_id=order.code,
            reason=row.reason,
            before=before,
            after=after,
        )
        record(session, SYSTEM, deed, now)
    session.flush()
    return f"dispute_{status.state}"


def record_warning(session: Session, payment_id: UUID, name: str, now: datetime) -> str:
    """Put a card network's early fraud warning before staff: refunding now may save a dispute."""
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
    matter = Matter(
        gateway=payment.gateway,
        kind="early_fraud_warning",
        subject=name,
        amount_minor=payment.captured_minor - payment.refunded_minor,
        currency=payment.currency,
        order_id=payment.order_id,
    )
    open_matter(session, matter, now)
    return "early_fraud_warning"


def disputes_of(session: Session, order_id: UUID) -> Sequence[Dispute]:
    """Return the disputes of an order, the oldest first."""
    query = select(Dispute).where(Dispute.order_id == order_id)
    return session.scalars(query.order_by(Dispute.opened_at, Dispute.name)).all()


def dispute_state(session: Session, payment_id: UUID) -> DisputeState | None:
    """Return how the disputes of a payment stand: one that is open counts most, then one that was lost."""
    query = select(Dispute.state).where(Dispute.payment_id == payment_id, Dispute.state != DisputeState.WON)
    states = set(session.scalars(query))
    return next((one for one in (DisputeState.OPEN, DisputeState.LOST) if one in states), None)


def _row(session: Session, payment: Payment, status: DisputeStatus, now: datetime) -> Dispute:
    row = session.get(Dispute, (payment.gateway, status.name), with_for_update=True)
    if row is None:
        row = Dispute(
            gateway=payment.gateway,
            name=status.name,
            payment_id=payment.id,
            order_id=payment.order_id,
            state=DisputeState.OPEN,
            amount_minor=status.amount_minor,
            withdrawn_minor=0,
            currency=status.currency,
            reason=status.reason[:_LONGEST_REASON],
            opened_at=now,
        )
        session.add(row)
        session.flush()
    return row


def _is_disputed(session: Session, order_id: UUID) -> bool:
    query = select(Dispute.name).where(Dispute.order_id == order_id, Dispute.state != DisputeState.WON)
    return session.scalars(query.limit(1)).first() is not None


def _give_up(session: Session, order: Order, payment: Payment, status: DisputeStatus, now: datetime) -> None:
    """Free the places of a lost dispute; what they were sold for stays in the books as disputed."""
    tickets = give_up_blocked(session, order.id, now)
    forget_places(session, order, (ticket.screening_id for ticket in tickets))
    if tickets:
        emit(session, DisputeLost(payment.gateway, status.name), now)
    left = session.scalars(
        select(Ticket.id).where(Ticket.order_id == order.id, Ticket.state == "valid").limit(1)
    ).first()
    if left is None and order.status == OrderStatus.PAID:
        order.status = OrderStatus.CANCELLED
    matter = Matter(
        gateway=payment.gateway,
        kind="dispute_lost",
        subject=status.name,
        amount_minor=status.amount_minor,
        currency=status.currency,
        order_id=order.id,
    )
    open_matter(session, matter, now)


def _reclass(tickets: Sequence[Ticket], sign: int) -> list[Side]:
    """Move the price of tickets from `tickets` to `disputed`, or back."""
    by_screening: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        by_screening[ticket.screening_id] += ticket.price_minor
    return [
        side
        for screening, amount in sorted(by_screening.items())
        for side in (
            Side("tickets", sign * amount, screening),
            Side("disputed", -sign * amount, screening),
        )
    ]
