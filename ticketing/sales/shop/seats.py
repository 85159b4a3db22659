"""A numbered hall as a form: blocks, rows, seats, price bands. Reads rows of `inventory.places.seats`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from ticketing.catalogue.plans import SeatKind
from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money
from ticketing.inventory.queries import PlaceRow
from ticketing.sales.pricing import PriceTable
from ticketing.sales.shop import wording

# Drawn from outlined to dark as they get dearer; the name always stands beside the colour.
_LOOKS = {1: ("line",), 2: ("line", "solid"), 3: ("line", "soft", "solid")}
_MANY_LOOKS = ("line", "soft", "solid", "deep")
# A row of more seats than this gets the whole width of the page.
_WIDE_ROW = 26
_ICONS = frozenset({SeatKind.WHEELCHAIR, SeatKind.COMPANION})


class SeatBox(NamedTuple):
    """A seat: what it sends, what it shows, what it is called aloud."""

    place: str
    number: str
    name: str
    look: str
    kind: str
    band: int
    free: bool
    chosen: bool
    after_aisle: bool

    @property
    def classes(self) -> str:
        """Return how the seat looks, and which band it is of."""
        classes = f"seat look-{self.look} band-{self.band}"
        if self.kind:
            classes += f" {self.kind}"
        return f"{classes} aisle" if self.after_aisle else classes

    @property
    def state(self) -> str:
        """Return the checkbox's attribute."""
        return (" checked" if self.chosen else "") if self.free else " disabled"

    @property
    def icon(self) -> str | None:
        """Return the picture that stands for the number."""
        return self.kind if self.kind in _ICONS else None


class SeatLine(NamedTuple):
    """A row of seats."""

    id: str
    name: str
    row: str
    free: int
    seats: list[SeatBox]


class SeatBlock(NamedTuple):
    """A block of the hall; without a name if it is the whole hall."""

    id: str
    name: str
    lines: list[SeatLine]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A price band of this hall. `line` is where its first free seat is."""

    name: str
    key: str
    look: str
    price: Money
    free: int
    line: str | None


@dataclass(frozen=True, kw_only=True)
class SeatForm:
    """The whole hall."""

    blocks: list[SeatBlock]
    bands: list[Band]
    kinds: frozenset[str]
    is_wide: bool
    free: int


def seat_form(
    rows: Sequence[PlaceRow], prices: PriceTable, currency: str, chosen: Collection[str]
) -> SeatForm:
    """Return the hall; the places in `chosen` are checked where they are free."""
    bands = _bands(rows, prices, currency)
    blocks = [
        _block(number, section, group, bands, chosen)
        for number, (section, group) in enumerate(groupby(rows, key=lambda row: row.section))
    ]
    first_free: dict[int, str] = {}
    free = [0] * len(bands)
    for line in (line for block in blocks for line in block.lines):
        for seat in line.seats:
            if seat.free:
                first_free.setdefault(seat.band, line.id)
                free[seat.band] += 1
    return SeatForm(
        blocks=blocks,
        bands=[
            Band(name=b.name, key=b.key, look=b.look, price=b.price, free=free[n], line=first_free.get(n))
            for n, b in enumerate(bands)
        ],
        kinds=frozenset(row.kind for row in rows),
        is_wide=any(len(line.seats) > _WIDE_ROW for block in blocks for line in block.lines),
        free=sum(free),
    )


class _BandLook(NamedTuple):
    key: str
    name: str
    look: str
    price: Money


def _bands(rows: Iterable[PlaceRow], prices: PriceTable, currency: str) -> list[_BandLook]:
    """Return the hall's bands, the cheapest first."""
    full = {key: (prices.price(key, None) or ("", 0))[1] for key in dict.fromkeys(row.band for row in rows)}
    keys = sorted(full, key=lambda key: (full[key], key))
    looks = _LOOKS.get(len(keys), _MANY_LOOKS)
    return [
        _BandLook(key, wording.band(key), looks[min(n, len(looks) - 1)], Money(full[key], currency))
        for n, key in enumerate(keys)
    ]


def _block(
    number: int, section: str, rows: Iterable[PlaceRow], bands: Sequence[_BandLook], chosen: Collection[str]
) -> SeatBlock:
    name = wording.block(section)
    lines = [
        _line(f"r{number}-{index}", name, row, list(seats), bands, chosen)
        for index, (row, seats) in enumerate(groupby(rows, key=lambda seat: seat.row), start=1)
    ]
    return SeatBlock(f"b{number}", name, lines)


def _line(
    line_id: str,
    block: str,
    row: str,
    rows: Sequence[PlaceRow],
    bands: Sequence[_BandLook],
    chosen: Collection[str],
) -> SeatLine:
    names = _SeatNames(row, bands)
    index = {look.key: n for n, look in enumerate(bands)}
    seats = []
    before = rows[0].block
    for seat in rows:
        band, free = index[seat.band], bool(seat.free)
        seats.append(
            SeatBox(
                seat.label,
                seat.number,
                names.of(seat.number, band, seat.kind, free=free),
                bands[band].look,
                "" if seat.kind == SeatKind.STANDARD else seat.kind,
                band,
                free,
                free and seat.label in chosen,
                seat.block != before,
            )
        )
        before = seat.block
    row_name = wording.row_name(row)
    return SeatLine(
        line_id,
        f"{block}, {row_name}" if block else row_name,
        row,
        sum(seat.free for seat in seats),
        seats,
    )


class _SeatNames:
    """Names of a row's seats: translated once a row and put together by hand, because there are so many."""

    _HERE = "\x00"

    def __init__(self, row: str, bands: Sequence[_BandLook]) -> None:
        self._seat = wording.seat_name(row, self._HERE)
        self._free = [f"{self._seat}, {band.name}, {money_text(band.price)}" for band in bands]
        self._taken = f"{self._seat}, {wording.taken()}"

    def of(self, number: str, band: int, kind: str, *, free: bool) -> str:
        """Return `Row 12, seat 10, Centre, 2 500 ₸`, or that it is taken."""
        name = (self._free[band] if free else self._taken).replace(self._HERE, number)
        special = wording.kind(kind)
        return f"{name}, {special}" if special else name
