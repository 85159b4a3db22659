"""From a path to a checked programme: the one way in."""

from pathlib import Path

from ticketing.catalogue.programme import rows
from ticketing.catalogue.programme.faults import FaultLog, ProgrammeError
from ticketing.catalogue.programme.layout import FESTIVAL, FILMS, HALLS, PRICES, SCREENINGS, SECTIONS, VENUES
from ticketing.catalogue.programme.read import read_source
from ticketing.catalogue.programme.references import index_codes
from ticketing.catalogue.programme.relations import check_capacities, check_days, check_overlaps, check_prices
from ticketing.catalogue.programme.rows_festival import read_festival, zone_of
from ticketing.catalogue.programme.seat_plans import read_plans
from ticketing.catalogue.programme.tables import settings_record
from ticketing.catalogue.programme.values import Programme


def parse_programme(path: Path) -> Programme:
    """Return the programme that a folder of CSV files, or one `.xlsx` workbook, holds.

    Seat plans are files beside the tables in both cases; nothing outside the folder is read.
    Raises ProgrammeError with every fault that was found.
    """
    log = FaultLog()
    source = read_source(path, log)
    tables = source.tables
    settings = settings_record(tables[FESTIVAL], log)
    festival = None if settings is None else read_festival(settings, log)
    sections = rows.read_sections(tables[SECTIONS], log)
    venues = rows.read_venues(tables[VENUES], log)
    halls = rows.read_halls(tables[HALLS], log, index_codes(tables[VENUES], "venue", log))
    films = rows.read_films(tables[FILMS], log)
    price_lists = rows.read_price_lists(tables[PRICES], log)
    index_codes(tables[SCREENINGS], "screening", log)
    screenings = rows.read_screenings(
        tables[SCREENINGS],
        log,
        zone_of(festival),
        rows.ScreeningReferences(
            halls=index_codes(tables[HALLS], "hall", log),
            sections=index_codes(tables[SECTIONS], "section", log),
            films=index_codes(tables[FILMS], "film", log),
            price_lists=index_codes(tables[PRICES], "price list", log, unique=False),
        ),
    )
    plans = read_plans(source.folder, halls, log)
    if festival is not None:
        check_days(screenings, festival)
    check_overlaps(screenings)
    check_capacities(halls, plans, screenings)
    check_prices(screenings, halls, plans, price_lists)
    if festival is None or log.faults:
        raise ProgrammeError(log.faults)
    return Programme(
        festival=festival,
        sections=tuple(placed.value for placed in sections),
        venues=tuple(placed.value for placed in venues),
        halls=tuple(placed.value for placed in halls),
        films=tuple(placed.value for placed in films),
        screenings=tuple(placed.value for placed in screenings),
        price_lists=tuple(price_lists),
        plans=plans,
    )
