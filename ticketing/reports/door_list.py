"""A screening's door on paper, for when every phone is dead: each place with its ticket, to be ticked off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.queries import screening_by_code
from ticketing.inventory.models import Place
from ticketing.sales.models import Order
from ticketing.tickets.models import Ticket

_LAST = 4


@dataclass(frozen=True, kw_only=True)
class ListedTicket:
    """A valid ticket on paper: no name, only the last four characters of its order."""

    section: str
    row: str
    number: str
    band: str
    order: str
    concession: str
    inside_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class DoorList:
    """The list as it was `at` that moment."""

    at: datetime
    screening: Screening
    tickets: Sequence[ListedTicket]

    @property
    def inside(self) -> int:
        """Return how many were in already."""
        return sum(ticket.inside_since is not None for ticket in self.tickets)


def door_list(session: Session, code: str, now: datetime) -> DoorList:
    """Return the valid tickets of a screening in the order of its places. Raises NotFoundError."""
    screening = screening_by_code(session, code)
    query = (
        select(
            Place.section,
            Place.row,
            Place.number,
            Place.band,
            Order.code,
            Ticket.concession,
            Ticket.inside,
            Ticket.admitted_at,
        )
        .join(Place, Place.id == Ticket.place_id)
        .join(Order, Order.id == Ticket.order_id)
        .where(Ticket.screening_id == screening.id, Ticket.state == "valid")
        .order_by(Place.place_no)
    )
    tickets = [
        ListedTicket(
            section=row.section,
            row=row.row,
            number=row.number,
            band=row.band,
            order=row.code[-_LAST:],
            concession=row.concession,
            inside_since=row.admitted_at if row.inside else None,
        )
        for row in session.execute(query)
    ]
    return DoorList(at=now, screening=screening, tickets=tickets)
