"""The orders of this browser in few statements, however many there are."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.queries import screenings_by_ids
from ticketing.sales.models import Order, OrderLine, Payment
from ticketing.sales.shop.cards import poster_code
from ticketing.sales.shop.order_states import OrderState, order_state
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class ListedVisit:
    """A screening of an order, with how many tickets are valid there, or how many places wait to be paid."""

    screening: Screening
    poster: str
    places: int


@dataclass(frozen=True, kw_only=True)
class ListedOrder:
    """An order as the list shows it, in the same words as its own page."""

    id: UUID
    code: str
    state: OrderState
    visits: Sequence[ListedVisit]


@dataclass(frozen=True, kw_only=True)
class ListedSent:
    """A ticket that somebody has sent to whoever looks."""

    transfer_id: UUID
    screening: Screening
    poster: str


def list_sent(session: Session, transfer_ids: Collection[UUID]) -> list[ListedSent]:
    """Return the valid ones of these sent tickets, the first screening first; not those taken back."""
    rows = session.execute(
        select(Transfer.id, Ticket.screening_id)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .where(Transfer.id.in_(transfer_ids), Transfer.taken_back_at.is_(None), Ticket.state == "valid")
    ).all()
    screenings = screenings_by_ids(session, {row.screening_id for row in rows})
    found = [
        ListedSent(
            transfer_id=row.id,
            screening=screenings[row.screening_id],
            poster=poster_code(screenings[row.screening_id]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.screening.starts_at, one.transfer_id))


def list_orders(session: Session, codes: Collection[str], now: datetime) -> list[ListedOrder]:
    """Return the orders of these codes, the newest first; codes of no order are left out."""
    orders = session.scalars(
        select(Order).where(Order.code.in_(codes)).order_by(Order.created_at.desc())
    ).all()
    ids = [order.id for order in orders]
    lines = session.execute(
        select(OrderLine.order_id, OrderLine.screening_id, func.count().label("places"))
        .where(OrderLine.order_id.in_(ids))
        .group_by(OrderLine.order_id, OrderLine.screening_id)
    ).all()
    tickets = session.execute(
        select(Ticket.order_id, Ticket.screening_id, Ticket.state, Ticket.void_reason).where(
            Ticket.order_id.in_(ids)
        )
    ).all()
    payments = session.execute(
        select(Payment.order_id, Payment.state).where(Payment.order_id.in_(ids)).order_by(Payment.attempt)
    ).all()
    valid = Counter((one.order_id, one.screening_id) for one in tickets if one.state == "valid")
    refunded = {one.order_id for one in tickets if one.void_reason == "refunded"}
    taken = {(line.order_id, line.screening_id): line.places for line in lines}
    screenings = screenings_by_ids(session, {screening for _, screening in (*taken, *valid)})

    def visits(order_id: UUID) -> list[ListedVisit]:
        # What was given back or exchanged for another screening is no visit, unless it is all there was.
        own = {key: number for key, number in valid.items() if key[0] == order_id}
        return [
            ListedVisit(screening=screenings[key[1]], poster=poster_code(screenings[key[1]]), places=number)
            for key, number in (own or {key: n for key, n in taken.items() if key[0] == order_id}).items()
        ]

    return [
        ListedOrder(
            id=order.id,
            code=order.code,
            state=order_state(
                order.status,
                [one.state for one in payments if one.order_id == order.id],
                order.pay_until,
                now,
                refunded=order.id in refunded,
                cancelled=any(
                    screenings[screening].status == ScreeningStatus.CANCELLED
                    for of_order, screening in taken
                    if of_order == order.id
                ),
                back_from_bank=False,
            ),
            visits=sorted(visits(order.id), key=lambda visit: visit.screening.starts_at),
        )
        for order in orders
    ]
