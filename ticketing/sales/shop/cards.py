"""A screening as the shop's lists and headers show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for

from ticketing.catalogue.models import Screening
from ticketing.catalogue.rules import ends_late
from ticketing.foundation.money import Money
from ticketing.foundation.pages import in_language
from ticketing.sales.pricing import PriceTable
from ticketing.sales.shop.site import Site
from ticketing.sales.shop.states import LISTED_AUDIENCES, Sale, SaleState, sale_state


@dataclass(frozen=True, kw_only=True)
class Card:
    """A screening in the reader's language; times are the hall's. `lowest` is the lowest full price."""

    screening: Screening
    title: str
    url: str
    starts: datetime
    ends: datetime
    state: SaleState
    free: int
    lowest: Money | None
    several_prices: bool
    poster: str

    @property
    def code(self) -> str:
        """Return the screening's code."""
        return self.screening.code

    @property
    def minutes(self) -> int:
        """Return how long it takes."""
        return (self.screening.ends_at - self.screening.starts_at) // timedelta(minutes=1)

    @property
    def is_gratis(self) -> bool:
        """Tell whether it costs nothing."""
        return self.lowest is not None and self.lowest.minor == 0

    @property
    def is_late(self) -> bool:
        """Tell whether it ends after 22:00."""
        return ends_late(self.starts, self.ends)


def is_listed(screening: Screening) -> bool:
    """Tell whether the audience hears of a screening."""
    return screening.audience in LISTED_AUDIENCES


def make_cards(
    screenings: Sequence[Screening], free: Mapping[int, int], site: Site, now: datetime
) -> list[Card]:
    """Return the cards of screenings; `free` counts the places that can be claimed now, absent means none."""
    prices = {s.price_list.id: price_table_of(s) for s in screenings}
    return [_card(s, prices[s.price_list.id], free.get(s.id, 0), site, now) for s in screenings]


def make_card(screening: Screening, free: int, site: Site, now: datetime) -> Card:
    """Return a screening's card."""
    return _card(screening, price_table_of(screening), free, site, now)


def _card(screening: Screening, prices: PriceTable, free: int, site: Site, now: datetime) -> Card:
    lowest = prices.lowest()
    full = {prices.price(band, None) for band, _ in prices.amounts}
    return Card(
        screening=screening,
        title=in_language(screening.title),
        url=_page_of(screening),
        starts=local(screening.starts_at, site.zone),
        ends=local(screening.ends_at, site.zone),
        state=sale_state(sale_of(screening, free), now),
        free=free,
        lowest=None if lowest is None else site.money(lowest),
        several_prices=len(full) > 1,
        poster=poster_code(screening),
    )


def price_table_of(screening: Screening) -> PriceTable:
    """Return a loaded screening's prices as a look-up."""
    return PriceTable.of((p.band, p.concession, p.amount_minor) for p in screening.price_list.prices)


def poster_code(screening: Screening) -> str:
    """Return the code that the screening's poster is drawn from: its first film's, else its own."""
    return screening.films[0].film.code if screening.films else screening.code


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment on the hall's clock."""
    return moment.astimezone(zone)


def sale_of(screening: Screening, free: int) -> Sale:
    """Return what decides how a screening stands towards sale."""
    public = screening.capacity if screening.public_places is None else screening.public_places
    return Sale(
        status=screening.status,
        audience=screening.audience,
        closes_at=screening.sales_close_at or screening.starts_at,
        ends_at=screening.ends_at,
        free=free,
        public=public,
    )


def _page_of(screening: Screening) -> str:
    """Return where a card leads: a film's to the film; a ceremony's to its own page, films or not."""
    films = [entry.film for entry in screening.films]
    if len(films) == 1 and films[0].title == screening.title:
        return url_for("films.show", code=films[0].code, _anchor=f"s-{screening.code}")
    return url_for("screening.show", code=screening.code)
