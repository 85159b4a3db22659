"""Places for an order that is paid too late: its own if all are free, else equal ones (DESIGN, section 6).

Nobody asked the buyer about equal ones: who does not want them may return them for the whole price.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.inventory import claims
from ticketing.inventory.equal import Lost, take_equal
from ticketing.inventory.errors import SoldOutError
from ticketing.sales import vouchers
from ticketing.sales.lines import tickets_of_lines
from ticketing.sales.models import Order, OrderLine
from ticketing.sales.place_limits import count_again
from ticketing.tickets.issue import TicketToIssue

_L = OrderLine.__table__.c
_MOVE_LINE = (
    update(OrderLine.__table__)  # type: ignore[arg-type]
    .where(_L.order_id == bindparam("order"), _L.place_id == bindparam("lost"))
    .values(
        place_id=bindparam("place"),
        label=bindparam("name"),
        instead_of=func.coalesce(_L.instead_of, _L.label),
    )
)


def take_back(session: Session, order: Order, now: datetime) -> Sequence[TicketToIssue]:
    """Give an expired, locked order places again for all its lines; return what its tickets are made from.

    Without places for all of them nothing changes, and nothing is returned.
    """
    tickets = tickets_of_lines(session, order.id)
    if _is_over(session, tickets, now):
        return ()
    with session.begin_nested() as attempt:
        if _take(session, order, tickets, now) and vouchers.count_again(session, order.id):
            count_again(session, order)
            return tickets_of_lines(session, order.id)
        attempt.rollback()
    return ()


def _is_over(session: Session, tickets: Sequence[TicketToIssue], now: datetime) -> bool:
    """Tell whether any of the screenings will not take place, or has ended."""
    query = select(Screening.id).where(
        Screening.id.in_({ticket.screening_id for ticket in tickets}),
        or_(Screening.status == ScreeningStatus.CANCELLED, Screening.ends_at <= now),
    )
    return session.execute(query).first() is not None


def _take(session: Session, order: Order, tickets: Sequence[TicketToIssue], now: datetime) -> bool:
    def where(ticket: TicketToIssue) -> tuple[int, str]:
        return ticket.screening_id, ticket.band

    parties = groupby(sorted(tickets, key=where), key=where)
    return all(_take_party(session, order, [*party], now) for _, party in parties)


def _take_party(session: Session, order: Order, party: Sequence[TicketToIssue], now: datetime) -> bool:
    """Give places of one price band back; if one of them is gone, equal ones for the whole party."""
    with session.begin_nested() as attempt:
        if claims.take_back(session, sorted(ticket.place_id for ticket in party), order.id, now):
            return True
        attempt.rollback()
    labels = [ticket.label for ticket in party]
    lost = Lost(order=order.id, screening=party[0].screening_id, band=party[0].band, labels=labels)
    try:
        found = {place.id: place for place in take_equal(session, lost, now)}
    except SoldOutError:
        return False
    # Who keeps his own place keeps his line: no two lines may have one place, even for a moment.
    kept = {ticket.place_id for ticket in party if found.pop(ticket.place_id, None)}
    losers = [ticket for ticket in party if ticket.place_id not in kept]
    for ticket, place in zip(losers, found.values(), strict=True):
        values = {"order": order.id, "lost": ticket.place_id, "place": place.id, "name": place.label}
        session.execute(_MOVE_LINE, values)
    return True
