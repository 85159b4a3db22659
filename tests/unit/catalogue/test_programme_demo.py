"""The demo festival: what is read, and that what is written reads the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.catalogue.programme_files import ProgrammeFiles
from ticketing.catalogue.plans import SeatKind
from ticketing.catalogue.posters import Motif
from ticketing.catalogue.programme.faults import FaultCode, ProgrammeError
from ticketing.catalogue.programme.layout import sidecar_of
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.shift import shift_weeks
from ticketing.catalogue.programme.tax import TaxRate
from ticketing.catalogue.programme.values import (
    AgeRating,
    Audience,
    Price,
    Programme,
    ScreeningKind,
    ScreeningStatus,
    Seating,
    TicketCodeKind,
    Words,
)
from ticketing.catalogue.programme.write import write_programme

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture(scope="module")
def programme(demo_folder: Path) -> Programme:
    return parse_programme(demo_folder)


def test_all_tables_are_read(programme: Programme) -> None:
    assert len(programme.sections) == 8
    assert len(programme.venues) == 4
    assert len(programme.halls) == 7
    assert len(programme.films) == 15
    assert len(programme.screenings) == 20
    assert [price_list.code for price_list in programme.price_lists] == [
        "standard",
        "evening",
        "gala",
        "masterclass",
        "free",
    ]
    assert {path: len(plan.seats) for path, plan in programme.plans.items()} == {
        "plans/palace-grand.json": 1200,
        "plans/esentai-1.json": 346,
        "plans/esentai-2.json": 180,
        "plans/esentai-3.json": 96,
        "plans/arman-retro.json": 330,
    }


def test_settings_are_typed(programme: Programme) -> None:
    festival = programme.festival
    assert festival.code == "eurasia-17"
    assert festival.name == Words(
        kk="«Еуразия» халықаралық кинофестивалі",
        ru="Международный кинофестиваль «Евразия»",
        en="Eurasia International Film Festival",
    )
    assert (festival.first_day, festival.last_day) == (date(2024, 11, 24), date(2024, 11, 30))
    assert festival.languages == ("kk", "ru", "en")
    assert festival.tax == (
        TaxRate(name="vat", percent=Decimal(12), since=date(2024, 1, 1)),
        TaxRate(name="vat", percent=Decimal(16), since=date(2026, 1, 1)),
    )
    assert festival.organiser_bin == "000000000000"
    assert festival.hold_minutes == 10
    assert festival.ticket_code is TicketCodeKind.OPAQUE


def test_a_screening_is_typed(programme: Programme) -> None:
    opening = programme.screenings[0]
    assert opening.starts_at == datetime(2024, 11, 24, 18, 30, tzinfo=ALMATY)
    assert opening.ends_at.isoformat() == "2024-11-24T21:30:00+05:00"
    assert opening.kind is ScreeningKind.CEREMONY
    assert opening.audience is Audience.INVITATION
    assert opening.status is ScreeningStatus.ON_SALE
    assert opening.films == ("aldar-kose",)
    assert opening.title is not None
    assert opening.title.en == "Opening ceremony"
    assert (opening.audio, opening.subtitles, opening.interpreting) == (("ru",), ("kk", "en"), ("kk", "en"))
    assert opening.public_places == 200
    assert opening.age_rating is None
    master_class = programme.screenings[6]
    assert master_class.films == ()
    assert master_class.public_places is None
    assert master_class.age_rating is AgeRating.FROM_12
    assert master_class.motif is Motif.HORIZON


def test_halls_prices_and_kinds_are_typed(programme: Programme) -> None:
    halls = {hall.code: hall for hall in programme.halls}
    theatre = halls["zhurgenov-theatre"]
    assert (theatre.seating, theatre.capacity, programme.plan_of(theatre)) == (Seating.GENERAL, 220, None)
    prices = {price_list.code: price_list.prices for price_list in programme.price_lists}
    assert prices["gala"][1] == Price(band="Партер II", concession="adult", amount_minor=450_000)
    assert prices["free"] == (Price(band="", concession="registration", amount_minor=0),)
    retro = programme.plan_of(halls["arman-retro"])
    assert retro is not None
    kinds = [seat.kind for seat in retro.seats]
    assert (kinds.count(SeatKind.SOFA), kinds.count(SeatKind.WHEELCHAIR)) == (36, 4)
    first = retro.seats[0]
    assert (first.guid, first.kind, first.pair_with) == ("З-1-1", SeatKind.WHEELCHAIR, "З-1-2")


def test_what_is_written_reads_the_same(programme: Programme, tmp_path: Path) -> None:
    write_programme(programme, tmp_path / "fresh" / "folder")
    assert parse_programme(tmp_path / "fresh" / "folder") == programme


def test_written_tables_are_the_files_that_were_read(
    programme: Programme, demo_folder: Path, tmp_path: Path
) -> None:
    write_programme(programme, tmp_path)
    tables = sorted(demo_folder.glob("*.csv"))
    assert len(tables) == 7
    for path in tables:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
    for plan in programme.plans:
        sidecar = sidecar_of(plan)
        written = (tmp_path / sidecar).read_text(encoding="utf-8").splitlines()
        assert sorted(written) == sorted((demo_folder / sidecar).read_text(encoding="utf-8").splitlines())


def test_half_units_of_money_are_written(programme: Programme, tmp_path: Path) -> None:
    programme_with_coins = parse_programme(_with_price(programme, tmp_path, "1500.05"))
    assert programme_with_coins.price_lists[0].prices[0].amount_minor == 150_005
    write_programme(programme_with_coins, tmp_path / "again")
    assert parse_programme(tmp_path / "again") == programme_with_coins


def _with_price(programme: Programme, folder: Path, amount: str) -> Path:
    write_programme(programme, folder)
    prices = folder / "prices.csv"
    prices.write_text(
        prices.read_text(encoding="utf-8").replace("adult,1500", f"adult,{amount}", 1), encoding="utf-8"
    )
    return folder


def test_a_formula_is_never_written(programme: Programme, tmp_path: Path) -> None:
    first, *others = programme.films
    dangerous = replace(programme, films=(replace(first, title_original="=HYPERLINK(0)"), *others))
    with pytest.raises(ProgrammeError) as refusal:
        write_programme(dangerous, tmp_path / "out")
    assert [(fault.file, fault.row, fault.column, fault.code) for fault in refusal.value.faults] == [
        ("films.csv", 2, "title_original", FaultCode.FORMULA)
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("typed", [False, True], ids=["texts", "numbers and dates"])
def test_a_workbook_gives_the_same_programme(
    programme: Programme, demo: ProgrammeFiles, tmp_path: Path, *, typed: bool
) -> None:
    from_workbook = parse_programme(demo.to_workbook(typed=typed))
    assert from_workbook == programme
    write_programme(from_workbook, tmp_path / "back")
    assert parse_programme(tmp_path / "back") == programme


@given(today=st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_shifting_keeps_weekdays_and_clock_times(programme: Programme, today: date) -> None:
    shifted = shift_weeks(programme, today)
    ahead = (shifted.festival.first_day - today).days
    assert 7 <= ahead <= 13
    moved = shifted.festival.first_day - programme.festival.first_day
    assert moved % timedelta(weeks=1) == timedelta(0)
    assert shifted.festival.last_day - programme.festival.last_day == moved
    for before, after in zip(programme.screenings, shifted.screenings, strict=True):
        assert after.starts_at.replace(tzinfo=None) - before.starts_at.replace(tzinfo=None) == moved
        assert after.starts_at.tzinfo is before.starts_at.tzinfo


def test_shifting_follows_the_zone_and_not_the_offset(programme: Programme) -> None:
    # Almaty was UTC+6 until 1 March 2024 and is UTC+5 since.
    shifted = shift_weeks(programme, date(2020, 1, 1))
    assert shifted.screenings[0].starts_at.astimezone(UTC).hour == 12
    assert programme.screenings[0].starts_at.astimezone(UTC).hour == 13
