"""The lines of an order to be: a hold's places with their prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Price
from ticketing.foundation.errors import InvalidRequestError
from ticketing.inventory.holds import HeldPlaces
from ticketing.sales.errors import ConcessionNotOfferedError
from ticketing.sales.models import OrderLine
from ticketing.sales.pricing import PriceTable
from ticketing.tickets.issue import TicketToIssue

# Why a ticket costs nothing, where nobody gave it as a present.
FREE = "free"
VOUCHER = "voucher"

_L = OrderLine.__table__.c
_PRICES = (
    select(Price.band, Price.concession, Price.amount_minor)
    .where(Price.price_list_id == bindparam("price_list"))
    .order_by(Price.position)
)
_LINES = (
    select(_L.screening_id, _L.place_id, _L.label, _L.band, _L.concession, _L.price_minor, _L.saved_minor)
    .where(_L.order_id == bindparam("order"))
    .order_by(_L.line_no)
)
_INSERT_LINES = insert(OrderLine.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A place with its price in minor units: what is paid, what a voucher saved, what of that a gift pays."""

    screening_id: int
    place_id: int
    label: str
    band: str
    concession: str
    price_minor: int
    saved_minor: int = 0
    gift_minor: int = 0


def price_table(session: Session, price_list_id: int) -> PriceTable:
    """Return a price list."""
    return PriceTable.of(
        (r.band, r.concession, r.amount_minor)
        for r in session.execute(_PRICES, {"price_list": price_list_id})
    )


def priced_lines(session: Session, hold: HeldPlaces, concessions: Mapping[str, str]) -> list[Line]:
    """Return a hold's places with their prices; an omitted concession is the default one.

    Raises ConcessionNotOfferedError, and InvalidRequestError for places that are not in the hold.
    """
    unknown = concessions.keys() - {place.label for place in hold.places}
    if unknown and hold.places:
        raise InvalidRequestError(
            errors=[
                {"path": f"concessions.{label}", "message": "not in this hold"} for label in sorted(unknown)
            ]
        )
    prices = price_table(session, hold.price_list_id)
    lines = []
    for place in hold.places:
        priced = prices.price(place.band, concessions.get(place.label))
        if priced is None:
            raise ConcessionNotOfferedError(place=place.label, concession=concessions.get(place.label))
        lines.append(
            Line(
                screening_id=hold.screening_id,
                place_id=place.id,
                label=place.label,
                band=place.band,
                concession=priced[0],
                price_minor=priced[1],
            )
        )
    return lines


def insert_lines(session: Session, order_id: UUID, lines: list[Line]) -> None:
    """Write the lines of an order."""
    rows = [_line_row(order_id, number, line) for number, line in enumerate(lines, start=1)]
    session.execute(_INSERT_LINES, rows)


def tickets_of_lines(session: Session, order_id: UUID) -> list[TicketToIssue]:
    """Return what an order's tickets are made from."""
    return [to_issue(Line(**line)) for line in session.execute(_LINES, {"order": order_id}).mappings()]


def to_issue(line: Line) -> TicketToIssue:
    """Return what a line's ticket is made from."""
    return TicketToIssue(
        screening_id=line.screening_id,
        place_id=line.place_id,
        label=line.label,
        band=line.band,
        concession=line.concession,
        price_minor=line.price_minor,
        comp_reason=None if line.price_minor else VOUCHER if line.saved_minor else FREE,
    )


def _line_row(order_id: UUID, number: int, line: Line) -> dict[str, object]:
    return {
        "order_id": order_id,
        "line_no": number,
        "screening_id": line.screening_id,
        "place_id": line.place_id,
        "label": line.label,
        "band": line.band,
        "concession": line.concession,
        "price_minor": line.price_minor,
        "saved_minor": line.saved_minor,
        "gift_minor": line.gift_minor,
    }
