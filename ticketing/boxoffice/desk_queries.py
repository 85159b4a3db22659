"""Finding orders at the desk: a list of rows, in a fixed number of statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.rules import DeskState, desk_state
from ticketing.boxoffice.search_terms import SearchTerms
from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import Words
from ticketing.foundation.money import Money
from ticketing.sales.models import Order, OrderLine, Refund
from ticketing.tickets.codes import digest
from ticketing.tickets.models import FormerCode, Ticket

MOST_ROWS = 50
LATEST = 15


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """An order in the list; `others` counts the screenings beside the first."""

    code: str
    buyer: str
    title: Words
    starts_at: datetime
    others: int
    places: int
    total: Money
    state: DeskState


@dataclass(frozen=True)
class Found:
    """The newest orders that fit, and how many fit at all."""

    rows: Sequence[OrderRow]
    count: int


def find_orders(session: Session, terms: SearchTerms) -> Found:
    """Return what fits the terms, newest first, at most MOST_ROWS; without terms the latest orders."""
    query = select(Order)
    if terms.ticket_code:
        code = digest(terms.ticket_code)
        of_ticket = select(Ticket.order_id).where(Ticket.code_hash == code)
        # An older copy leads to its order too: that is what its holder brings to the desk.
        of_former = select(Ticket.order_id).join(FormerCode).where(FormerCode.code_hash == code)
        query = query.where(Order.id.in_(of_ticket.union_all(of_former)))
    for spellings in terms.words:
        query = query.where(
            or_(*(Order.search.contains(spelling, autoescape=True) for spelling in sorted(spellings)))
        )
    limit = MOST_ROWS if terms.words or terms.ticket_code else LATEST
    orders = session.scalars(query.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit)).all()
    count = len(orders)
    if count == MOST_ROWS:
        count = session.scalar(select(func.count()).select_from(query.subquery())) or count
    return Found(_rows(session, orders), count)


def has_tickets_refunded(session: Session, order_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the orders of which some ticket was refunded."""
    query = select(Ticket.order_id).where(Ticket.order_id.in_(order_ids), Ticket.void_reason == "refunded")
    return set(session.scalars(query.distinct()))


def has_refunds_pending(session: Session, order_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the orders of which money has not gone back yet, or could not."""
    query = select(Refund.order_id).where(
        Refund.order_id.in_(order_ids), Refund.status != "done", ~Refund.outside
    )
    return set(session.scalars(query.distinct()))


def _rows(session: Session, orders: Sequence[Order]) -> list[OrderRow]:
    ids = [order.id for order in orders]
    places: dict[UUID, Counter[int]] = {order_id: Counter() for order_id in ids}
    for order_id, screening_id in session.execute(
        select(OrderLine.order_id, OrderLine.screening_id).where(OrderLine.order_id.in_(ids))
    ):
        places[order_id][screening_id] += 1
    wanted = {screening_id for counts in places.values() for screening_id in counts}
    screenings = {
        row.id: row
        for row in session.execute(
            select(Screening.id, Screening.title, Screening.starts_at).where(Screening.id.in_(wanted))
        )
    }
    refunded, pending = has_tickets_refunded(session, ids), has_refunds_pending(session, ids)
    rows = []
    for order in orders:
        counts = places[order.id]
        first = min((screenings[one] for one in counts), key=lambda screening: screening.starts_at)
        rows.append(
            OrderRow(
                code=order.code,
                buyer=order.buyer_name,
                title=first.title,
                starts_at=first.starts_at,
                others=len(counts) - 1,
                places=counts.total(),
                total=Money(order.total_minor, order.currency),
                state=desk_state(
                    order.status,
                    total_minor=order.total_minor,
                    refunded=order.id in refunded,
                    refund_pending=order.id in pending,
                ),
            )
        )
    return rows
