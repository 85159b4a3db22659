"""The orders of this browser in few statements, however many there are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.queries import screenings_by_ids
from ticketing.sales.models import Order, OrderLine
from ticketing.sales.shop.cards import poster_code


@dataclass(frozen=True, kw_only=True)
class ListedVisit:
    """A screening of an order, with how many places were taken there."""

    screening: Screening
    poster: str
    places: int


@dataclass(frozen=True, kw_only=True)
class ListedOrder:
    """An order as the list shows it; `state` is its status."""

    id: UUID
    code: str
    state: str
    visits: Sequence[ListedVisit]


def list_orders(session: Session, codes: Collection[str]) -> list[ListedOrder]:
    """Return the orders of these codes, the newest first; codes of no order are left out."""
    orders = session.scalars(
        select(Order).where(Order.code.in_(codes)).order_by(Order.created_at.desc())
    ).all()
    lines = session.execute(
        select(OrderLine.order_id, OrderLine.screening_id, func.count().label("places"))
        .where(OrderLine.order_id.in_([order.id for order in orders]))
        .group_by(OrderLine.order_id, OrderLine.screening_id)
    ).all()
    screenings = screenings_by_ids(session, {line.screening_id for line in lines})
    return [
        ListedOrder(
            id=order.id,
            code=order.code,
            state=order.status,
            visits=sorted(
                (
                    ListedVisit(
                        screening=screenings[line.screening_id],
                        poster=poster_code(screenings[line.screening_id]),
                        places=line.places,
                    )
                    for line in lines
                    if line.order_id == order.id
                ),
                key=lambda visit: visit.screening.starts_at,
            ),
        )
        for order in orders
    ]
