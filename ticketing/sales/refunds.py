"""Refunds: the tickets are void and their places free at once; the money follows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import RefundDone, RefundDue
from ticketing.sales.errors import FeeTooHighError
from ticketing.sales.gifts import return_gift
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.owing import owe_from_order
from ticketing.sales.place_limits import forget_places
from ticketing.sales.refund_rules import Method
from ticketing.sales.rules import OrderStatus
from ticketing.sales.shifts import shift_of
from ticketing.staff.accounts import Role
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
    method: Method = Method.ORIGINAL


def refund_tickets(
    session: Session, refund_id: UUID, request: RefundRequest, actor: Actor, now: datetime
) -> None:
    """Make tickets void, free their places and owe the buyer the money, or record that the till has paid it.

    An order paid by several payments is refunded from each, the first ones first. Of a cancelled screening a
    manager refunds tickets too that were used at the door: the projector may die in the middle. Raises
    NotFoundError, AlreadyRefundedError, AlreadyAdmittedError, TicketBlockedError, FeeTooHighError,
    MoreThanCapturedError or ReasonRequiredError.
    """
    reason = " ".join(request.reason.split())
    if not reason:
        raise ReasonRequiredError
    wanted = request.tickets or _valid_tickets(session, request.order_id)
    if not wanted:
        raise _nothing_left(session, request.order_id)
    off = _cancelled(session, wanted) if actor.role == Role.MANAGER else frozenset()
    tickets = void(session, request.order_id, wanted, "refunded", now, even_admitted=off)
    worth = sum(ticket.price_minor for ticket in tickets)
    if request.fee_minor > worth:
        raise FeeTooHighError(most=worth)
    amount = worth - request.fee_minor
    parts = owe_from_order(session, request.order_id, amount) if worth else []
    order = session.scalars(select(Order).where(Order.id == request.order_id).with_for_update()).one()
    forget_places(session, order, (ticket.screening_id for ticket in tickets))
    gift = return_gift(session, order.id, [ticket.place_id for ticket in tickets])
    made = _make_rows(session, refund_id, order, parts, replace(request, reason=reason), actor, now)
    session.add_all(RefundTicket(ticket_id=ticket.id, refund_id=refund_id) for ticket in tickets)
    if parts:
        _post_refund(session, order, parts, tickets, request, actor, now)
    if not _valid_tickets(session, order.id):
        order.status = OrderStatus.REFUNDED
    for row in made:
        effect = RefundDone if row.status == "done" else RefundDue
        emit(session, effect(str(row.id)), now)
    record(session, actor, _deed(order, tickets, reason, (amount, gift), request), now)
    session.flush()


def _cancelled(session: Session, ticket_ids: Sequence[UUID]) -> frozenset[int]:
    """Return the screenings of tickets that do not take place, or broke off."""
    query = (
        select(Screening.id)
        .join(Ticket, Ticket.screening_id == Screening.id)
        .where(Ticket.id.in_(ticket_ids), Screening.cancelled_at.is_not(None))
    )
    return frozenset(session.scalars(query))


def _make_rows(
    session: Session,
    refund_id: UUID,
    order: Order,
    parts: Sequence[tuple[Payment, int]],
    request: RefundRequest,
    actor: Actor,
    now: datetime,
) -> list[Refund]:
    """Add a row for each payment that gives money back; the first has the given id, and the fee."""
    rows = []
    for number, (payment, amount) in enumerate(parts or [(None, 0)]):
        is_done = request.method is Method.CASH or not amount
        rows.append(
            Refund(
                id=new_id(now) if number else refund_id,
                order_id=order.id,
                payment_id=payment.id if payment else None,
                part_of=refund_id if number else None,
                method=request.method if amount else Method.ORIGINAL,
                amount_minor=amount,
                fee_minor=0 if number else request.fee_minor,
                currency=order.currency,
                status="done" if is_done else "pending",
                reason=request.reason,
                actor_name=actor.name,
                created_at=now,
                done_at=now if is_done else None,
            )
        )
        # One by one: a part refers to the first.
        session.add(rows[-1])
        session.flush()
    return rows


def _valid_tickets(session: Session, order_id: UUID) -> tuple[UUID, ...]:
    return tuple(
        session.scalars(select(Ticket.id).where(Ticket.order_id == order_id, Ticket.state == "valid"))
    )


def _nothing_left(session: Session, order_id: UUID) -> DomainError:
    """Tell why an order has no ticket to refund: all are refunded, or there never were any."""
    gone = session.scalars(select(Ticket.id).where(Ticket.order_id == order_id).order_by(Ticket.serial)).all()
    return AlreadyRefundedError(tickets=[str(ticket) for ticket in gone]) if gone else NotFoundError()


def _post_refund(
    session: Session,
    order: Order,
    parts: Sequence[tuple[Payment, int]],
    tickets: Sequence[Ticket],
    request: RefundRequest,
    actor: Actor,
    now: datetime,
) -> None:
    by_screening: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        by_screening[ticket.screening_id] += ticket.price_minor
    gateway = parts[0][0].gateway
    in_cash = request.method is Method.CASH
    shift = shift_of(session, actor, order.currency, now) if in_cash else None
    about = EntryOf(kind="refund", order_id=order.id, gateway=gateway, currency=order.currency, shift=shift)
    account = "cash" if in_cash else "refunds_owed"
    sides = [Side("tickets", worth, screening) for screening, worth in sorted(by_screening.items())]
    sides += [Side("fees", -request.fee_minor)]
    sides += [Side(account, -amount) for _, amount in parts]
    post(session, about, sides, now)


def _deed(
    order: Order, tickets: Sequence[Ticket], reason: str, back: tuple[int, int], request: RefundRequest
) -> Deed:
    amount, gift = back
    return Deed(
        action="refund",
        object_kind="order",
        object_id=order.code,
        reason=reason,
        before={"tickets": [{"serial": t.serial, "place": t.label, "state": "valid"} for t in tickets]},
        after={
            "tickets": [{"serial": t.serial, "place": t.label, "state": t.state} for t in tickets],
            "amount_minor": amount,
            "fee_minor": request.fee_minor,
            **({"gift_minor": gift} if gift else {}),
            "method": request.method,
            "order": order.status,
        },
    )
