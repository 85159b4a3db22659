"""Returns: buyers giving tickets back themselves, within the policy of their screenings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import BUYER
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.sales.errors import (
    OrderNotPaidError,
    ReturnChangedError,
    ReturnsOffError,
    ReturnTooLateError,
    TicketTransferredError,
)
from ticketing.sales.models import Order, OrderLine
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.refund_policies import showing_of
from ticketing.sales.refund_rules import Bar, Showing, bar, ticket_fee
from ticketing.sales.refunds import RefundRequest, refund_tickets
from ticketing.sales.rules import OrderStatus
from ticketing.sales.transfers import transferred
from ticketing.tickets.errors import AlreadyAdmittedError, AlreadyRefundedError, TicketBlockedError
from ticketing.tickets.models import Ticket

REASON = "returned"


@dataclass(frozen=True, kw_only=True)
class ReturnRequest:
    """Tickets of one order to return; none named means every one that can be.

    `amount_minor` is what the buyer was shown to come back, if anything was.
    """

    order_id: UUID
    tickets: tuple[UUID, ...]
    amount_minor: int | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A ticket that its buyer may return, or why not; `deadline` until when, if there is such a time."""

    ticket: TicketView
    bar: Bar | None
    fee_minor: int
    deadline: datetime | None

    @property
    def back_minor(self) -> int:
        """Return what comes back of it."""
        return self.ticket.price.minor - self.fee_minor


def offers(view: OrderView, festival: Festival, now: datetime) -> list[Offer]:
    """Return what the buyer can do with each ticket of an order."""
    return [_offer(ticket, showing_of_ticket(ticket, festival), now) for ticket in view.tickets]


def showing_of_ticket(ticket: TicketView, festival: Festival) -> Showing:
    """Return what decides on a ticket's refund."""
    return showing_of(ticket.screening, festival, place_changed=ticket.instead_of is not None)


def return_tickets(session: Session, refund_id: UUID, wanted: ReturnRequest, now: datetime) -> None:
    """Refund tickets as the policy of their screenings says, for their buyer.

    Raises NotFoundError, OrderNotPaidError, AlreadyRefundedError, AlreadyAdmittedError, TicketBlockedError,
    TicketTransferredError, ReturnsOffError, ReturnTooLateError or ReturnChangedError.
    """
    tickets = _locked(session, wanted)
    festival = the_festival(session)
    showings = _showings(session, tickets, festival)
    sent = transferred(session, [ticket.id for ticket in tickets])
    barred = [
        (ticket, _bar_of(ticket, showings[ticket.id], now, transferred=ticket.id in sent))
        for ticket in tickets
    ]
    if not wanted.tickets:
        # Without names: whatever can be returned, if anything can.
        able = [ticket for ticket, why in barred if why is None]
        barred = [(ticket, None) for ticket in able] or barred
        tickets = able or tickets
    for ticket, why in barred:
        if why is not None:
            raise _refusal(why, [one for one, other in barred if other is why], showings[ticket.id])
    fee = sum(ticket_fee(ticket.price_minor, showings[ticket.id]) for ticket in tickets)
    amount = sum(ticket.price_minor for ticket in tickets) - fee
    if wanted.amount_minor not in (None, amount):
        raise ReturnChangedError(amount=amount)
    request = RefundRequest(
        order_id=wanted.order_id,
        tickets=tuple(ticket.id for ticket in tickets),
        reason=REASON,
        fee_minor=fee,
    )
    refund_tickets(session, refund_id, request, BUYER, now)


def _locked(session: Session, wanted: ReturnRequest) -> Sequence[Ticket]:
    """Return the tickets in question, locked as scans, exchanges and refunds lock them."""
    query = select(Ticket).where(Ticket.order_id == wanted.order_id)
    if wanted.tickets:
        query = query.where(Ticket.id.in_(wanted.tickets))
    tickets = session.scalars(
        query.order_by(Ticket.serial).with_for_update().execution_options(populate_existing=True)
    ).all()
    status = session.scalar(select(Order.status).where(Order.id == wanted.order_id))
    if status == OrderStatus.PENDING:
        raise OrderNotPaidError
    if not tickets or (wanted.tickets and len(tickets) != len(set(wanted.tickets))):
        raise NotFoundError
    return tickets


def _showings(session: Session, tickets: Sequence[Ticket], festival: Festival) -> dict[UUID, Showing]:
    """Return what decides on each ticket's refund."""
    ids = {ticket.screening_id for ticket in tickets}
    rows = session.scalars(select(Screening).where(Screening.id.in_(ids))).unique()
    screenings = {row.id: row for row in rows}
    equal = select(OrderLine.place_id).where(
        OrderLine.order_id == tickets[0].order_id, OrderLine.instead_of.is_not(None)
    )
    changed = set(session.scalars(equal))
    return {
        ticket.id: showing_of(
            screenings[ticket.screening_id], festival, place_changed=ticket.place_id in changed
        )
        for ticket in tickets
    }


def _bar_of(ticket: Ticket, showing: Showing, now: datetime, *, transferred: bool) -> Bar | None:
    return bar(
        showing,
        now,
        void=ticket.state == "void",
        blocked=ticket.blocked,
        admitted=ticket.admitted_at is not None,
        transferred=transferred,
    )


def _offer(ticket: TicketView, showing: Showing, now: datetime) -> Offer:
    why = bar(
        showing,
        now,
        void=ticket.state == "void",
        blocked=ticket.blocked,
        admitted=ticket.admitted_at is not None,
        transferred=ticket.transfer is not None,
    )
    return Offer(
        ticket=ticket,
        bar=why,
        fee_minor=ticket_fee(ticket.price.minor, showing),
        deadline=showing.deadline if showing.self_service else None,
    )


def _refusal(why: Bar, tickets: Sequence[Ticket], showing: Showing) -> DomainError:
    named = [str(ticket.id) for ticket in tickets]
    match why:
        case Bar.VOID:
            return AlreadyRefundedError(tickets=named)
        case Bar.BLOCKED:
            return TicketBlockedError(tickets=named)
        case Bar.ADMITTED:
            return AlreadyAdmittedError(tickets=named)
        case Bar.TRANSFERRED:
            return TicketTransferredError(tickets=named)
        case Bar.OFF:
            return ReturnsOffError(tickets=named)
        case Bar.LATE:
            until = showing.deadline.isoformat() if showing.deadline else None
            return ReturnTooLateError(tickets=named, until=until)
