"""Whether one can see two screenings: the gap between them and the way from one building to the other. Pure.

Times are half-open: a screening that begins when another ends does not overlap with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise


class Fit(StrEnum):
    """How two screenings go together."""

    FINE = "fine"
    # There is a gap, and the way takes longer.
    TIGHT = "tight"
    # They overlap.
    CLASH = "clash"


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A screening as it takes up a viewer's time; `ends` is after `starts`, both aware.

    `transfer_minutes` is the way from the festival's main venue to this one; the main venue's own is 0.
    """

    key: str
    starts: datetime
    ends: datetime
    venue: str
    transfer_minutes: int


@dataclass(frozen=True, kw_only=True)
class Way:
    """The way between two venues. `at_most`: only known by way of the main venue, so it may be shorter."""

    minutes: int
    at_most: bool


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """Two screenings in the order of time. A negative `gap` means that they overlap, for `overlap`."""

    first: Stay
    second: Stay
    gap: timedelta
    overlap: timedelta
    way: Way
    fit: Fit


def way_between(one: Stay, other: Stay) -> Way:
    """Return the way between two screenings' venues, the same in both directions; none inside a venue."""
    if one.venue == other.venue:
        return Way(minutes=0, at_most=False)
    return Way(
        minutes=one.transfer_minutes + other.transfer_minutes,
        at_most=bool(one.transfer_minutes and other.transfer_minutes),
    )


def meeting(one: Stay, other: Stay) -> Meeting:
    """Return how two screenings go together, whichever is named first."""
    first, second = sorted((one, other), key=_order)
    gap = second.starts - first.ends
    way = way_between(first, second)
    overlap = max(min(first.ends, second.ends) - second.starts, timedelta())
    return Meeting(first=first, second=second, gap=gap, overlap=overlap, way=way, fit=_fit(gap, way))


def chain(stays: Iterable[Stay]) -> list[Meeting]:
    """Return how each screening goes together with the next one in the order of time."""
    return [meeting(one, other) for one, other in pairwise(sorted(stays, key=_order))]


def conflicts(stays: Iterable[Stay]) -> list[Meeting]:
    """Return every pair that does not fit, in the order of time; next to each other or not."""
    in_time = sorted(stays, key=_order)
    furthest = timedelta(minutes=2 * max((stay.transfer_minutes for stay in in_time), default=0))
    found = []
    for n, stay in enumerate(in_time):
        for later in in_time[n + 1 :]:
            if later.starts - stay.ends >= furthest:
                break  # whatever begins later is further away still
            pair = meeting(stay, later)
            if pair.fit is not Fit.FINE:
                found.append(pair)
    return found


def _fit(gap: timedelta, way: Way) -> Fit:
    if gap < timedelta():
        return Fit.CLASH
    return Fit.TIGHT if gap < timedelta(minutes=way.minutes) else Fit.FINE


def _order(stay: Stay) -> tuple[datetime, datetime, str]:
    return stay.starts, stay.ends, stay.key
