"""The programme on the page: made once for a language and its filters, then filled for a reader.

A hundred screenings are dear to write, and they read the same for everybody but for the marks of a plan. What
is remembered holds while nothing is committed and no moment passes that changes a screening's state; after a
commit one look tells whether anything that the programme says has changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask import current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, ProgrammeSection, Screening
from ticketing.foundation.db import Database
from ticketing.foundation.i18n import language
from ticketing.foundation.memory import Memory
from ticketing.inventory.places import free_counts, next_hold_end
from ticketing.sales.shop.cards import Card, is_listed, make_cards, sale_of
from ticketing.sales.shop.filters import Filters, choices_of, read_filters
from ticketing.sales.shop.site import Site, load_site, remembered, url_with_query
from ticketing.sales.shop.states import SaleState, sale_state
from ticketing.sales.shop.timetable import (
    STEPS_PER_HOUR,
    Hours,
    Position,
    Slot,
    festival_day,
    hours_of,
    position,
    rows_of,
)

_FRIEZE = 10
_EXTENSION = "kassa.programmes"
# Days begin on a whole quarter of an hour, whatever the zone.
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day's cards in the order of time, and the timetable's rows."""

    date: date
    cards: Sequence[Card]
    halls: Sequence[Hall]
    positions: Sequence[Position]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A day in the tabs; without an address when nothing of it is shown."""

    date: date
    url: str | None
    current: bool


class Slots:
    """Stand in the remembered page for what each reader has of her own; no text of people holds these."""

    token, card, other = "\x01", "\x02", "\x03"


class _Mark(NamedTuple):
    """The buttons of a card: for who has not marked it, and for who has."""

    code: str
    add: str
    remove: str


@dataclass(frozen=True, kw_only=True)
class ProgrammePage:
    """The programme without its reader: `pieces` stand around the marks."""

    style: Markup
    pieces: tuple[str, ...]
    marks: tuple[_Mark, ...]

    def main(self, token: str, marked: Collection[str]) -> Markup:
        """Return the page below the masthead, as its reader sees it."""
        parts = [self.pieces[0].replace(Slots.token, escape(token))]
        for mark, piece in zip(self.marks, self.pieces[1:], strict=True):
            parts += (mark.remove if mark.code in marked else mark.add, piece)
        # safe: our own template's pieces; the token is escaped
        return Markup("".join(parts))  # noqa: S704


class _Seen(NamedTuple):
    stamp: object
    at: datetime
    until: datetime
    page: ProgrammePage


class Programmes:
    """The programmes that a process has shown last: by language and filters, as the address has them."""

    _MOST = 40
    _LONGEST_QUERY = 300

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bytes], _Seen] = {}
        self._pages: Memory[tuple[object, ...], ProgrammePage] = Memory(self._MOST)

    def page(self, database: Database, now: datetime) -> ProgrammePage:
        """Return the programme that this request asks for."""
        asked = (language(), request.query_string)
        seen = self._seen.get(asked)
        # Before the look: what is committed meanwhile may be seen already, and then is looked at once more.
        stamp = database.watch.stamp()
        if seen is not None and seen.stamp == stamp and seen.at <= now < seen.until:
            return seen.page
        with database.reading() as session:
            page, until = self._look(session, asked, now)
        if len(request.query_string) <= self._LONGEST_QUERY:
            if len(self._seen) >= self._MOST:
                self._seen.clear()
            self._seen[asked] = _Seen(stamp, now, until, page)
        return page

    def _look(
        self, session: Session, asked: tuple[str, bytes], now: datetime
    ) -> tuple[ProgrammePage, datetime]:
        site = load_site(session)
        listed = [one for one in remembered().screenings(session, site.zone) if is_listed(one)]
        free = free_counts(session, now)
        sales = [sale_of(one, free.get(one.id, 0)) for one in listed]
        states = [sale_state(sale, now) for sale in sales]
        moments = [moment for sale in sales for moment in (sale.closes_at, sale.ends_at) if moment > now]
        ended = next_hold_end(session, now)
        until = min([_next_quarter(now), *moments, *([ended] if ended else [])])
        today = festival_day(now.astimezone(site.zone))
        said = tuple(
            (s, sale.free if s is SaleState.FEW else 0) for s, sale in zip(states, sales, strict=True)
        )
        key = (remembered().revision(session), asked, today, said)
        return self._pages.get(key, lambda: _make(listed, free, site, now, today)), until


def remember_programmes(state: BlueprintSetupState) -> None:
    """Give the app its memory of programmes."""
    state.app.extensions[_EXTENSION] = Programmes()


def programme_page(database: Database, now: datetime) -> ProgrammePage:
    """Return the programme that this request asks for."""
    programmes: Programmes = current_app.extensions[_EXTENSION]
    return programmes.page(database, now)


def _next_quarter(now: datetime) -> datetime:
    begun = datetime.min.replace(tzinfo=UTC)
    return now + _QUARTER - (now - begun) % _QUARTER


def _make(
    listed: Sequence[Screening], free: dict[int, int], site: Site, now: datetime, today: date
) -> ProgrammePage:
    cards = make_cards(listed, free, site, now)
    filters = read_filters(request.args)
    hours = hours_of(_slot(card) for card in cards)
    days = _days([card for card in cards if filters.fits(card)], hours)
    page = render_template(
        "shop/_programme.html",
        slots=Slots,
        days=days,
        hours=hours,
        tabs=_tabs(cards, days, filters, site, today),
        filters=filters,
        choices=choices_of(cards),
        sections=_sections(cards),
        halls=_halls(cards),
        frieze=_frieze(cards),
        shown=sum(len(day.cards) for day in days),
    )
    pieces = page.split(Slots.card)
    codes = [card.code for day in days for card in day.cards]
    marks = [_Mark(code, *both.split(Slots.other)) for code, both in zip(codes, pieces[1::2], strict=True)]
    return ProgrammePage(style=_style(days, hours), pieces=tuple(pieces[::2]), marks=tuple(marks))


def _style(days: Sequence[Day], hours: Hours) -> Markup:
    """Return where each card stands in the timetable."""
    columns = len(hours.shown)
    rules = [f".grid{{--hours:{columns};--steps:{columns * STEPS_PER_HOUR}}}"]
    rules += [
        f"#s-{one.code}{{--at:{one.at};--len:{one.length};--row:{one.row}}}"
        for day in days
        for one in day.positions
    ]
    # safe: checked codes and numbers
    return Markup("".join(rules))  # noqa: S704


def _days(cards: Sequence[Card], hours: Hours) -> list[Day]:
    by_day: dict[date, list[Card]] = {}
    for card in cards:
        by_day.setdefault(festival_day(card.starts), []).append(card)
    return [_day(day, of_day, hours) for day, of_day in sorted(by_day.items())]


def _day(day: date, cards: Sequence[Card], hours: Hours) -> Day:
    halls = {hall.code: hall for hall in _halls(cards)}
    slots = [_slot(card) for card in cards]
    rows, row_of = rows_of(slots, list(halls))
    return Day(
        date=day,
        cards=cards,
        halls=[halls[code] for code in rows],
        positions=[position(slot, hours, row_of[slot.code]) for slot in slots],
    )


def _slot(card: Card) -> Slot:
    return Slot(code=card.code, hall=card.screening.hall.code, starts=card.starts, ends=card.ends)


def _halls(cards: Sequence[Card]) -> list[Hall]:
    halls = {card.screening.hall.id: card.screening.hall for card in cards}
    return sorted(halls.values(), key=lambda hall: hall.position)


def _sections(cards: Sequence[Card]) -> list[ProgrammeSection]:
    sections = {card.screening.section.id: card.screening.section for card in cards}
    return sorted(sections.values(), key=lambda section: section.position)


def _tabs(cards: Sequence[Card], days: Sequence[Day], filters: Filters, site: Site, today: date) -> list[Tab]:
    festival = site.festival
    length = (festival.last_day - festival.first_day).days + 1
    dates = {festival.first_day + timedelta(days=n) for n in range(length)}
    dates |= {festival_day(card.starts) for card in cards}
    shown = {day.date for day in days}
    current = filters.day or (today if today in dates else min(dates))
    return [Tab(date=day, url=_tab_url(day, shown, filters), current=day == current) for day in sorted(dates)]


def _tab_url(day: date, shown: set[date], filters: Filters) -> str | None:
    if filters.day is not None:
        return url_with_query(url_for("programme.show"), day=day.isoformat())
    return f"#d{day.isoformat()}" if day in shown else None


def _frieze(cards: Sequence[Card]) -> list[str]:
    """Return the posters of the head: different ones, spread over the whole festival."""
    posters = list(dict.fromkeys(card.poster for card in cards))
    step = max(len(posters) / _FRIEZE, 1.0)
    spread = [posters[int(n * step)] for n in range(min(_FRIEZE, len(posters)))]
    return spread[::2] + spread[1::2]
