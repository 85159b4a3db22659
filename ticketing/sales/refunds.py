"""Refunds: the tickets are void and their places free at once; the money follows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import RefundDue
from ticketing.sales.errors import FeeTooHighError
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.place_limits import forget_places
from ticketing.sales.rules import OrderStatus, PaymentState
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.errors import AlreadyRefundedError
from ticketing.tickets.issue import void
from ticketing.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """Tickets of one order to refund; no tickets named means every valid one. `fee_minor` is kept."""

    order_id: UUID
    tickets: tuple[UUID, ...]
    reason: str
    fee_minor: int = 0


def refund_tickets(
    session: Session, refund_id: UUID, request: RefundRequest, actor: Actor, now: datetime
) -> None:
    """Make tickets void, free their places and owe the buyer the money.

    Raises NotFoundError, AlreadyRefundedError, AlreadyAdmittedError, TicketBlockedError, FeeTooHighError or
    ReasonRequiredError.
    """
    reason = " ".join(request.reason.split())
    if not reason:
        raise ReasonRequiredError
    wanted = request.tickets or _valid_tickets(session, request.order_id)
    if not wanted:
        raise _nothing_left(session, request.order_id)
    tickets = void(session, request.order_id, wanted, "refunded", now)
    worth = sum(ticket.price_minor for ticket in tickets)
    if request.fee_minor > worth:
        raise FeeTooHighError(most=worth)
    amount = worth - request.fee_minor
    payment = _payment_to_refund(session, request.order_id, amount) if worth else None
    if payment is not None:
        _owe(session, payment, amount)
    order = session.scalars(select(Order).where(Order.id == request.order_id).with_for_update()).one()
    forget_places(session, order, (ticket.screening_id for ticket in tickets))
    session.add(
        Refund(
            id=refund_id,
            order_id=order.id,
            payment_id=payment.id if payment else None,
            amount_minor=amount,
            fee_minor=request.fee_minor,
            currency=order.currency,
            status="pending" if amount else "done",
            reason=reason,
            actor_name=actor.name,
            created_at=now,
            done_at=None if amount else now,
        )
    )
    session.flush()
    session.add_all(RefundTicket(ticket_id=ticket.id, refund_id=refund_id) for ticket in tickets)
    if payment is not None:
        _post_refund(session, order, payment, tickets, request.fee_minor, now)
    if not _valid_tickets(session, order.id):
        order.status = OrderStatus.REFUNDED
    if amount:
        emit(session, RefundDue(str(refund_id)), now)
    record(session, actor, _deed(order, tickets, reason, amount, request.fee_minor), now)
    session.flush()


def _valid_tickets(session: Session, order_id: UUID) -> tuple[UUID, ...]:
    return tuple(
        session.scalars(select(Ticket.id).where(Ticket.order_id == order_id, Ticket.state == "valid"))
    )


def _nothing_left(session: Session, order_id: UUID) -> DomainError:
    """Tell why an order has no ticket to refund: all are refunded, or there never were any."""
    gone = session.scalars(select(Ticket.id).where(Ticket.order_id == order_id).order_by(Ticket.serial)).all()
    return AlreadyRefundedError(tickets=[str(ticket) for ticket in gone]) if gone else NotFoundError()


def _payment_to_refund(session: Session, order_id: UUID, amount: int) -> Payment:
    """Return the captured payment, locked, that still has the amount."""
    payments = session.scalars(
        select(Payment)
        .where(
            Payment.order_id == order_id,
            Payment.state == PaymentState.CAPTURED,
            Payment.captured_minor - Payment.refunded_minor >= amount,
        )
        .order_by(Payment.attempt)
        .with_for_update()
    )
    payment = payments.first()
    if payment is None:
        raise NotFoundError
    return payment


def _owe(session: Session, payment: Payment, amount: int) -> None:
    """Count an amount against what was captured. Raises NotFoundError if so much is not left."""
    owed = session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.refunded_minor + amount <= Payment.captured_minor)
        .values(refunded_minor=Payment.refunded_minor + amount)
    )
    if owed.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFoundError


def _post_refund(
    session: Session, order: Order, payment: Payment, tickets: Sequence[Ticket], fee: int, now: datetime
) -> None:
    by_screening: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        by_screening[ticket.screening_id] += ticket.price_minor
    worth = sum(by_screening.values())
    about = EntryOf(kind="refund", order_id=order.id, gateway=payment.gateway, currency=order.currency)
    sides = [Side("tickets", amount, screening) for screening, amount in sorted(by_screening.items())]
    post(session, about, [*sides, Side("fees", -fee), Side("refunds_owed", fee - worth)], now)


def _deed(order: Order, tickets: Sequence[Ticket], reason: str, amount: int, fee: int) -> Deed:
    return Deed(
        action="refund",
        object_kind="order",
        object_id=order.code,
        reason=reason,
        before={"tickets": [{"serial": t.serial, "place": t.label, "state": "valid"} for t in tickets]},
        after={
            "tickets": [{"serial": t.serial, "place": t.label, "state": t.state} for t in tickets],
            "amount_minor": amount,
            "fee_minor": fee,
            "order": order.status,
        },
    )
