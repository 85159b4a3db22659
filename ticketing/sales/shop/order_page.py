"""An order as its page shows it: visits with their tickets, money, what to bring."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.rules import ends_late
from ticketing.foundation.money import Money
from ticketing.sales.queries import LineView, OrderView, TicketView
from ticketing.sales.refund_policies import showing_of
from ticketing.sales.returns import offers
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import local, poster_code
from ticketing.sales.shop.order_states import OrderState
from ticketing.sales.shop.site import Site
from ticketing.tickets.codes import in_groups
from ticketing.tickets.qr import svg_path

_GIVES_TICKETS = (OrderState.PAID, OrderState.PART_REFUNDED, OrderState.REFUNDED)


@dataclass(frozen=True, kw_only=True)
class TicketCard:
    """A ticket, or a place that will have one; the QR picture and the code only while the ticket is valid."""

    name: str
    block: str
    row: str
    number: str
    concession: str
    price: Money
    void: str | None
    # What its address names it by where its buyer may return it.
    returnable: UUID | None
    admitted: datetime | None
    qr_size: int
    qr_path: str
    code: str
    card_to_show: str | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A screening of the order with what the buyer has there."""

    screening: Screening
    poster: str
    starts: datetime
    doors_open: datetime
    film_changed: bool
    # Until when its tickets can be returned, and whether then the whole price comes back; None: not here.
    return_until: datetime | None
    return_whole: bool
    tickets: Sequence[TicketCard]
    cancelled: bool
    notices: Sequence[str]

    @property
    def valid(self) -> int:
        """Return how many of the tickets let somebody in."""
        return sum(1 for ticket in self.tickets if ticket.code)


def visits_of(view: OrderView, state: OrderState, site: Site, now: datetime) -> list[Visit]:
    """Return the order's visits in the order of time: with tickets once there are any, else with places."""
    returnable = {offer.ticket.id for offer in offers(view, site.festival, now) if offer.bar is None}
    cards: list[tuple[Screening, TicketCard]]
    if state in _GIVES_TICKETS:
        cards = [(ticket.screening, _of_ticket(ticket, returnable)) for ticket in view.tickets]
    else:
        cards = [(line.screening, _of_line(line)) for line in view.lines]
    groups = groupby(cards, key=lambda card: card[0].id)
    return [_visit([*group], site) for _, group in groups]


def _visit(cards: Sequence[tuple[Screening, TicketCard]], site: Site) -> Visit:
    screening = cards[0][0]
    festival = site.festival
    showing = showing_of(screening, festival)
    starts, ends = local(screening.starts_at, site.zone), local(screening.ends_at, site.zone)
    return Visit(
        screening=screening,
        poster=poster_code(screening),
        starts=starts,
        doors_open=screening.starts_at - timedelta(minutes=festival.doors_open_minutes),
        film_changed=screening.film_changed_at is not None and screening.status != ScreeningStatus.CANCELLED,
        return_until=showing.deadline if showing.policy.self_service else None,
        return_whole=not showing.policy.fee_minor and not showing.policy.fee_percent,
        tickets=[card for _, card in cards],
        cancelled=screening.status == ScreeningStatus.CANCELLED,
        notices=wording.age_notices(screening.age_rating, late=ends_late(starts, ends)),
    )


def _of_ticket(ticket: TicketView, returnable: Container[UUID]) -> TicketCard:
    is_valid = ticket.state == "valid"
    size, path = svg_path(ticket.code) if is_valid else (0, "")
    return TicketCard(
        name=wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band),
        block=wording.block(ticket.section),
        row=ticket.row,
        number=ticket.number,
        concession=ticket.concession,
        price=ticket.price,
        void=None if is_valid else ticket.void_reason,
        returnable=ticket.id if ticket.id in returnable else None,
        admitted=ticket.admitted_at if ticket.inside else None,
        qr_size=size,
        qr_path=path,
        code=in_groups(ticket.code) if is_valid else "",
        card_to_show=wording.card_to_show(ticket.concession) if is_valid else None,
    )


def _of_line(line: LineView) -> TicketCard:
    return TicketCard(
        name=wording.place_name(line.section, line.row, line.number, line.band),
        block=wording.block(line.section),
        row=line.row,
        number=line.number,
        concession=line.concession,
        price=line.price,
        void=None,
        returnable=None,
        admitted=None,
        qr_size=0,
        qr_path="",
        code="",
        card_to_show=None,
    )
