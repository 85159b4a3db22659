"""How people come in: entries by five minutes, the rate of now, and how many will be in by the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.door.facts import KnownScreening
from ticketing.tickets.models import Ticket

SPAN = timedelta(minutes=5)
_MOST_BARS = 24
_BAR, _GAP, _HEIGHT = 8, 2, 20


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Entries since the doors opened, `SPAN` a bar, the last one unfinished."""

    bars: Sequence[int]
    a_minute: float
    expected: int

    @property
    def width(self) -> int:
        """Return the chart's width in its own units."""
        return len(self.bars) * (_BAR + _GAP)

    @property
    def path(self) -> str:
        """Return the bars as one path, the highest as high as the chart."""
        top = max(self.bars, default=0) or 1
        parts = []
        for number, entries in enumerate(self.bars):
            height = round(_HEIGHT * entries / top, 1)
            parts.append(f"M{number * (_BAR + _GAP)} {_HEIGHT}v-{height}h{_BAR}v{height}z")
        return "".join(parts)


def flows(
    session: Session, screenings: Sequence[KnownScreening], sold: Mapping[int, int], now: datetime
) -> dict[int, Flow]:
    """Return the flow of each screening whose doors have opened and that has not started yet."""
    open_now = {one.id: one for one in screenings if one.fact.doors_open <= now < one.starts_at}
    if not open_now:
        return {}
    came: dict[int, list[datetime]] = {one: [] for one in open_now}
    query = select(Ticket.screening_id, Ticket.admitted_at).where(
        Ticket.screening_id.in_(open_now), Ticket.inside.is_(True)
    )
    for row in session.execute(query):
        came[row.screening_id].append(row.admitted_at)
    return {
        one: flow_of(came[one], screening.fact.doors_open, screening.starts_at, sold.get(one, 0), now)
        for one, screening in open_now.items()
    }


def flow_of(
    came: Sequence[datetime], doors_open: datetime, starts_at: datetime, sold: int, now: datetime
) -> Flow:
    """Return the flow of those who are in; the rate goes on to the start, up to the tickets sold."""
    bars = [0] * min((now - doors_open) // SPAN + 1, _MOST_BARS)
    first = now - SPAN * len(bars) if len(bars) == _MOST_BARS else doors_open
    for at in came:
        bars[min(max((at - first) // SPAN, 0), len(bars) - 1)] += 1
    a_minute = sum(at > now - SPAN for at in came) / (SPAN / timedelta(minutes=1))
    to_come = a_minute * max((starts_at - now) / timedelta(minutes=1), 0)
    return Flow(bars=bars, a_minute=a_minute, expected=max(len(came), min(sold, round(len(came) + to_come))))
