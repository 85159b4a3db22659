"""The programme: every listed screening by day, with filters; a timetable where there is room for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from ticketing.catalogue.models import Hall, ProgrammeSection
from ticketing.catalogue.queries import all_screenings
from ticketing.foundation.web import allow, runtime
from ticketing.inventory.places import free_counts
from ticketing.sales.shop.cards import Card, is_listed, make_cards
from ticketing.sales.shop.filters import Filters, choices_of, read_filters
from ticketing.sales.shop.site import Site, load_site, url_with_query
from ticketing.sales.shop.timetable import Hours, Position, Slot, festival_day, hours_of, position, rows_of

blueprint = Blueprint("programme", __name__)
_FRIEZE = 10


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


@blueprint.get("/")
@allow("public")
def root() -> ResponseReturnValue:
    """Send the reader to the programme in her language: the chosen one, else the browser's, else Kazakh."""
    response = redirect(url_for("programme.show"), 302)
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<language:language>/")
@allow("public")
def show() -> ResponseReturnValue:
    """Show the programme, or what the filters leave of it."""
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        site = load_site(session)
        listed = [s for s in all_screenings(session, site.zone) if is_listed(s)]
        free = free_counts(session, now)
    cards = make_cards(listed, free, site, now)
    filters = read_filters(request.args)
    hours = hours_of(_slot(card) for card in cards)
    days = _days([card for card in cards if filters.fits(card)], hours)
    page = render_template(
        "shop/programme.html",
        days=days,
        hours=hours,
        tabs=_tabs(cards, days, filters, site, festival_day(now.astimezone(site.zone))),
        filters=filters,
        choices=choices_of(cards),
        sections=_sections(cards),
        halls=_halls(cards),
        frieze=_frieze(cards),
        shown=sum(len(day.cards) for day in days),
    )
    return Response(page)


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
