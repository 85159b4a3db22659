"""What every letter about tickets has in common: its reader, its links, its tickets as cards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.posters.palette import palette_of
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.i18n import full_date_time, sentences, time_text
from ticketing.foundation.letters import Block, Letter, card
from ticketing.foundation.postbox import Envelope, put
from ticketing.foundation.web import Runtime
from ticketing.sales.models import Order
from ticketing.sales.place_words import seat_words
from ticketing.sales.queries import TicketView

CALENDAR = "calendar"
TICKETS_PDF = "tickets_pdf"
# With the transfer behind a colon: a friend hears of one ticket, not of the order.
SENT_CALENDAR = "sent_calendar"
Written: TypeAlias = tuple[Letter, Envelope]


@dataclass(frozen=True, kw_only=True)
class LetterWriter:
    """Writes letters to one reader in one language; `about` is the code of the order they are about."""

    session: Session
    here: Runtime
    language: str
    name: str
    recipient: str
    about: str

    @cached_property
    def say(self) -> Callable[..., str]:
        """Return gettext in the reader's language."""
        return sentences(self.language)

    @cached_property
    def festival(self) -> Festival:
        """Return the festival."""
        return the_festival(self.session)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone that times are said in."""
        return ZoneInfo(self.festival.time_zone)

    def words(self, words: Words) -> str:
        """Return a name in the reader's language."""
        return str(getattr(words, self.language))

    def programme(self) -> Block:
        """Return a button to what else is shown."""
        url = f"{self.here.settings.base_url}/{self.language}/"
        return Block(text=self.say("See the programme"), url=url)

    def when(self, screening: Screening) -> str:
        """Return day and time of a screening."""
        return full_date_time(screening.starts_at, self.zone, self.language)

    def cards(self, tickets: Sequence[TicketView]) -> list[Block]:
        """Return a card for each screening with its places: enough to be there without a network."""
        by_screening: dict[int, list[TicketView]] = {}
        for ticket in tickets:
            by_screening.setdefault(ticket.screening.id, []).append(ticket)
        return [
            self.card(group[0].screening, [self._place(ticket) for ticket in group])
            for group in by_screening.values()
        ]

    def card(self, screening: Screening, more: Sequence[str] = ()) -> Block:
        """Return a screening as a card: when, when the doors open, where, and what else is to be said."""
        hall, venue = screening.hall, screening.hall.venue
        doors = screening.starts_at - timedelta(minutes=self.festival.doors_open_minutes)
        lines = [
            self.when(screening),
            self.say("Doors open at %(time)s", time=time_text(doors, self.zone)),
            ", ".join(map(self.words, (hall.name, venue.name, venue.address))),
            *more,
        ]
        return card(self.words(screening.title), lines, palette_of(screening.section.code).fill)

    def put(
        self,
        kind: str,
        cause: str,
        subject: str,
        blocks: Sequence[Block],
        *,
        attach: tuple[str, ...] = (),
        stop_url: str = "",
    ) -> bool:
        """Put a letter into the postbox; False if its cause has had one, or there is nobody to write to."""
        written = self.written(kind, cause, subject, blocks, attach=attach, stop_url=stop_url)
        return put(self.session, *written, self.here.vault, self.here.clock.now())

    def written(
        self,
        kind: str,
        cause: str,
        subject: str,
        blocks: Sequence[Block],
        *,
        attach: tuple[str, ...] = (),
        stop_url: str = "",
    ) -> Written:
        """Return a letter in its envelope; the database is only read."""
        festival = self.festival
        letter = Letter(
            language=self.language,
            sender=festival.support_email,
            house=self.words(festival.name),
            subject=subject,
            greeting=self.say("Hello %(name)s,", name=self.name),
            blocks=tuple(blocks),
            footer=(
                *self.signed(),
                self.say("Questions: %(email)s", email=festival.support_email),
                *((self.say("No more reminders: %(link)s", link=stop_url),) if stop_url else ()),
            ),
            stop_url=stop_url,
        )
        envelope = Envelope(cause=cause, kind=kind, about=self.about, recipient=self.recipient, attach=attach)
        return letter, envelope

    def signed(self) -> tuple[str, ...]:
        """Return what stands first below a letter."""
        return ()

    def _place(self, ticket: TicketView) -> str:
        is_seat = ticket.row or ticket.section or ticket.band
        return seat_words(self.say, ticket.row, ticket.number) if is_seat else ticket.place


@dataclass(frozen=True, kw_only=True)
class OrderPost(LetterWriter):
    """Writes letters to the buyer of an order, in the language it was made in."""

    order: Order

    def link(self) -> str:
        """Return the secret address of the order's page."""
        key = self.here.keys.key("order", self.order.id)
        return f"{self.here.settings.base_url}/{self.language}/orders/{self.order.code}?key={key}"

    def to_tickets(self) -> Block:
        """Return the button to the order's page."""
        return Block(text=self.say("Open my tickets"), url=self.link())

    def signed(self) -> tuple[str, ...]:
        """Return the order's code."""
        return (self.say("Order %(order)s", order=self.order.code),)


def order_post(session: Session, order: Order, here: Runtime) -> OrderPost:
    """Return what writes to the buyer of an order."""
    return OrderPost(
        session=session,
        here=here,
        language=order.locale,
        name=order.buyer_name,
        recipient=order.buyer_email,
        about=order.code,
        order=order,
    )
