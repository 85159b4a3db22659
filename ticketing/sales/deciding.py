"""What staff decide about money that is set aside: tickets for it, or back with it, or what it was for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.security import CodeVault
from ticketing.sales import affair_models as tables
from ticketing.sales.capture import issue_paid, take_back
from ticketing.sales.errors import OutsideRefundError, ParkedMoneyError, RefundNotFailedError
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.lines import tickets_of_lines
from ticketing.sales.matters import settle_matter
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.owing import refund_payment
from ticketing.sales.place_limits import forget_places
from ticketing.sales.rules import OrderStatus, PaymentState
from ticketing.staff.audit import Deed, record
from ticketing.tickets.issue import TicketToIssue, void
from ticketing.tickets.models import Ticket

_GOES_BACK = "set_aside"


def accept_parked(
    session: Session, matter_id: UUID, reason: str, vault: CodeVault, actor: Actor, now: datetime
) -> None:
    """Issue an order's tickets for money of another amount; what is above their price goes back.

    Raises NotFoundError, or ParkedMoneyError when it is too little, in another currency, or the order is over
    or its places are gone.
    """
    matter, payment, order = _parked(session, matter_id)
    tickets = tickets_of_lines(session, order.id)
    price = sum(ticket.price_minor for ticket in tickets)
    if payment.captured_minor < price:
        raise ParkedMoneyError(reason="too_little")
    if order.status not in (OrderStatus.PENDING, OrderStatus.EXPIRED):
        raise ParkedMoneyError(reason="order_over")
    if order.status == OrderStatus.EXPIRED and not take_back(session, order, tickets, now):
        raise ParkedMoneyError(reason="places_gone")
    before = {"order": order.status, "payment": payment.state}
    payment.state = PaymentState.CAPTURED
    session.flush()
    issue_paid(session, order, tickets, vault, now)
    sides = [Side("tickets", -amount, screening) for screening, amount in _by_screening(tickets)]
    surplus = payment.captured_minor - price
    about = _about("sale", order, payment)
    post(
        session, about, [Side("parked", payment.captured_minor), *sides, Side("refunds_owed", -surplus)], now
    )
    if surplus:
        refund_payment(session, payment, surplus, _GOES_BACK, actor.name, now)
    settle_matter(session, matter.gateway, matter.kind, matter.subject, now, by=actor.name)
    after = {"order": order.status, "payment": payment.state, "back_minor": surplus}
    _record(session, "accept_parked", order, (before, after), reason, actor, now)


def return_parked(session: Session, matter_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Give money of another amount back in full. Raises NotFoundError or ParkedMoneyError."""
    matter, payment, order = _parked(session, matter_id)
    before = {"order": order.status, "payment": payment.state}
    payment.state = PaymentState.CAPTURED
    session.flush()
    amount = payment.captured_minor
    post(
        session,
        _about("refund", order, payment),
        [Side("parked", amount), Side("refunds_owed", -amount)],
        now,
    )
    refund_payment(session, payment, amount, _GOES_BACK, actor.name, now)
    settle_matter(session, matter.gateway, matter.kind, matter.subject, now, by=actor.name)
    after = {"order": order.status, "payment": payment.state, "back_minor": amount}
    _record(session, "return_parked", order, (before, after), reason, actor, now)


def assign_outside(
    session: Session,
    matter_id: UUID,
    ticket_ids: Sequence[UUID],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Say which tickets a refund made at the bank was for: they become void, what is above it is kept.

    Raises NotFoundError, OutsideRefundError when it is more than they cost, and what void raises.
    """
    matter = _open(session, matter_id, "refund_outside")
    tickets = void(session, _order_of(matter), ticket_ids, "refunded", now) if ticket_ids else []
    row = session.execute(
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.gateway == matter.gateway, Refund.name == matter.subject)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError
    refund, payment = row.Refund, row.Payment
    if not refund.outside or refund.status != "done":
        raise RefundNotFailedError
    worth = sum(ticket.price_minor for ticket in tickets)
    if worth < refund.amount_minor:
        raise OutsideRefundError(amount=refund.amount_minor, worth=worth)
    order = session.scalars(select(Order).where(Order.id == refund.order_id).with_for_update()).one()
    forget_places(session, order, (ticket.screening_id for ticket in tickets))
    refund.outside, refund.fee_minor = False, worth - refund.amount_minor
    session.flush()
    session.add_all(RefundTicket(ticket_id=ticket.id, refund_id=refund.id) for ticket in tickets)
    sides = [Side("tickets", amount, screening) for screening, amount in _by_screening(tickets)]
    sides += [Side("fees", -refund.fee_minor), Side("parked", -refund.amount_minor)]
    post(session, _about("refund", order, payment), sides, now)
    left = select(Ticket.id).where(Ticket.order_id == order.id, Ticket.state == "valid").limit(1)
    if session.scalars(left).first() is None:
        order.status = OrderStatus.REFUNDED
    settle_matter(session, matter.gateway, matter.kind, matter.subject, now, by=actor.name)
    before = {"tickets": [{"serial": ticket.serial, "state": "valid"} for ticket in tickets]}
    after = {"amount_minor": refund.amount_minor, "fee_minor": refund.fee_minor, "order": order.status}
    _record(session, "assign_outside", order, (before, after), reason, actor, now)


def _open(session: Session, matter_id: UUID, kind: str) -> tables.Matter:
    query = select(tables.Matter).where(tables.Matter.id == matter_id, tables.Matter.closed_at.is_(None))
    matter = session.scalars(query).one_or_none()
    if matter is None or matter.kind != kind:
        raise NotFoundError
    return matter


def _order_of(matter: tables.Matter) -> UUID:
    if matter.order_id is None:
        raise NotFoundError
    return matter.order_id


def _parked(session: Session, matter_id: UUID) -> tuple[tables.Matter, Payment, Order]:
    """Return a matter of set-aside money with its payment and order, both locked in the usual order."""
    matter = _open(session, matter_id, "amount_differs")
    query = select(Payment).where(
        Payment.order_id == _order_of(matter),
        Payment.gateway == matter.gateway,
        Payment.session == matter.subject,
    )
    payment = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if payment is None or payment.state != PaymentState.PARKED:
        raise NotFoundError
    if matter.currency != payment.currency:
        raise ParkedMoneyError(reason="currency")
    order = session.scalars(select(Order).where(Order.id == payment.order_id).with_for_update()).one()
    return matter, payment, order


def _by_screening(tickets: Sequence[Ticket] | Sequence[TicketToIssue]) -> list[tuple[int, int]]:
    amounts: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        amounts[ticket.screening_id] += ticket.price_minor
    return sorted(amounts.items())


def _about(kind: str, order: Order, payment: Payment) -> EntryOf:
    return EntryOf(kind=kind, order_id=order.id, gateway=payment.gateway, currency=payment.currency)


def _record(
    session: Session,
    action: str,
    order: Order,
    change: tuple[Mapping[str, object], Mapping[str, object]],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    before, after = change
    deed = Deed(
        action=action,
        object_kind="order",
        object_id=order.code,
        reason=" ".join(reason.split()),
        before=before,
        after=after,
    )
    record(session, actor, deed, now)
    session.flush()
