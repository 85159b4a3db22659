"""A numbered hall on the page: made once for a layout, its prices and a language; then filled with its state.

A page of 1,200 seats is the shop's dearest. What is remembered cannot change under its key.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from ticketing.catalogue.hall_view import HallLine, HallSeat, HallView, Seat
from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.plan_drawing import Drawing
from ticketing.catalogue.plans import SeatKind
from ticketing.catalogue.plans_web import drawing_of, plan_of, style_url
from ticketing.foundation.i18n import language, money_text
from ticketing.foundation.memory import Memory
from ticketing.foundation.money import Money
from ticketing.inventory.live import LivePlaces
from ticketing.inventory.queries import known_places
from ticketing.sales.pricing import PriceTable
from ticketing.sales.shop import wording

# Drawn from outlined to dark as they get dearer; the name always stands beside the colour.
_LOOKS = {1: ("line",), 2: ("line", "solid"), 3: ("line", "soft", "solid")}
_MANY_LOOKS = ("line", "soft", "solid", "deep")
_ICONS = frozenset({SeatKind.WHEELCHAIR, SeatKind.COMPANION})
# From this many seats a small map shows where one is.
_WANTS_MINI_MAP = 500
# Stands in the remembered form where a seat's state goes.
_HERE = "\x00"
TAKEN, FREE, CHOSEN, LONE, MINE = range(5)
# Stands in a page where its hall's form goes.
FORM = Markup("\x07")  # safe: one control character


class Slots:
    """Stand in the remembered form for what each request has of its own; no text of people holds these."""

    token, version, count = "\x01", "\x02", "\x03"

    @staticmethod
    def sold_out(band: int) -> str:
        """Return where it is said that a band is sold out."""
        return f"\x04{band}\x05"

    @staticmethod
    def disabled(band: int) -> str:
        """Return where a band that is sold out is barred."""
        return f"\x06{band}\x05"


@dataclass(frozen=True, kw_only=True)
class Band:
    """A price band of this hall, with the prices of each concession: code, name, amount."""

    name: str
    key: str
    look: str
    price: Money
    options: tuple[tuple[str, str, Money], ...]
    seats: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class HallPage:
    """The form without its state: `pieces` stand around that of each seat, which is one of its `states`.

    Seats are kept as they are sent: half a megabyte of text that is put together and encoded for each reader
    was a fifth of what the page costs.
    """

    style_url: str
    head: str
    tail: str
    pieces: tuple[bytes, ...]
    states: tuple[tuple[bytes, ...], ...]
    bands: tuple[Band, ...]
    sold_out: str
    numbers: dict[str, int]
    names: tuple[str, ...]
    # The seats as they were last asked for: between two purchases every reader gets the same.
    last: Memory[bytes, bytes] = field(default_factory=lambda: Memory(1))

    def filled_in(
        self,
        page: str,
        live: LivePlaces,
        token: str,
        chosen: Collection[str] = (),
        lone: Collection[str] = (),
        mine: Collection[str] = (),
    ) -> bytes:
        """Return a page with the form where FORM stands; what is chosen is checked where it is free.

        `mine` are places that this browser holds already, to be told from those of others.
        """
        before, found, after = page.partition(FORM)
        if not found:
            return page.encode()
        states = self._states(live, chosen, lone, mine)
        seats = self.last.get(states, lambda: self._seats(states))
        head, tail = self._filled(self.head, live, token), self._filled(self.tail, live, token)
        return b"".join(((before + head).encode(), seats, (tail + after).encode()))

    def _states(
        self, live: LivePlaces, chosen: Collection[str], lone: Collection[str], mine: Collection[str]
    ) -> bytes:
        states = bytearray(live.marks)
        for label in mine:
            at = self.numbers.get(label)
            if at is not None and not states[at]:
                states[at] = MINE
        for label, state in [*((label, CHOSEN) for label in chosen), *((label, LONE) for label in lone)]:
            at = self.numbers.get(label)
            if at is not None and states[at] not in {TAKEN, MINE}:
                states[at] = state
        return bytes(states)

    def _seats(self, states: bytes) -> bytes:
        ends = [of_seat[state] for of_seat, state in zip(self.states, states, strict=True)]
        return b"".join(
            [ends[0], *(part for pair in zip(self.pieces, ends[1:], strict=True) for part in pair)]
        )

    def names_of(self, labels: Iterable[str]) -> list[str]:
        """Return what seats are called; labels that are not of this hall are passed by."""
        return [self.names[self.numbers[label]] for label in labels if label in self.numbers]

    def _filled(self, text: str, live: LivePlaces, token: str) -> str:
        text = text.replace(Slots.token, escape(token)).replace(Slots.version, live.version)
        text = text.replace(Slots.count, str(live.count))
        for number, band in enumerate(self.bands):
            left = any(live.marks[seat] for seat in band.seats)
            text = text.replace(Slots.sold_out(number), "" if left else f", {escape(self.sold_out)}")
            text = text.replace(Slots.disabled(number), "" if left else " disabled")
        return text


class HallPages:
    """The halls that a process has shown last, in each language."""

    _HALLS = 60

    def __init__(self) -> None:
        self._drawings: Memory[str, Drawing] = Memory(self._HALLS)
        self._pages: Memory[tuple[object, ...], HallPage] = Memory(self._HALLS)

    def page(
        self, session: Session, screening: Screening, live: LivePlaces, prices: PriceTable, festival: Festival
    ) -> HallPage:
        """Return the hall of a screening in the reader's language."""
        most = (
            screening.max_places_per_order or festival.max_places_per_order,
            screening.max_places_per_buyer,
        )
        sale = (screening.plan_id, tuple(prices.amounts.items()), most)
        key = (live.screening_id, live.layout, language(), *sale)
        return self._pages.get(key, lambda: self._make(session, screening, prices, festival.currency, most))

    def _make(
        self,
        session: Session,
        screening: Screening,
        prices: PriceTable,
        currency: str,
        most: tuple[int, int | None],
    ) -> HallPage:
        rows = known_places(session, screening.id, screening.layout)
        plan = plan_of(session, screening.plan_id or 0)
        address = style_url(plan)
        drawing = self._drawings.get(address, lambda: drawing_of(plan))
        live_url = url_for("screenings_api.free_places", code=screening.code)
        return make_hall_page(rows, drawing, prices, Sale(address, live_url, currency, *most))


@dataclass(frozen=True)
class Sale:
    """Where a hall's style sheet is and where its free places are told; how money looks; the limits.

    Without `live_url` nothing is for sale: the form is shown and cannot be sent.
    """

    style_url: str
    live_url: str
    currency: str
    most: int
    most_of_buyer: int | None


def make_hall_page(rows: Sequence[Seat], drawing: Drawing, prices: PriceTable, sale: Sale) -> HallPage:
    """Return the form of a hall, in the reader's language."""
    bands = _bands(rows, prices, sale.currency)
    index = {band.key: n for n, band in enumerate(bands)}
    html = render_template(
        "shop/_seats.html",
        slots=Slots,
        view=HallView(drawing=drawing, lines=list(_lines(rows, bands, index))),
        sale=sale,
        bands=bands,
        kinds=frozenset(row.kind for row in rows),
        screen_word=wording.screen_word(drawing.screen.text if drawing.screen else ""),
        wants_mini_map=len(rows) > _WANTS_MINI_MAP,
        most=sale.most,
        most_of_buyer=sale.most_of_buyer,
    )
    ends = {(row.band, row.kind): _states(bands[index[row.band]], row.kind) for row in rows}
    head, *pieces, tail = html.split(_HERE)
    return HallPage(
        style_url=sale.style_url,
        head=head,
        tail=tail,
        pieces=tuple(piece.encode() for piece in pieces),
        states=tuple(ends[row.band, row.kind] for row in rows),
        bands=bands,
        sold_out=_("sold out"),
        numbers={row.label: n for n, row in enumerate(rows)},
        names=tuple(wording.place_name(row.section, row.row, row.number, row.band) for row in rows),
    )


def _bands(rows: Iterable[Seat], prices: PriceTable, currency: str) -> tuple[Band, ...]:
    """Return the hall's bands, the cheapest first."""
    seats: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        seats.setdefault(row.band, []).append(n)
    full = {key: (prices.price(key, None) or ("", 0))[1] for key in seats}
    keys = sorted(full, key=lambda key: (full[key], key))
    looks = _LOOKS.get(len(keys), _MANY_LOOKS)
    return tuple(
        Band(
            name=wording.band(key) or _("Standard"),
            key=key,
            look=looks[min(n, len(looks) - 1)],
            price=Money(full[key], currency),
            options=tuple(
                (code, wording.concession(code), Money(minor, currency))
                for code, minor in prices.concessions(key).items()
            ),
            seats=tuple(seats[key]),
        )
        for n, key in enumerate(keys)
    )


def _lines(rows: Sequence[Seat], bands: Sequence[Band], index: dict[str, int]) -> Iterable[HallLine]:
    for line, group in groupby(rows, key=lambda row: row.line):
        seats = list(group)
        first = seats[0]
        spoken = wording.seat_name(first.row, _HERE)
        yield HallLine(
            no=line,
            name=wording.line_name(first.section, first.row),
            block=wording.block(first.section),
            row=first.row,
            seats=[_seat(seat, bands[index[seat.band]], index[seat.band], spoken) for seat in seats],
        )


def _seat(row: Seat, band: Band, number: int, spoken: str) -> HallSeat:
    classes = f"seat look-{band.look} band-{number}"
    name = escape(spoken.replace(_HERE, row.number) if row.number else wording.seat_name(row.row, ""))
    return HallSeat(
        no=row.place_no,
        value=row.label,
        number=row.number,
        # How the name ends, and what comes after it, is the seat's state.
        # safe: `format` of Markup escapes what it puts in
        attributes=Markup(' aria-label="{}').format(name) + _HERE,
        classes=classes if row.kind == SeatKind.STANDARD else f"{classes} {row.kind}",
        icon=row.kind if row.kind in _ICONS else None,
        pair=row.pair_no,
    )


def _states(band: Band, kind: str) -> tuple[bytes, ...]:
    """Return the end of a seat's name and tag: taken, free, chosen, left alone by a choice, one's own."""
    special = wording.kind(kind)
    more = f", {special}" if special else ""
    free = escape(f", {band.name}, {money_text(band.price)}{more}")
    taken = escape(f", {wording.taken()}{more}")
    mine = escape(f", {wording.mine()}{more}")
    ends = (
        f'{taken}" disabled',
        f'{free}"',
        f'{free}" checked',
        f'{free}" data-lone',
        f'{mine}" disabled data-mine',
    )
    return tuple(end.encode() for end in ends)
