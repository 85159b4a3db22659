"""A screening's places as staff see them: the hall with everybody's state, counts, allocations, limits."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from ticketing.boxoffice.places_words import kept_for_mark, kept_for_word, state_word
from ticketing.catalogue.hall_view import HallLine, HallSeat, HallView
from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.plans import SeatKind
from ticketing.catalogue.plans_web import drawing_of, plan_of, style_url
from ticketing.catalogue.queries import all_screenings, screening_by_code, the_festival
from ticketing.inventory.accessible import kept_until
from ticketing.inventory.overview import KeptFor, PlaceState, StateRow, kept_for, place_states, state_counts
from ticketing.inventory.staff_choice import screening_facts
from ticketing.sales.shop import wording

Counts = dict[PlaceState, int]
# Whoever has bought it or is buying it decides, not we.
_NOT_OURS = frozenset({PlaceState.SOLD, PlaceState.RUSH, PlaceState.BASKET})
_ICONS = frozenset({SeatKind.WHEELCHAIR, SeatKind.COMPANION})


@dataclass(frozen=True, kw_only=True)
class StaffHall:
    """A hall with seats: what the map shows, and the plan's style sheet."""

    view: HallView
    style_url: str
    screen_word: str


@dataclass(frozen=True, kw_only=True)
class PlacesView:
    """Everything that the page shows of one screening."""

    screening: Screening
    festival: Festival
    counts: Counts
    allocations: Sequence[KeptFor]
    accessible_places: int
    accessible_until: datetime
    hall: StaffHall | None
    # What places are called, by their labels.
    names: dict[str, str]

    @property
    def kept_by_kind(self) -> dict[str, int]:
        """Return how many places are kept for each kind of group that has any."""
        numbers: Counter[str] = Counter()
        for kept in self.allocations:
            numbers[kept.kind] += kept.places
        return dict(numbers)


@dataclass(frozen=True, kw_only=True)
class ScreeningLine:
    """A screening in the list."""

    screening: Screening
    counts: Counts


def screening_lines(session: Session, now: datetime) -> list[ScreeningLine]:
    """Return every screening with what has become of its places, in the order of time."""
    counts, zone = state_counts(session, now), ZoneInfo(the_festival(session).time_zone)
    return [
        ScreeningLine(screening=screening, counts=counts.get(screening.id, {}))
        for screening in all_screenings(session, zone)
    ]


def places_view(session: Session, code: str, chosen: Collection[str], now: datetime) -> PlacesView:
    """Return a screening's places, with the chosen ones checked where they can be. Raises NotFoundError."""
    screening = screening_by_code(session, code)
    rows = place_states(session, screening.id, screening.layout, now)
    counts: Counts = {}
    for row in rows:
        state = PlaceState(row.state)
        counts[state] = counts.get(state, 0) + 1
    return PlacesView(
        screening=screening,
        festival=the_festival(session),
        counts=counts,
        allocations=kept_for(session, screening.id),
        accessible_places=sum(row.kind in _ICONS for row in rows),
        accessible_until=kept_until(screening_facts(session, code)),
        hall=_hall(session, screening.plan_id, rows, frozenset(chosen)) if screening.plan_id else None,
        names={row.label: wording.place_name(row.section, row.row, row.number, row.band) for row in rows},
    )


def _hall(session: Session, plan_id: int, rows: Sequence[StateRow], chosen: frozenset[str]) -> StaffHall:
    plan = plan_of(session, plan_id)
    drawing = drawing_of(plan)
    text = drawing.screen.text if drawing.screen else ""
    return StaffHall(
        view=HallView(drawing=drawing, lines=list(_lines(rows, chosen))),
        style_url=style_url(plan),
        screen_word=wording.screen_word(text),
    )


def _lines(rows: Iterable[StateRow], chosen: frozenset[str]) -> Iterable[HallLine]:
    for line, group in groupby(rows, key=lambda row: row.line):
        seats = list(group)
        yield HallLine(
            no=line,
            name=wording.line_name(seats[0].section, seats[0].row),
            block=wording.block(seats[0].section),
            row=seats[0].row,
            seats=[_seat(seat, chosen) for seat in seats],
        )


def _seat(row: StateRow, chosen: frozenset[str]) -> HallSeat:
    state = PlaceState(row.state)
    name = ", ".join([wording.seat_name(row.row, row.number), *_said(row, state)])
    end = " disabled" if state in _NOT_OURS else " checked" if row.label in chosen else ""
    # safe: `format` of Markup escapes what it puts in, and no end has anything to escape
    attributes = Markup(' aria-label="{}" title="{}" data-state="{}"{}').format(name, name, state, end)
    classes = ["seat", f"st-{state}"]
    if row.kind != SeatKind.STANDARD:
        classes.append(row.kind)
    if row.kept_for and state is PlaceState.KEPT:
        classes.append(f"for-{row.kept_for}")
    return HallSeat(
        no=row.place_no,
        value=row.label,
        number=_mark(row, state),
        classes=" ".join(classes),
        attributes=attributes,
        icon=row.kind if row.kind in _ICONS and state in (PlaceState.FREE, PlaceState.ASKED) else None,
        pair=row.pair_no,
    )


def _said(row: StateRow, state: PlaceState) -> Iterable[str]:
    """Return what is said of a seat beside its name."""
    special = wording.kind(row.kind)
    if special:
        yield special
    if state is PlaceState.KEPT:
        yield f"{_('kept')}: {kept_for_word(row.kept_for)}"
        if row.kept_reason:
            yield row.kept_reason
    else:
        yield state_word(state).lower()
        if state is PlaceState.KILLED and row.kill_reason:
            yield row.kill_reason


def _mark(row: StateRow, state: PlaceState) -> str:
    if state is PlaceState.KEPT:
        return kept_for_mark(row.kept_for)
    return "×" if state is PlaceState.KILLED else str(row.number)
