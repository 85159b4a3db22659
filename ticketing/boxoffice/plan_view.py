"""A plan as staff's pages show it: the map to mark seats on, and the audience's form, which sends nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup

from ticketing.catalogue.hall_view import HallLine, HallSeat, HallView
from ticketing.catalogue.models import SeatPlan as PlanRow
from ticketing.catalogue.plan_drawing import draw
from ticketing.catalogue.plans import PlanSeat, SeatKind, SeatPlan
from ticketing.catalogue.plans_web import style_url
from ticketing.inventory.live import LivePlaces
from ticketing.sales.pricing import PriceTable
from ticketing.sales.shop import wording
from ticketing.sales.shop.hall_page import HallPage, Sale, make_hall_page

_LOOKS = ("line", "solid", "soft", "deep")
_ICONS = frozenset({SeatKind.WHEELCHAIR, SeatKind.COMPANION})


class _Place(NamedTuple):
    """A seat of a plan with the names that places have."""

    place_no: int
    label: str
    section: str
    row: str
    line: int
    number: str
    band: str
    kind: str
    pair_no: int | None


@dataclass(frozen=True, kw_only=True)
class BandLook:
    """A band of the plan: its place in the plan's order, its look on the map, how many seats it has."""

    no: int
    name: str
    key: str
    look: str
    seats: int


@dataclass(frozen=True, kw_only=True)
class EditorHall:
    """The map of the editor, and what its legend says."""

    view: HallView
    style_url: str
    screen_word: str
    bands: Sequence[BandLook]
    kinds: dict[SeatKind, int]


def editor_hall(row: PlanRow, plan: SeatPlan, chosen: Collection[int]) -> EditorHall:
    """Return the plan as a map whose seats are marked by their numbers in the plan's order."""
    drawing = draw(plan)
    bands = _bands(plan)
    by_key = {band.key: band for band in bands}
    numbers = {seat.guid: seat.ordinal for seat in plan.seats}
    kinds: dict[SeatKind, int] = {}
    for seat in plan.seats:
        if seat.kind is not SeatKind.STANDARD:
            kinds[seat.kind] = kinds.get(seat.kind, 0) + 1
    lines = [
        HallLine(
            no=line,
            name=wording.line_name(seats[0].section, seats[0].row),
            block=wording.block(seats[0].section),
            row=seats[0].row,
            seats=[
                _seat(seat, by_key[seat.band], numbers.get(seat.pair_with or ""), chosen) for seat in seats
            ],
        )
        for line, seats in _by_line(plan.seats)
    ]
    return EditorHall(
        view=HallView(drawing=drawing, lines=lines),
        style_url=style_url(row),
        screen_word=wording.screen_word(drawing.screen.text if drawing.screen else ""),
        bands=bands,
        kinds=kinds,
    )


def audience_page(row: PlanRow, plan: SeatPlan, prices: PriceTable, currency: str, most: int) -> HallPage:
    """Return the page of a plan that nobody sells by, every seat free."""
    numbers = {seat.guid: seat.ordinal for seat in plan.seats}
    places = [
        _Place(
            place_no=seat.ordinal,
            label=str(seat.ordinal),
            section=seat.section,
            row=seat.row,
            line=seat.line,
            number=seat.number,
            band=seat.band,
            kind=seat.kind,
            pair_no=None if seat.pair_with is None else numbers[seat.pair_with],
        )
        for seat in plan.seats
    ]
    sale = Sale(style_url(row), "", currency, most, None)
    return make_hall_page(places, draw(plan), prices, sale)


def all_free(plan: SeatPlan) -> LivePlaces:
    """Return the state of a hall in which nobody has taken anything."""
    return LivePlaces(
        screening_id=0, layout=0, status="on_sale", is_open=True, marks=bytes([1]) * len(plan.seats)
    )


def seat_names(seats: Iterable[PlanSeat]) -> list[str]:
    """Return what seats are called."""
    return [wording.place_name(seat.section, seat.row, seat.number, seat.band or " ") for seat in seats]


def band_name(key: str) -> str:
    """Return what a band is called; one without a name is the standard one."""
    return wording.band(key) or str(_("Standard"))


def _by_line(seats: Iterable[PlanSeat]) -> Iterable[tuple[int, list[PlanSeat]]]:
    for line, group in groupby(seats, key=lambda seat: seat.line):
        yield line, list(group)


def _bands(plan: SeatPlan) -> list[BandLook]:
    counts: dict[str, int] = {}
    for seat in plan.seats:
        counts[seat.band] = counts.get(seat.band, 0) + 1
    return [
        BandLook(
            no=no,
            name=band_name(band),
            key=band,
            look=_LOOKS[min(no, len(_LOOKS) - 1)],
            seats=counts.get(band, 0),
        )
        for no, band in enumerate(plan.bands)
    ]


def _seat(seat: PlanSeat, band: BandLook, pair: int | None, chosen: Collection[int]) -> HallSeat:
    special = wording.kind(seat.kind)
    name = ", ".join(filter(None, [wording.seat_name(seat.row, seat.number), band.name, special]))
    # safe: `format` of Markup escapes what it puts in
    attributes = Markup(' aria-label="{}" title="{}" data-band="{}" data-kind="{}"').format(
        name, name, band.no, seat.kind
    )
    if seat.ordinal in chosen:
        # safe: written here
        attributes += Markup(" checked")
    classes = f"seat look-{band.look}"
    return HallSeat(
        no=seat.ordinal,
        value=str(seat.ordinal),
        number=seat.number,
        classes=classes if seat.kind is SeatKind.STANDARD else f"{classes} {seat.kind}",
        attributes=attributes,
        icon=seat.kind if seat.kind in _ICONS else None,
        pair=pair,
    )
