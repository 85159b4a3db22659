"""Refunds made in the bank's own system, booked against the tickets that they turn out to be for.

The money has gone already and is set aside as a debit of `parked`. Against it stands the price of the
tickets; what these cost more is a fee, or goes back too; what they cost less is a loss.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.outbox import emit
from ticketing.sales.effects import RefundDone
from ticketing.sales.gifts import return_gift
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.matters import settle_matter
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.owing import refund_from_order
from ticketing.sales.place_limits import forget_places
from ticketing.sales.rules import OrderStatus
from ticketing.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A refund made at the bank, with the payment that it is of."""

    refund: Refund
    payment: Payment


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What tickets cost more than went back at the bank: a fee, or owed to the buyer; or less: a loss."""

    fee_minor: int = 0
    back_minor: int = 0
    loss_minor: int = 0


def undecided_outside(session: Session, order_id: UUID) -> list[Outside]:
    """Return the refunds of an order that were made at the bank and stand for no ticket, all locked."""
    rows = session.execute(
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.order_id == order_id, Refund.outside.is_(True), Refund.status == "done")
        .order_by(Refund.created_at, Refund.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [Outside(refund=row.Refund, payment=row.Payment) for row in rows]


def rest_of(given_minor: int, worth_minor: int, owed_in_full_minor: int) -> Rest:
    """Return what becomes of the difference; of `owed_in_full_minor` of the worth no fee may be kept."""
    more = max(worth_minor - given_minor, 0)
    back = min(more, owed_in_full_minor)
    return Rest(fee_minor=more - back, back_minor=back, loss_minor=max(given_minor - worth_minor, 0))


def book_outside(
    session: Session,
    made: Sequence[Outside],
    tickets: Sequence[Ticket],
    rest: Rest,
    by: tuple[str, str],
    now: datetime,
) -> Order:
    """Book refunds made at the bank against tickets that are void by now, and the rest; return the order.

    `by` is who says so, and the reason of what goes back beside. Whoever has lost a ticket gets a letter.
    Raises MoreThanCapturedError.
    """
    head, actor_name, reason = made[0].refund, *by
    order = session.scalars(select(Order).where(Order.id == head.order_id).with_for_update()).one()
    forget_places(session, order, (ticket.screening_id for ticket in tickets))
    return_gift(session, order.id, [ticket.place_id for ticket in tickets])
    head.fee_minor, loss = rest.fee_minor, rest.loss_minor
    for one in made:
        one.refund.outside = False
        one.refund.loss_minor = min(loss, one.refund.amount_minor)
        loss -= one.refund.loss_minor
        if one.refund is not head:
            one.refund.part_of = head.id
    session.flush()
    session.add_all(RefundTicket(ticket_id=ticket.id, refund_id=head.id) for ticket in tickets)
    _post(session, order, made, tickets, rest, now)
    if rest.back_minor:
        refund_from_order(session, order.id, rest.back_minor, reason, actor_name, now, part_of=head.id)
    left = select(Ticket.id).where(Ticket.order_id == order.id, Ticket.state == "valid").limit(1)
    if order.status == OrderStatus.PAID and session.scalars(left).first() is None:
        order.status = OrderStatus.REFUNDED
    for one in made:
        settle_matter(
            session, one.payment.gateway, "refund_outside", one.refund.name or "", now, by=actor_name
        )
        if tickets:
            emit(session, RefundDone(str(one.refund.id)), now)
    return order


def by_screening(tickets: Sequence[Ticket]) -> list[tuple[int, int]]:
    """Return what tickets cost, by screening."""
    amounts: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        amounts[ticket.screening_id] += ticket.price_minor
    return sorted(amounts.items())


def _post(
    session: Session,
    order: Order,
    made: Sequence[Outside],
    tickets: Sequence[Ticket],
    rest: Rest,
    now: datetime,
) -> None:
    gateway = made[0].payment.gateway
    about = EntryOf(kind="refund", order_id=order.id, gateway=gateway, currency=order.currency)
    sides = [Side("tickets", amount, screening) for screening, amount in by_screening(tickets)]
    sides += [Side("parked", -one.refund.amount_minor) for one in made]
    sides += [
        Side("fees", -rest.fee_minor),
        Side("refunds_owed", -rest.back_minor),
        Side("losses", rest.loss_minor),
    ]
    post(session, about, sides, now)
