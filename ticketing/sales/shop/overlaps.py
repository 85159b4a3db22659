"""Screenings that somebody cannot see both of, in words: in a plan, in the basket, at the checkout."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.queries import screenings_by_ids
from ticketing.foundation.i18n import time_text
from ticketing.foundation.pages import in_language
from ticketing.sales.planner_rules import Fit, Meeting, Stay, Way, conflicts
from ticketing.sales.shop.owned import owned_places
from ticketing.sales.shop.site import Site

_HOUR = 60


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two screenings that do not fit, in one sentence that names both; `starts` is the first one's."""

    starts: datetime
    clash: bool
    codes: tuple[str, str]
    text: str


def takes_time(screening: Screening, now: datetime) -> bool:
    """Tell whether a screening is still to be seen: it has not ended and takes place."""
    return screening.ends_at > now and screening.status != ScreeningStatus.CANCELLED


def stay_of(screening: Screening) -> Stay:
    """Return a screening as it takes up its viewer's time."""
    return Stay(
        key=screening.code,
        starts=screening.starts_at,
        ends=screening.ends_at,
        venue=screening.hall.venue.code,
        transfer_minutes=screening.hall.venue.transfer_minutes,
    )


def conflicts_among(screenings: Iterable[Screening], site: Site, now: datetime) -> list[Conflict]:
    """Return what does not fit, in the order of time; what is over or cancelled is in nobody's way."""
    live = {one.code: one for one in screenings if takes_time(one, now)}
    return [_conflict(pair, live, site) for pair in conflicts(map(stay_of, live.values()))]


def conflicts_of_basket(
    session: Session, chosen: Sequence[Screening], site: Site, now: datetime
) -> list[Conflict]:
    """Return what does not fit among a basket's screenings, or with those that this browser has places of."""
    if not chosen:
        return []
    bought = screenings_by_ids(session, owned_places(session).screening_ids)
    own = {one.code for one in chosen}
    found = conflicts_among([*chosen, *bought.values()], site, now)
    return [one for one in found if own.intersection(one.codes)]


def duration(minutes: int) -> str:
    """Return `1 h 20 min`."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return str(_("%(n)d min", n=rest))
    return str(_("%(h)d h %(m)d min", h=hours, m=rest) if rest else _("%(n)d h", n=hours))


def way_words(way: Way) -> str:
    """Return how long a way takes; one that is known only by way of the main venue takes so long at most."""
    if way.at_most:
        return str(_("up to %(n)d min", n=way.minutes))
    return duration(way.minutes)


def gap_words(pair: Meeting) -> str:
    """Return what lies between two screenings, for a line between them."""
    gap, overlap = minutes_of(pair.gap), duration(minutes_of(pair.overlap))
    if pair.fit is Fit.CLASH:
        return str(_("They overlap by %(time)s", time=overlap))
    if not pair.way.minutes:
        same = pair.first.venue == pair.second.venue
        if same and not gap:
            return str(_("No break, the same building"))
        place = _("Break: %(time)s, the same building", time=duration(gap))
        return str(place if same else _("Break: %(time)s", time=duration(gap)))
    way = way_words(pair.way)
    if pair.fit is Fit.TIGHT:
        return str(_("Break: %(time)s, too short: the way takes %(way)s", time=duration(gap), way=way))
    return str(_("Break: %(time)s, the way takes %(way)s", time=duration(gap), way=way))


def minutes_of(span: timedelta) -> int:
    """Return whole minutes."""
    return span // timedelta(minutes=1)


def _conflict(pair: Meeting, live: dict[str, Screening], site: Site) -> Conflict:
    first, second = live[pair.first.key], live[pair.second.key]
    named = {
        "first": in_language(first.title),
        "second": in_language(second.title),
        "begins": time_text(second.starts_at, site.zone),
        "ends": time_text(first.ends_at, site.zone),
    }
    if pair.fit is Fit.CLASH:
        text = _(
            "‘%(first)s’ (until %(ends)s) and ‘%(second)s’ (from %(begins)s) overlap by %(time)s.",
            time=duration(minutes_of(pair.overlap)),
            **named,
        )
    else:
        text = _(
            "Between ‘%(first)s’ (until %(ends)s) and ‘%(second)s’ (from %(begins)s): %(time)s."
            " The way takes %(way)s.",
            time=duration(minutes_of(pair.gap)),
            way=way_words(pair.way),
            **named,
        )
    return Conflict(
        starts=first.starts_at,
        clash=pair.fit is Fit.CLASH,
        codes=(first.code, second.code),
        text=str(text),
    )
