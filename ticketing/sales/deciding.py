"""What staff decide about money that is set aside: tickets for it, or back with it, or what it was for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.security import CodeVault
from ticketing.sales import affair_models as tables
from ticketing.sales.cancelling import REASON as SCREENING_CANCELLED
from ticketing.sales.capture import issue_paid
from ticketing.sales.errors import OutsideRefundError, ParkedMoneyError, RefundNotFailedError
from ticketing.sales.late_places import take_back
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.lines import tickets_of_lines
from ticketing.sales.matters import settle_matter
from ticketing.sales.models import Order, Payment
from ticketing.sales.outside import Outside, book_outside, rest_of, undecided_outside
from ticketing.sales.owing import refund_payment
from ticketing.sales.refund_rules import BackReason
from ticketing.sales.rules import OrderStatus, PaymentState
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.issue import TicketToIssue, void
from ticketing.tickets.models import Ticket


def accept_parked(
    session: Session, matter_id: UUID, reason: str, vault: CodeVault, actor: Actor, now: datetime
) -> None:
    """Issue an order's tickets for money of another amount; what is above their price goes back.

    Raises NotFoundError, or ParkedMoneyError when it is too little, in another currency, or the order is over
    or its places are gone.
    """
    matter, payment, order = _parked(session, matter_id)
    tickets: Sequence[TicketToIssue] = tickets_of_lines(session, order.id)
    price = sum(ticket.price_minor for ticket in tickets)
    if payment.captured_minor < price:
        raise ParkedMoneyError(reason="too_little")
    if order.status not in (OrderStatus.PENDING, OrderStatus.EXPIRED):
        raise ParkedMoneyError(reason="order_over")
    if order.status == OrderStatus.EXPIRED:
        tickets = take_back(session, order, now)
    if not tickets:
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
        refund_payment(session, payment, surplus, BackReason.SET_ASIDE, actor.name, now)
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
    refund_payment(session, payment, amount, BackReason.SET_ASIDE, actor.name, now)
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
    """Say which tickets a refund made at the bank was for: they become void.

    What they cost more is kept as a fee; of a cancelled screening it goes back too. What they cost less is a
    loss, but only when no other ticket is left that it could have been for. Raises NotFoundError,
    OutsideRefundError when there is one, MoreThanCapturedError, and what void raises.
    """
    matter = _open(session, matter_id, "refund_outside")
    order_id = _order_of(matter)
    tickets = void(session, order_id, ticket_ids, "refunded", now) if ticket_ids else []
    made = _outside_of(session, matter)
    worth = sum(ticket.price_minor for ticket in tickets)
    if worth < made.refund.amount_minor and _has_more(session, order_id):
        raise OutsideRefundError(amount=made.refund.amount_minor, worth=worth)
    in_full = _of_cancelled(session, tickets)
    rest = rest_of(made.refund.amount_minor, worth, in_full)
    order = book_outside(session, [made], tickets, rest, (actor.name, SCREENING_CANCELLED), now)
    before = {"tickets": [{"serial": ticket.serial, "state": "valid"} for ticket in tickets]}
    after = {"amount_minor": made.refund.amount_minor, **asdict(rest), "order": order.status}
    _record(session, "assign_outside", order, (before, after), reason, actor, now)


def write_off_outside(session: Session, matter_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Book a refund made at the bank as a loss: no ticket stands for it, and those that are valid stay so.

    Raises NotFoundError or ReasonRequiredError.
    """
    if not reason.strip():
        raise ReasonRequiredError
    matter = _open(session, matter_id, "refund_outside")
    made = _outside_of(session, matter)
    rest = rest_of(made.refund.amount_minor, 0, 0)
    order = book_outside(session, [made], [], rest, (actor.name, ""), now)
    before, after = {"amount_minor": made.refund.amount_minor}, {"loss_minor": rest.loss_minor}
    _record(session, "write_off_outside", order, (before, after), reason, actor, now)


def _outside_of(session: Session, matter: tables.Matter) -> Outside:
    """Return the refund of a matter, locked. Raises NotFoundError or RefundNotFailedError."""
    found = undecided_outside(session, _order_of(matter))
    made = [
        one for one in found if one.payment.gateway == matter.gateway and one.refund.name == matter.subject
    ]
    if not made:
        raise RefundNotFailedError
    return made[0]


def _has_more(session: Session, order_id: UUID) -> bool:
    """Tell whether an order has a ticket, paid for, that staff could still choose."""
    query = select(Ticket.id).where(
        Ticket.order_id == order_id,
        Ticket.state == "valid",
        Ticket.price_minor > 0,
        Ticket.blocked.is_(False),
        Ticket.admitted_at.is_(None),
    )
    return session.scalars(query.limit(1)).first() is not None


def _of_cancelled(session: Session, tickets: Sequence[Ticket]) -> int:
    """Return what those tickets cost whose screening does not take place."""
    ids = {ticket.screening_id for ticket in tickets}
    query = select(Screening.id).where(Screening.id.in_(ids), Screening.cancelled_at.is_not(None))
    cancelled = set(session.scalars(query))
    return sum(ticket.price_minor for ticket in tickets if ticket.screening_id in cancelled)


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


def _by_screening(tickets: Sequence[TicketToIssue]) -> list[tuple[int, int]]:
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
