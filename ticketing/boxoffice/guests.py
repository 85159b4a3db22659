"""Finding the ticket of somebody at the door with nothing to show: by the end of a number, without names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.door.columns import HASH_BYTES
from ticketing.door.devices import KnownDevice
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.models import Place
from ticketing.sales.models import Order
from ticketing.tickets.models import Ticket

LAST = 4
MOST = 40


@dataclass(frozen=True, kw_only=True)
class Here:
    """The screening that a device asks about, and the day whose PINs open the search."""

    screening_id: int
    day: date


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A ticket, as an usher may know it. Phones know its code by `key`; `last` ends the order's code."""

    ticket: UUID
    key: str
    last: str
    state: str
    place: str
    section: str
    row: str
    number: str
    band: str
    concession: str


def screening_of(session: Session, device: KnownDevice, code: str) -> Here:
    """Return a screening by its code. Raises NotFoundError, also where the device serves another venue."""
    row = session.execute(
        select(Screening.id, Screening.starts_at, Hall.venue_id, Festival.time_zone)
        .join(Hall, Hall.id == Screening.hall_id)
        .join(Festival, Festival.id == 1)
        .where(Screening.code == code)
    ).one_or_none()
    if row is None or device.venue_id not in {None, row.venue_id}:
        raise NotFoundError
    return Here(screening_id=row.id, day=row.starts_at.astimezone(ZoneInfo(row.time_zone)).date())


def find_guests(session: Session, screening_id: int, last: str) -> Sequence[Guest]:
    """Return tickets whose order's code or buyer's phone ends so; one over MOST tells of more."""
    ending = f"%{last.upper()}"
    rows = session.execute(
        select(Ticket, Place.section, Place.row, Place.number, Order.code)
        .join(Order, Order.id == Ticket.order_id)
        .join(Place, Place.id == Ticket.place_id)
        .where(
            Ticket.screening_id == screening_id,
            or_(Order.code.like(ending), Order.buyer_phone.like(ending)),
        )
        .order_by(Order.code, Ticket.serial)
        .limit(MOST + 1)
    )
    return [
        Guest(
            ticket=ticket.id,
            key=ticket.code_hash[:HASH_BYTES].hex(),
            last=code[-LAST:],
            state=_state(ticket),
            place=ticket.label,
            section=section,
            row=row,
            number=number,
            band=ticket.band,
            concession=ticket.concession,
        )
        for ticket, section, row, number, code in rows
    ]


def _state(ticket: Ticket) -> str:
    if ticket.blocked:
        return "blocked"
    return ticket.void_reason or ("inside" if ticket.inside else ticket.state)
