"""What the page of returns shows: tickets that can be returned, with their sums, and why others cannot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.catalogue.models import Screening
from ticketing.foundation.money import Money
from ticketing.sales.refund_rules import Bar
from ticketing.sales.returns import Offer
from ticketing.sales.shop import wording

_BARS: Mapping[Bar, LazyString] = {
    Bar.VOID: lazy_gettext("Void"),
    Bar.BLOCKED: lazy_gettext("The bank is looking into the payment"),
    Bar.ADMITTED: lazy_gettext("Already used at the door"),
    Bar.TRANSFERRED: lazy_gettext("Sent to somebody"),
    Bar.OFF: lazy_gettext("Not returned here, ask the box office"),
    Bar.LATE: lazy_gettext("The time to return it is over"),
}


@dataclass(frozen=True, kw_only=True)
class ReturnLine:
    """A ticket on the page. `why_not` stands where it cannot be returned."""

    id: UUID
    name: str
    concession: str
    price: Money
    fee: Money
    back: Money
    why_not: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ReturnVisit:
    """A screening with its tickets."""

    screening: Screening
    lines: Sequence[ReturnLine]


@dataclass(frozen=True, kw_only=True)
class ReturnPage:
    """The page: its screenings, and the lines that are chosen."""

    visits: Sequence[ReturnVisit]
    chosen: Sequence[ReturnLine]

    @property
    def can_return(self) -> bool:
        """Tell whether anything can be returned."""
        return any(not line.why_not for visit in self.visits for line in visit.lines)


def chosen_of(texts: Iterable[str]) -> frozenset[UUID]:
    """Return the tickets that an address or a form names; what is no id is left out."""
    return frozenset(filter(None, map(_uuid, texts)))


def return_page(offered: Sequence[Offer], chosen: frozenset[UUID]) -> ReturnPage:
    """Return the page with the chosen tickets ticked; with none chosen, every one that can be returned."""
    lines = [(offer.ticket.screening, _line(offer, chosen)) for offer in offered if offer.bar is not Bar.VOID]
    groups = [[*group] for _, group in groupby(lines, key=lambda line: line[0].id)]
    return ReturnPage(
        visits=[ReturnVisit(screening=group[0][0], lines=[line for _, line in group]) for group in groups],
        chosen=[line for _, line in lines if line.chosen],
    )


def _line(offer: Offer, chosen: frozenset[UUID]) -> ReturnLine:
    ticket, currency = offer.ticket, offer.ticket.price.currency
    name = wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band)
    return ReturnLine(
        id=ticket.id,
        name=name if ticket.row or ticket.band else f"{name} {ticket.place}",
        concession=ticket.concession,
        price=ticket.price,
        fee=Money(offer.fee_minor, currency),
        back=Money(offer.back_minor, currency),
        why_not=str(_BARS[offer.bar]) if offer.bar else "",
        chosen=offer.bar is None and (not chosen or ticket.id in chosen),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
