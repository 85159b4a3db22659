"""Moving a programme in time, for the demo festival."""

from dataclasses import replace
from datetime import date, timedelta

from ticketing.catalogue.programme.values import Programme

# The festival then begins in seven to thirteen days: sale is on, and every screening is ahead.
_SOONEST = timedelta(days=7)
_WEEK = timedelta(weeks=1)


def shift_weeks(programme: Programme, today: date) -> Programme:
    """Return the programme moved by whole weeks, so that day one lies 7 to 13 days after `today`.

    Weekdays and the times that clocks show stay as they are. Taxes and terms keep their days.
    """
    missing = today + _SOONEST - programme.festival.first_day
    # Rounded up: floor division of the negated span.
    by = -(-missing // _WEEK) * _WEEK
    festival = programme.festival
    return replace(
        programme,
        festival=replace(festival, first_day=festival.first_day + by, last_day=festival.last_day + by),
        # Adding to an aware time keeps its clock time, which is wanted here.
        screenings=tuple(
            replace(screening, starts_at=screening.starts_at + by) for screening in programme.screenings
        ),
    )
