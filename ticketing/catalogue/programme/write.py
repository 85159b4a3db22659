"""A programme written back to the files that it can be read from."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ticketing.catalogue.programme import layout
from ticketing.catalogue.programme.faults import FaultCode, FaultLog, ProgrammeError
from ticketing.catalogue.programme.seat_files import seat_rows
from ticketing.catalogue.programme.tables import is_formula
from ticketing.catalogue.programme.tax import format_tax
from ticketing.catalogue.programme.values import Festival, Film, Hall, Programme, Screening, Words
from ticketing.foundation.money import MINOR_PER_MAJOR

Cells = tuple[str, ...]


def write_programme(programme: Programme, folder: Path) -> None:
    """Write the tables as CSV, the plans as JSON and their sidecars below `folder`, which is made if need be.

    Reading them again gives an equal programme. Files of the same names are replaced, others left alone.
    Raises ProgrammeError before anything is written if a text would be a formula in a spreadsheet.
    """
    tables = {f"{name}.csv": [layout.TABLE_COLUMNS[name], *rows] for name, rows in _tables(programme).items()}
    for path, plan in programme.plans.items():
        tables[layout.sidecar_of(path)] = [layout.SEATS_COLUMNS, *seat_rows(plan)]
    _refuse_formulas(tables)
    for name, rows in tables.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\r\n").writerows(rows)
    for path, plan in programme.plans.items():
        (folder / path).write_text(plan.source + "\n", encoding="utf-8")


def _refuse_formulas(tables: dict[str, list[Cells]]) -> None:
    log = FaultLog()
    for name, (header, *rows) in tables.items():
        for number, cells in enumerate(rows, start=2):
            for column, cell in zip(header, cells, strict=True):
                if is_formula(cell):
                    log.add(name, FaultCode.FORMULA, row=number, column=column)
    if log.faults:
        raise ProgrammeError(log.faults)


def _tables(programme: Programme) -> dict[str, list[Cells]]:
    return {
        layout.FESTIVAL: list(zip(layout.FESTIVAL_KEYS, _festival(programme.festival), strict=True)),
        layout.SECTIONS: [
            (section.code, *_words(section.name), *_words(section.short), _yes_no(is_yes=section.competition))
            for section in programme.sections
        ],
        layout.VENUES: [
            (venue.code, *_words(venue.name), *_words(venue.address), str(venue.transfer_minutes))
            for venue in programme.venues
        ],
        layout.HALLS: [_hall(hall) for hall in programme.halls],
        layout.FILMS: [_film(film) for film in programme.films],
        layout.SCREENINGS: [_screening(screening) for screening in programme.screenings],
        layout.PRICES: [
            (price_list.code, price.band, price.concession, _amount(price.amount_minor))
            for price_list in programme.price_lists
            for price in price_list.prices
        ],
    }


def _festival(festival: Festival) -> Cells:
    return (
        festival.code,
        str(festival.edition),
        *_words(festival.name),
        *_words(festival.short),
        *_words(festival.city),
        festival.first_day.isoformat(),
        festival.last_day.isoformat(),
        festival.time_zone,
        festival.currency,
        _list(festival.languages),
        festival.organiser,
        festival.organiser_bin,
        festival.support_email,
        festival.support_phone,
        format_tax(festival.tax),
        str(festival.hold_minutes),
        str(festival.max_places_per_order),
        str(festival.refund_until_hours),
        str(festival.refund_fee_percent),
        str(festival.doors_open_minutes),
        str(festival.doors_close_minutes),
        str(festival.release_minutes),
        str(festival.accessible_release_hours),
        festival.ticket_code,
        festival.terms_version,
    )


def _hall(hall: Hall) -> Cells:
    return (hall.code, hall.venue, *_words(hall.name), hall.seating, str(hall.capacity), hall.plan or "")


def _film(film: Film) -> Cells:
    return (
        film.code,
        film.title_original,
        *_words(film.title),
        str(film.year),
        _list(film.countries),
        film.directors,
        str(film.runtime_minutes),
        film.age_rating,
        _yes_no(is_yes=film.fictional),
        film.motif or "",
        film.note,
    )


def _screening(screening: Screening) -> Cells:
    return (
        screening.code,
        screening.starts_at.strftime("%Y-%m-%dT%H:%M"),
        screening.hall,
        screening.section,
        _list(screening.films),
        *(("", "", "") if screening.title is None else _words(screening.title)),
        screening.kind,
        screening.audience,
        str(screening.minutes),
        _list(screening.audio),
        _list(screening.subtitles),
        _list(screening.interpreting),
        screening.price_list,
        "" if screening.public_places is None else str(screening.public_places),
        screening.age_rating or "",
        screening.motif or "",
        screening.status,
        screening.note,
    )


def _words(words: Words) -> Cells:
    return words.kk, words.ru, words.en


def _list(parts: Sequence[str]) -> str:
    return ";".join(parts)


def _yes_no(*, is_yes: bool) -> str:
    return "yes" if is_yes else "no"


def _amount(minor: int) -> str:
    """Return whole units without decimals, others with two."""
    whole, rest = divmod(minor, MINOR_PER_MAJOR)
    return f"{whole}.{rest:02}" if rest else str(whole)
