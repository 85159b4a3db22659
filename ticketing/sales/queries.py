"""Reads of sales: an order as its buyer and as the box office see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.security import CodeVault
from ticketing.inventory.models import Place
from ticketing.sales.models import Order, OrderLine, Payment, Refund, RefundTicket
from ticketing.sales.rules import OPEN_STATES, PAYABLE_STATES
from ticketing.tickets.models import Ticket

_OPEN_ATTEMPT = select(Payment).where(Payment.order_id == bindparam("order"), Payment.state.in_(OPEN_STATES))


@dataclass(frozen=True, kw_only=True)
class TicketView:
    """A ticket with what stands on it."""

    id: UUID
    serial: int
    code: str
    state: str
    void_reason: str | None
    screening: Screening
    place: str
    section: str
    row: str
    number: str
    band: str
    concession: str
    price: Money
    admitted_at: datetime | None
    admitted_gate: str | None
    inside: bool
    blocked: bool


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A place of an order that has no tickets yet."""

    screening: Screening
    place: str
    section: str
    row: str
    number: str
    band: str
    concession: str
    price: Money


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """An order with everything that belongs to it."""

    order: Order
    total: Money
    tickets: Sequence[TicketView]
    lines: Sequence[LineView]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    refunded_tickets: dict[UUID, UUID]

    @property
    def open_payment(self) -> Payment | None:
        """Return the attempt that can still be paid."""
        return next((p for p in reversed(self.payments) if p.state in PAYABLE_STATES), None)

    @property
    def declined(self) -> bool:
        """Tell whether the last attempt was declined, so that another may be made."""
        return bool(self.payments) and self.payments[-1].state == "declined"


def order_id_by_code(session: Session, code: str) -> UUID:
    """Return the id of an order. Raises NotFoundError."""
    found = session.scalar(select(Order.id).where(Order.code == code))
    if found is None:
        raise NotFoundError
    return found


def open_attempt(session: Session, order_id: UUID) -> Payment | None:
    """Return the attempt that can still be paid."""
    return session.scalars(_OPEN_ATTEMPT, {"order": order_id}).one_or_none()


def order_view(session: Session, order_id: UUID, vault: CodeVault) -> OrderView:
    """Return an order, its tickets with their codes, payments and refunds. Raises NotFoundError."""
    order = session.get(Order, order_id)
    if order is None:
        raise NotFoundError
    refunds = session.scalars(
        select(Refund).where(Refund.order_id == order_id).order_by(Refund.created_at)
    ).all()
    pairs = session.execute(
        select(RefundTicket.ticket_id, RefundTicket.refund_id)
        .join(Refund, Refund.id == RefundTicket.refund_id)
        .where(Refund.order_id == order_id)
    )
    return OrderView(
        order=order,
        total=Money(order.total_minor, order.currency),
        tickets=_tickets(session, order, vault),
        lines=_lines(session, order),
        payments=session.scalars(
            select(Payment).where(Payment.order_id == order_id).order_by(Payment.attempt)
        ).all(),
        refunds=refunds,
        refunded_tickets={row.ticket_id: row.refund_id for row in pairs},
    )


def _tickets(session: Session, order: Order, vault: CodeVault) -> list[TicketView]:
    rows = session.execute(
        select(Ticket, Place, Screening)
        .join(Place, Place.id == Ticket.place_id)
        .join(Screening, Screening.id == Ticket.screening_id)
        .where(Ticket.order_id == order.id)
        .order_by(Screening.starts_at, Place.place_no, Ticket.serial)
    ).unique()
    return [
        TicketView(
            id=ticket.id,
            serial=ticket.serial,
            code=vault.open(ticket.code_sealed),
            state=ticket.state,
            void_reason=ticket.void_reason,
            screening=screening,
            place=ticket.label,
            section=place.section,
            row=place.row,
            number=place.number,
            band=ticket.band,
            concession=ticket.concession,
            price=Money(ticket.price_minor, order.currency),
            admitted_at=ticket.admitted_at,
            admitted_gate=ticket.admitted_gate,
            inside=ticket.inside,
            blocked=ticket.blocked,
        )
        for ticket, place, screening in rows
    ]


def _lines(session: Session, order: Order) -> list[LineView]:
    rows = session.execute(
        select(OrderLine, Place, Screening)
        .join(Place, Place.id == OrderLine.place_id)
        .join(Screening, Screening.id == OrderLine.screening_id)
        .where(OrderLine.order_id == order.id)
        .order_by(Screening.starts_at, Place.place_no)
    ).unique()
    return [
        LineView(
            screening=screening,
            place=line.label,
            section=place.section,
            row=place.row,
            number=place.number,
            band=line.band,
            concession=line.concession,
            price=Money(line.price_minor, order.currency),
        )
        for line, place, screening in rows
    ]
