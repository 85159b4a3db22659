"""What this browser has bought: places of its orders, paid or waiting for their payment, and sent tickets."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ticketing.foundation.web import runtime
from ticketing.sales.edge import ORDER
from ticketing.sales.models import Order, OrderLine
from ticketing.sales.rules import OrderStatus
from ticketing.sales.shop.friend_keys import kept_transfers
from ticketing.sales.shop.own_orders import opened_orders
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket

_LIVE_TRANSFERS = select(Transfer.ticket_id).where(Transfer.taken_back_at.is_(None))


@dataclass(frozen=True)
class Owned:
    """Places by screening id: with valid tickets, and in orders that are not paid yet."""

    tickets: Counter[int] = field(default_factory=Counter)
    unpaid: Counter[int] = field(default_factory=Counter)

    @property
    def screening_ids(self) -> set[int]:
        """Return the screenings that there is a place for."""
        return {*self.tickets, *self.unpaid}


def owned_places(session: Session) -> Owned:
    """Return the places of the orders and sent tickets this browser has opened; asks nothing if none."""
    owned = Owned()
    keys, keeper = opened_orders(), runtime().keys
    if keys:
        found = session.execute(select(Order.id, Order.code, Order.status).where(Order.code.in_(keys))).all()
        own = [order for order in found if keeper.matches(ORDER, order.id, keys[order.code])]
        paid = [order.id for order in own if order.status == OrderStatus.PAID]
        unpaid = [order.id for order in own if order.status == OrderStatus.PENDING]
        # A ticket that was sent to somebody is that person's.
        valid = (Ticket.order_id.in_(paid), Ticket.state == "valid", Ticket.id.not_in(_LIVE_TRANSFERS))
        owned.tickets.update(_counted(session, Ticket.screening_id, *valid))
        owned.unpaid.update(_counted(session, OrderLine.screening_id, OrderLine.order_id.in_(unpaid)))
    sent = kept_transfers()
    if sent:
        theirs = (
            Transfer.id.in_(sent), Transfer.taken_back_at.is_(None), Ticket.id == Transfer.ticket_id,
            Ticket.state == "valid",
        )  # fmt: skip
        owned.tickets.update(_counted(session, Ticket.screening_id, *theirs))
    return owned


def _counted(
    session: Session, screening: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> dict[int, int]:
    rows = session.execute(select(screening, func.count()).where(*where).group_by(screening))
    return {row[0]: row[1] for row in rows}
