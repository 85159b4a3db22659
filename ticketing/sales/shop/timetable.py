"""Where the screenings of a day stand in the timetable: days by halls, in steps of five minutes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

STEP_MINUTES = 5
STEPS_PER_HOUR = 60 // STEP_MINUTES
_DAY_BEGINS = 6


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A screening's time and hall. Times are the hall's own clock."""

    code: str
    hall: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The timetable's columns: from `first` to before `last`; hours after midnight go on counting, 24, 25."""

    first: int
    last: int

    @property
    def shown(self) -> range:
        """Return the hours that head the columns."""
        return range(self.first, self.last)


@dataclass(frozen=True, kw_only=True)
class Position:
    """A card's grid column, width in columns, and row; counted from 1."""

    code: str
    at: int
    length: int
    row: int


def festival_day(starts: datetime) -> date:
    """Return the day that a screening belongs to: one after midnight is still last evening's."""
    return (starts - timedelta(hours=_DAY_BEGINS)).date()


def hours_of(slots: Iterable[Slot]) -> Hours:
    """Return whole hours that hold all screenings of all days, so that the days' columns line up."""
    slots = list(slots)
    if not slots:
        return Hours(first=12, last=13)
    first = min(_minutes(slot.starts, slot) // 60 for slot in slots)
    last = max(-(-_minutes(slot.ends, slot) // 60) for slot in slots)
    return Hours(first=first, last=max(last, first + 1))


def rows_of(slots: Sequence[Slot], halls: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """Return the hall of each row, and each screening's row, counted from 1.

    Halls come in the programme's order. A hall has one row, or more where screenings overlap in it, as one
    that was cancelled and the one that replaces it do.
    """
    rows: list[str] = []
    row_of: dict[str, int] = {}
    for hall in halls:
        ends_in_lane: list[datetime] = []
        base = len(rows)
        for slot in sorted((s for s in slots if s.hall == hall), key=lambda s: s.starts):
            lane = next((n for n, ends in enumerate(ends_in_lane) if ends <= slot.starts), len(ends_in_lane))
            if lane == len(ends_in_lane):
                ends_in_lane.append(slot.ends)
                rows.append(hall)
            ends_in_lane[lane] = slot.ends
            row_of[slot.code] = base + lane + 1
    return rows, row_of


def position(slot: Slot, hours: Hours, row: int) -> Position:
    """Return where a card stands."""
    start = _minutes(slot.starts, slot) - hours.first * 60
    length = (slot.ends - slot.starts) // timedelta(minutes=STEP_MINUTES)
    return Position(code=slot.code, at=start // STEP_MINUTES + 1, length=max(length, 1), row=row)


def _minutes(moment: datetime, slot: Slot) -> int:
    """Return minutes since the midnight that the slot's festival day begins with."""
    midnight = datetime.combine(festival_day(slot.starts), time(), slot.starts.tzinfo)
    return (moment - midnight) // timedelta(minutes=1)
