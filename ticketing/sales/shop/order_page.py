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
from ticketing.tickets.codes import typeable
from ticketing.tickets.qr import svg_path

_GIVES_TICKETS = (OrderState.PAID, OrderState.PART_REFUNDED, OrderState.REFUNDED)


@dataclass(frozen=True, kw_only=True)
class SentCard:
    """Whom a ticket was sent to; `take_back` is what its address names it by while that can be done."""

    name: str
    email: str
    opened_at: datetime | None
    take_back: UUID | None


@dataclass(frozen=True, kw_only=True)
class TicketCard:
    """A ticket, or a place that will have one; the QR picture and the code only while the ticket is valid."""

    name: str
    instead_of: str | None
    block: str
    row: str
    number: str
    concession: str
    price: Money
    void: str | None
    # What its address names it by where its buyer may return it.
    returnable: UUID | None
    # The same where the ticket may be sent to a friend.
    sendable: UUID | None
    # The same where it may go into a phone's wallet.
    walletable: UUID | None
    sent: SentCard | None
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
    # Places are not the ones chosen, but equal ones: the payment was late.
    place_changed: bool
    # Until when its tickets can be returned, and whether then the whole price comes back; None: not here.
    return_until: datetime | None
    return_whole: bool
    tickets: Sequence[TicketCard]
    cancelled: bool
    notices: Sequence[str]

    @property
    def valid(self) -> int:
        """Return how many of the tickets let somebody in and are the buyer's own."""
        return sum(1 for ticket in self.tickets if ticket.qr_path)

    @property
    def returnable(self) -> bool:
        """Tell whether the buyer may return any of the tickets."""
        return any(ticket.returnable for ticket in self.tickets)

    @property
    def walletable(self) -> bool:
        """Tell whether any of the tickets may go into a phone's wallet."""
        return any(ticket.walletable for ticket in self.tickets)


def visits_of(view: OrderView, state: OrderState, site: Site, now: datetime) -> list[Visit]:
    """Return the order's visits in the order of time: with tickets once there are any, else with places."""
    returnable = {offer.ticket.id for offer in offers(view, site.festival, now) if offer.bar is None}
    cards: list[tuple[Screening, TicketCard]]
    if state in _GIVES_TICKETS:
        cards = [(ticket.screening, _of_ticket(ticket, returnable, now)) for ticket in view.tickets]
    else:
        cards = [(line.screening, _of_line(line)) for line in view.lines]
    groups = groupby(cards, key=lambda card: card[0].id)
    return [_visit([*group], site) for _, group in groups]


def _visit(cards: Sequence[tuple[Screening, TicketCard]], site: Site) -> Visit:
    screening = cards[0][0]
    festival = site.festival
    place_changed = any(card.instead_of for _, card in cards)
    showing = showing_of(screening, festival, place_changed=place_changed)
    starts, ends = local(screening.starts_at, site.zone), local(screening.ends_at, site.zone)
    return Visit(
        screening=screening,
        poster=poster_code(screening),
        starts=starts,
        doors_open=screening.starts_at - timedelta(minutes=festival.doors_open_minutes),
        film_changed=screening.film_changed_at is not None and not _is_off(screening),
        place_changed=place_changed and not _is_off(screening),
        return_until=showing.deadline if showing.self_service else None,
        return_whole=showing.in_full or (not showing.policy.fee_minor and not showing.policy.fee_percent),
        tickets=sorted((card for _, card in cards), key=_rank),
        cancelled=_is_off(screening),
        notices=wording.age_notices(screening.age_rating, late=ends_late(starts, ends)),
    )


def _rank(card: TicketCard) -> int:
    """Put what lets somebody in first: on a phone only the first card is in view."""
    return 2 if card.void else 1 if card.sent else 0


def _of_ticket(ticket: TicketView, returnable: Container[UUID], now: datetime) -> TicketCard:
    is_valid = ticket.state == "valid"
    size, path = svg_path(ticket.code) if ticket.is_held else (0, "")
    is_unused = is_valid and not ticket.blocked and ticket.admitted_at is None
    return TicketCard(
        name=wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band),
        instead_of=ticket.instead_of,
        block=wording.block(ticket.section),
        row=ticket.row,
        number=ticket.number,
        concession=ticket.concession,
        price=ticket.price,
        void=None if is_valid else ticket.void_reason,
        returnable=ticket.id if ticket.id in returnable else None,
        sendable=ticket.id if ticket.is_held and is_unused and now < ticket.screening.starts_at else None,
        walletable=ticket.id if ticket.is_held and not _is_off(ticket.screening) else None,
        sent=_sent(ticket, is_unused=is_unused) if is_valid else None,
        admitted=ticket.admitted_at if ticket.inside else None,
        qr_size=size,
        qr_path=path,
        code=typeable(ticket.code) if ticket.is_held else "",
        card_to_show=wording.card_to_show(ticket.concession) if ticket.is_held else None,
    )


def _sent(ticket: TicketView, *, is_unused: bool) -> SentCard | None:
    transfer = ticket.transfer
    if transfer is None:
        return None
    return SentCard(
        name=transfer.to_name,
        email=transfer.to_email,
        opened_at=transfer.opened_at,
        take_back=ticket.id if is_unused and transfer.opened_at is None else None,
    )


def _is_off(screening: Screening) -> bool:
    return screening.status == ScreeningStatus.CANCELLED


def _of_line(line: LineView) -> TicketCard:
    return TicketCard(
        name=wording.place_name(line.section, line.row, line.number, line.band),
        instead_of=None,
        block=wording.block(line.section),
        row=line.row,
        number=line.number,
        concession=line.concession,
        price=line.price,
        void=None,
        returnable=None,
        sendable=None,
        walletable=None,
        sent=None,
        admitted=None,
        qr_size=0,
        qr_path="",
        code="",
        card_to_show=None,
    )
