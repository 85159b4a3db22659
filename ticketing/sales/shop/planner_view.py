"""A viewer's plan as its page shows it: days, the breaks between screenings, what is held and bought."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from ticketing.catalogue.queries import screenings_by_codes, screenings_by_ids
from ticketing.inventory.places import free_counts
from ticketing.inventory.queries import held_seats
from ticketing.sales.planner_rules import Fit, chain
from ticketing.sales.shop.cards import Card, is_listed, make_cards
from ticketing.sales.shop.holdings import held_ids
from ticketing.sales.shop.overlaps import Conflict, conflicts_among, gap_words, stay_of, takes_time
from ticketing.sales.shop.owned import Owned, owned_places
from ticketing.sales.shop.site import Site
from ticketing.sales.shop.timetable import festival_day


@dataclass(frozen=True, kw_only=True)
class Break:
    """What lies between a screening and the one before it on the same day."""

    fit: Fit
    text: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A screening of the plan, with the places that this browser has there."""

    card: Card
    marked: bool
    held: int = 0
    tickets: int = 0
    unpaid: int = 0
    before: Break | None = None

    @property
    def has_places(self) -> bool:
        """Tell whether this browser holds or has bought places."""
        return bool(self.held or self.tickets or self.unpaid)

    @property
    def is_to_buy(self) -> bool:
        """Tell whether places can be chosen, and none is held or bought."""
        return self.card.state.is_open and not self.has_places


@dataclass(frozen=True, kw_only=True)
class PlannedDay:
    """A festival day's screenings in the order of time."""

    date: date
    stops: Sequence[Stop]


@dataclass(frozen=True, kw_only=True)
class Planner:
    """The plan. `missing` are codes of no screening that the audience hears of."""

    days: Sequence[PlannedDay]
    conflicts: Sequence[Conflict]
    missing: Sequence[str]

    @property
    def stops(self) -> list[Stop]:
        """Return all screenings."""
        return [stop for day in self.days for stop in day.stops]

    @property
    def codes(self) -> list[str]:
        """Return the codes of all screenings, in the order of time."""
        return [stop.card.code for stop in self.stops]

    @property
    def to_buy(self) -> list[Stop]:
        """Return the screenings that are still to be bought."""
        return [stop for stop in self.stops if stop.is_to_buy]

    def clashing(self) -> set[str]:
        """Return what is better left out when all is bought: what overlaps with something before it.

        Before it comes whatever is held or bought already, then the others in the order of time.
        """
        taken, out = {stop.card.code for stop in self.stops if stop.has_places}, set[str]()
        overlapping = [set(one.codes) for one in self.conflicts if one.clash]
        for stop in self.to_buy:
            code = stop.card.code
            if any(code in pair and pair & taken for pair in overlapping):
                out.add(code)
            else:
                taken.add(code)
        return out


def own_planner(session: Session, codes: Collection[str], site: Site, now: datetime) -> Planner:
    """Return the plan of this browser: what is marked, held and bought."""
    rows = held_seats(session, held_ids(), now)
    held = Counter[int](row.screening_id for row in rows)
    return _planner(session, codes, held, owned_places(session), site, now)


def shared_planner(session: Session, codes: Collection[str], site: Site, now: datetime) -> Planner:
    """Return a plan that somebody has shared: it says nothing of what whoever looks has bought."""
    return _planner(session, codes, Counter(), Owned(), site, now)


def _planner(
    session: Session, codes: Collection[str], held: Counter[int], owned: Owned, site: Site, now: datetime
) -> Planner:
    listed = [one for one in screenings_by_codes(session, codes) if is_listed(one)] if codes else []
    known = {one.id for one in listed}
    others = (owned.screening_ids | set(held)) - known
    more = screenings_by_ids(session, others).values() if others else ()
    screenings = [*listed, *(one for one in more if takes_time(one, now))]
    cards = make_cards(screenings, free_counts(session, now), site, now) if screenings else []
    stops = [
        Stop(
            card=card,
            marked=card.screening.id in known,
            held=held[card.screening.id],
            tickets=owned.tickets[card.screening.id],
            unpaid=owned.unpaid[card.screening.id],
        )
        for card in sorted(cards, key=lambda card: (card.starts, card.ends, card.code))
    ]
    found = {one.code for one in listed}
    return Planner(
        days=[
            PlannedDay(date=day, stops=_with_breaks(list(group), now))
            for day, group in groupby(stops, key=lambda stop: festival_day(stop.card.starts))
        ],
        conflicts=conflicts_among(screenings, site, now),
        missing=[code for code in codes if code not in found],
    )


def _with_breaks(stops: Sequence[Stop], now: datetime) -> list[Stop]:
    pairs = chain(stay_of(stop.card.screening) for stop in stops if takes_time(stop.card.screening, now))
    before = {pair.second.key: Break(fit=pair.fit, text=gap_words(pair)) for pair in pairs}
    return [replace(stop, before=before.get(stop.card.code)) for stop in stops]
