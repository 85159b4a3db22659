"""Reads of sales: an order as its buyer and as the box office see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.security import CodeVault
from ticketing.inventory.models import Place
from ticketing.sales.gifts import Gift, gift_view
from ticketing.sales.models import Order, OrderLine, Payment, Refund, RefundTicket
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.rules import OPEN_STATES, PAYABLE_STATES
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket

_TICKETS = (
    select(Ticket, Place, Screening, Order.currency, OrderLine.instead_of)
    .join(Place, Place.id == Ticket.place_id)
    .join(Screening, Screening.id == Ticket.screening_id)
    .join(Order, Order.id == Ticket.order_id)
    # A ticket that another one was exchanged for has no line.
    .join(
        OrderLine,
        and_(OrderLine.order_id == Ticket.order_id, OrderLine.place_id == Ticket.place_id),
        isouter=True,
    )
)
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
    # The label of the place that was ordered and found gone by a late payment; then this one is an equal one.
    instead_of: str | None
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
    revision: int
    # By which a friend has the ticket: then `code` is empty, for nobody else may show it.
    transfer: Transfer | None

    @property
    def is_held(self) -> bool:
        """Tell whether the ticket lets somebody in, and the order's owner has it."""
        return self.state == "valid" and self.transfer is None


@dataclass(frozen=True, kw_only=True)
class SentTicket:
    """A ticket that was sent to a friend; it has its code once it is opened. `sender` is the buyer's name."""

    transfer: Transfer
    ticket: TicketView
    sender: str
    order_code: str


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
    receipts: Sequence[Receipt]
    gift: Gift | None

    @property
    def open_payment(self) -> Payment | None:
        """Return the attempt that can still be paid."""
        return next((p for p in reversed(self.payments) if p.state in PAYABLE_STATES), None)

    @property
    def difference(self) -> Payment | None:
        """Return the open attempt to pay the difference of an exchange."""
        return self.open_payment if self.open_payment is not None and self.open_payment.for_swap else None

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
        receipts=session.scalars(
            select(Receipt).where(Receipt.order_id == order_id).order_by(Receipt.number)
        ).all(),
        gift=gift_view(session, order) if order.saved_minor else None,
    )


def sent_ticket(session: Session, transfer_id: UUID, vault: CodeVault) -> SentTicket:
    """Return a ticket as the friend sees it whom it was sent to. Raises NotFoundError."""
    row = (
        session.execute(
            _TICKETS.add_columns(Transfer, Order.buyer_name, Order.code)
            .join(Transfer, Transfer.ticket_id == Ticket.id)
            .where(Transfer.id == transfer_id)
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError
    is_friends = row.Transfer.opened_at is not None and row.Transfer.revision == row.Ticket.revision
    code = vault.open(row.Ticket.code_sealed) if is_friends else ""
    return SentTicket(
        transfer=row.Transfer, ticket=_ticket(row, code), sender=row.buyer_name, order_code=row.code
    )


def _tickets(session: Session, order: Order, vault: CodeVault) -> list[TicketView]:
    rows = session.execute(
        _TICKETS.add_columns(Transfer)
        .join(Transfer, and_(Transfer.ticket_id == Ticket.id, Transfer.taken_back_at.is_(None)), isouter=True)
        .where(Ticket.order_id == order.id)
        .order_by(Screening.starts_at, Place.place_no, Ticket.serial)
    ).unique()
    return [_ticket(row, vault.open(row.Ticket.code_sealed) if row.Transfer is None else "") for row in rows]


def _ticket(row: Row[Any], code: str) -> TicketView:
    ticket, place = row.Ticket, row.Place
    return TicketView(
        id=ticket.id,
        serial=ticket.serial,
        code=code,
        state=ticket.state,
        void_reason=ticket.void_reason,
        screening=row.Screening,
        place=ticket.label,
        instead_of=row.instead_of,
        section=place.section,
        row=place.row,
        number=place.number,
        band=ticket.band,
        concession=ticket.concession,
        price=Money(ticket.price_minor, row.currency),
        admitted_at=ticket.admitted_at,
        admitted_gate=ticket.admitted_gate,
        inside=ticket.inside,
        blocked=ticket.blocked,
        revision=ticket.revision,
        transfer=row.Transfer,
    )


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
