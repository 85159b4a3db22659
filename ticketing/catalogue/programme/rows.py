"""The rows of the other tables, one function each. A row with a fault is left out; its fault is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from ticketing.catalogue.posters import Motif
from ticketing.catalogue.programme.cells import MAX_NOTE, RowReader
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.references import Index
from ticketing.catalogue.programme.tables import Table
from ticketing.catalogue.programme.values import (
    AgeRating,
    Audience,
    Film,
    Hall,
    Price,
    PriceList,
    ProgrammeSection,
    Screening,
    ScreeningKind,
    ScreeningStatus,
    Seating,
    Venue,
)

# The cinematograph was patented in 1895; films are announced a few years ahead.
_FIRST_FILM_YEAR, _LAST_FILM_YEAR = 1888, 2100
_DAY_OF_MINUTES = 24 * 60
# The largest stadium is smaller; a hall of more places is a slip of the finger.
_MAX_CAPACITY = 100_000
_LANGUAGE = "[a-z]{2,3}"
# File systems allow 255 for a name; the sidecar's is a little longer than the plan's.
_MAX_NAME_BYTES = 200

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Placed(Generic[Value]):
    """A value with the row that it came from, for checks that compare rows."""

    value: Value
    reader: RowReader


def read_sections(table: Table, log: FaultLog) -> list[Placed[ProgrammeSection]]:
    """Return the sections of the programme."""
    return _read(
        table,
        log,
        lambda reader: ProgrammeSection(
            code=reader.code("code"),
            name=reader.words("name"),
            short=reader.words("short"),
            competition=reader.yes_no("competition"),
        ),
    )


def read_venues(table: Table, log: FaultLog) -> list[Placed[Venue]]:
    """Return the venues."""
    return _read(
        table,
        log,
        lambda reader: Venue(
            code=reader.code("code"),
            name=reader.words("name"),
            address=reader.words("address"),
            transfer_minutes=reader.whole("transfer_minutes_from_esentai", 0, _DAY_OF_MINUTES),
        ),
    )


def read_halls(table: Table, log: FaultLog, venues: Index) -> list[Placed[Hall]]:
    """Return the halls; each stands in a known venue, and has a plan if its seats are reserved."""

    def read(reader: RowReader) -> Hall:
        hall = Hall(
            code=reader.code("code"),
            venue=reader.code("venue"),
            name=reader.words("name"),
            seating=reader.choice("seating", Seating),
            capacity=reader.whole("capacity", 1, _MAX_CAPACITY),
            plan=reader.optional_text("plan") or None,
        )
        venues.require(reader, "venue", hall.venue)
        if not reader.failed:
            _check_plan_path(reader, hall)
        return hall

    return _read(table, log, read)


def read_films(table: Table, log: FaultLog) -> list[Placed[Film]]:
    """Return the films."""
    return _read(
        table,
        log,
        lambda reader: Film(
            code=reader.code("code"),
            title_original=(original := reader.text("title_original")),
            title=reader.words_or("title", original),
            year=reader.whole("year", _FIRST_FILM_YEAR, _LAST_FILM_YEAR),
            countries=reader.items("countries", "[A-Z]{2}", "a country such as KZ"),
            directors=reader.text("directors"),
            runtime_minutes=reader.whole("runtime_min", 1, _DAY_OF_MINUTES),
            age_rating=reader.choice("age_rating", AgeRating),
            fictional=reader.yes_no("fictional"),
            motif=reader.optional_choice("motif", Motif),
            note=reader.optional_text("note", limit=MAX_NOTE),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class ScreeningReferences:
    """The codes that a screening may name."""

    halls: Index
    sections: Index
    films: Index
    price_lists: Index


def read_screenings(
    table: Table, log: FaultLog, zone: tzinfo, known: ScreeningReferences
) -> list[Placed[Screening]]:
    """Return the screenings. One without a film needs a title and an age rating of its own."""

    def read(reader: RowReader) -> Screening:
        screening = Screening(
            code=reader.code("code"),
            starts_at=reader.local_time("starts_at", zone),
            hall=reader.code("hall"),
            section=reader.code("section"),
            films=reader.codes("films"),
            title=reader.optional_words("title"),
            kind=reader.choice("kind", ScreeningKind),
            audience=reader.choice("audience", Audience),
            minutes=reader.whole("minutes", 1, _DAY_OF_MINUTES),
            audio=reader.items("audio", _LANGUAGE, "a language such as kk"),
            subtitles=reader.items("subtitles", _LANGUAGE, "a language such as kk"),
            interpreting=reader.items("interpreting", _LANGUAGE, "a language such as kk"),
            price_list=reader.code("price_list"),
            public_places=reader.optional_whole("public_places", 0, _MAX_CAPACITY),
            age_rating=reader.optional_choice("age_rating", AgeRating),
            motif=reader.optional_choice("motif", Motif),
            status=reader.choice("status", ScreeningStatus),
            note=reader.optional_text("note", limit=MAX_NOTE),
        )
        known.halls.require(reader, "hall", screening.hall)
        known.sections.require(reader, "section", screening.section)
        known.price_lists.require(reader, "price_list", screening.price_list)
        for code in screening.films:
            known.films.require(reader, "films", code)
        if not reader.failed and not screening.films:
            reader.words("title")
            reader.choice("age_rating", AgeRating)
        return screening

    return _read(table, log, read)


def read_price_lists(table: Table, log: FaultLog) -> list[PriceList]:
    """Return the price lists in the order in which they first appear; a price given twice is a fault."""
    prices: dict[str, list[Price]] = {}
    rows: dict[tuple[str, str, str], int] = {}
    for record in table.records:
        reader = RowReader(record, log)
        price_list = reader.code("price_list")
        price = Price(
            band=reader.optional_text("band", limit=60),
            concession=reader.code("concession"),
            amount_minor=reader.amount("amount_kzt"),
        )
        first = rows.setdefault((price_list, price.band, price.concession), record.row)
        if first != record.row and not reader.failed:
            reader.fault("concession", FaultCode.DUPLICATE_CODE, value=price.concession, first=first)
        if not reader.failed:
            prices.setdefault(price_list, []).append(price)
    return [PriceList(code=code, prices=tuple(listed)) for code, listed in prices.items()]


def _read(table: Table, log: FaultLog, read: Callable[[RowReader], Value]) -> list[Placed[Value]]:
    placed = []
    for record in table.records:
        reader = RowReader(record, log)
        value = read(reader)
        if not reader.failed:
            placed.append(Placed(value=value, reader=reader))
    return placed


def _check_plan_path(reader: RowReader, hall: Hall) -> None:
    """Require a plan exactly where seats are reserved, by a path that stays inside the folder."""
    if hall.seating is Seating.RESERVED and hall.plan is None:
        reader.fault("plan", FaultCode.PLAN_REQUIRED)
    elif hall.seating is Seating.GENERAL and hall.plan is not None:
        reader.fault("plan", FaultCode.PLAN_UNEXPECTED)
    elif hall.plan is not None:
        path = PurePosixPath(hall.plan)
        stays_inside = not path.is_absolute() and ".." not in path.parts and not set(hall.plan) & {"\\", ":"}
        is_short = all(len(part.encode()) <= _MAX_NAME_BYTES for part in path.parts)
        if not stays_inside or not is_short or str(path) != hall.plan or path.suffix != ".json":
            reader.fault("plan", FaultCode.PLAN_PATH, value=hall.plan)
