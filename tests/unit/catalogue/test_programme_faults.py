"""Each way in which a table can be wrong is one fault, with its file, row and column."""

from typing import NamedTuple

import pytest

from tests.unit.catalogue.programme_files import ProgrammeFiles
from ticketing.catalogue.plan_json import PlanFaultCode
from ticketing.catalogue.programme.faults import MESSAGES, Fault, FaultCode, describe
from ticketing.catalogue.programme.parse import parse_programme


class Slip(NamedTuple):
    """One wrong cell: file, key of the row, column, value, its fault, and the column blamed if another."""

    file: str
    key: str
    column: str
    value: str
    code: FaultCode
    blamed: str = ""


CELLS = [
    # Codes and references.
    Slip("screenings.csv", "s03", "hall", "esentai-9", FaultCode.UNKNOWN_REFERENCE),
    Slip("screenings.csv", "s03", "section", "nowhere", FaultCode.UNKNOWN_REFERENCE),
    Slip("screenings.csv", "s03", "films", "nothing", FaultCode.UNKNOWN_REFERENCE),
    Slip("screenings.csv", "s03", "price_list", "dear", FaultCode.UNKNOWN_REFERENCE),
    Slip("halls.csv", "esentai-3", "venue", "nowhere", FaultCode.UNKNOWN_REFERENCE),
    Slip("screenings.csv", "s03", "code", "s02", FaultCode.DUPLICATE_CODE),
    Slip("films.csv", "manshuk", "code", "kozha", FaultCode.DUPLICATE_CODE),
    Slip("venues.csv", "palace", "code", "Palace", FaultCode.BAD_CODE),
    Slip("venues.csv", "palace", "code", "-palace", FaultCode.FORMULA),
    Slip("venues.csv", "palace", "code", "p" * 41, FaultCode.BAD_CODE),
    Slip("films.csv", "manshuk", "code", "мәншүк", FaultCode.BAD_CODE),
    Slip("screenings.csv", "s03", "films", "salt-wind;kozha;salt-wind", FaultCode.DUPLICATE_LIST_ITEM),
    # Missing values.
    Slip("venues.csv", "palace", "name_ru", "", FaultCode.MISSING_VALUE),
    Slip("screenings.csv", "s03", "starts_at", "", FaultCode.MISSING_VALUE),
    Slip("screenings.csv", "s03", "title_en", "Only in English", FaultCode.MISSING_VALUE, "title_ru"),
    Slip("screenings.csv", "s19", "age_rating", "", FaultCode.MISSING_VALUE),
    Slip("screenings.csv", "s07", "title_kk", "", FaultCode.MISSING_VALUE),
    Slip("festival.csv", "code", "value", "", FaultCode.MISSING_VALUE),
    Slip("prices.csv", "masterclass", "amount_kzt", "", FaultCode.MISSING_VALUE),
    # Choices.
    Slip("halls.csv", "esentai-3", "seating", "numbered", FaultCode.UNKNOWN_CHOICE),
    Slip("screenings.csv", "s03", "kind", "party", FaultCode.UNKNOWN_CHOICE),
    Slip("screenings.csv", "s03", "audience", "everybody", FaultCode.UNKNOWN_CHOICE),
    Slip("screenings.csv", "s03", "status", "sold_out", FaultCode.UNKNOWN_CHOICE),
    Slip("screenings.csv", "s03", "age_rating", "13+", FaultCode.UNKNOWN_CHOICE),
    Slip("screenings.csv", "s03", "motif", "camel", FaultCode.UNKNOWN_CHOICE),
    Slip("sections.csv", "turkic", "competition", "maybe", FaultCode.UNKNOWN_CHOICE),
    Slip("festival.csv", "currency", "value", "XXX", FaultCode.UNKNOWN_CHOICE),
    Slip("festival.csv", "ticket_code", "value", "secret", FaultCode.UNKNOWN_CHOICE),
    # Dates and times.
    Slip("screenings.csv", "s03", "starts_at", "2024-02-30T10:00", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "2024-11-25T25:00", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "2024-11-25", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "25.11.2024 13:00", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "2024-11-25T13:00+05:00", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "9999-12-31T23:59", FaultCode.BAD_TIME),
    Slip("screenings.csv", "s03", "starts_at", "2024-11-23T23:59", FaultCode.OUTSIDE_FESTIVAL),
    Slip("screenings.csv", "s03", "starts_at", "2024-12-01T00:00", FaultCode.OUTSIDE_FESTIVAL),
    Slip("festival.csv", "first_day", "value", "2024-11-31", FaultCode.BAD_DATE),
    Slip("festival.csv", "first_day", "value", "24 November", FaultCode.BAD_DATE),
    Slip("festival.csv", "last_day", "value", "2024-11-23", FaultCode.LAST_DAY_BEFORE_FIRST),
    # Numbers and money.
    Slip("screenings.csv", "s03", "minutes", "0", FaultCode.OUT_OF_RANGE),
    Slip("screenings.csv", "s03", "minutes", "-5", FaultCode.OUT_OF_RANGE),
    Slip("screenings.csv", "s03", "minutes", "two hours", FaultCode.BAD_NUMBER),
    Slip("screenings.csv", "s03", "minutes", "115.5", FaultCode.BAD_NUMBER),
    Slip("screenings.csv", "s03", "minutes", "1" * 400, FaultCode.TOO_LONG),
    Slip("screenings.csv", "s03", "minutes", "1" * 40, FaultCode.BAD_NUMBER),
    Slip("screenings.csv", "s03", "minutes", "١٠٠", FaultCode.BAD_NUMBER),
    Slip("screenings.csv", "s03", "public_places", "1181", FaultCode.TOO_MANY_PUBLIC_PLACES),
    Slip("screenings.csv", "s03", "public_places", "-1", FaultCode.OUT_OF_RANGE),
    Slip("halls.csv", "esentai-3", "capacity", "97", FaultCode.CAPACITY_DIFFERS),
    Slip("halls.csv", "esentai-3", "capacity", "0", FaultCode.OUT_OF_RANGE),
    Slip("films.csv", "kozha", "year", "1763", FaultCode.OUT_OF_RANGE),
    Slip("prices.csv", "masterclass", "amount_kzt", "-2000", FaultCode.BAD_AMOUNT),
    Slip("prices.csv", "masterclass", "amount_kzt", "20000000", FaultCode.BAD_AMOUNT),
    Slip("prices.csv", "masterclass", "amount_kzt", "2000.005", FaultCode.BAD_AMOUNT),
    Slip("prices.csv", "masterclass", "amount_kzt", "2 000", FaultCode.BAD_AMOUNT),
    Slip("prices.csv", "masterclass", "amount_kzt", "1e3", FaultCode.BAD_AMOUNT),
    # Lists and formats.
    Slip("films.csv", "kozha", "countries", "Kazakhstan", FaultCode.BAD_LIST_ITEM),
    Slip("screenings.csv", "s03", "audio", "Uzbek", FaultCode.BAD_LIST_ITEM),
    Slip("screenings.csv", "s03", "subtitles", "ru;;kk", FaultCode.BAD_LIST_ITEM),
    Slip("screenings.csv", "s03", "interpreting", "en;en", FaultCode.DUPLICATE_LIST_ITEM),
    Slip("festival.csv", "languages", "value", "kk;de", FaultCode.BAD_LIST_ITEM),
    Slip("festival.csv", "languages", "value", "", FaultCode.MISSING_VALUE),
    Slip("festival.csv", "organiser_bin", "value", "12345", FaultCode.BAD_FORMAT),
    Slip("festival.csv", "support_email", "value", "tickets", FaultCode.BAD_FORMAT),
    Slip("festival.csv", "support_phone", "value", "8 727 000", FaultCode.BAD_FORMAT),
    Slip("festival.csv", "time_zone", "value", "Asia/Atlantis", FaultCode.UNKNOWN_TIME_ZONE),
    Slip("festival.csv", "time_zone", "value", "Asia", FaultCode.UNKNOWN_TIME_ZONE),
    Slip("festival.csv", "time_zone", "value", "../../etc/passwd", FaultCode.UNKNOWN_TIME_ZONE),
    Slip("festival.csv", "tax", "value", "vat:12", FaultCode.BAD_TAX),
    Slip("festival.csv", "tax", "value", "vat:12:2024-13-01", FaultCode.BAD_TAX),
    Slip("festival.csv", "tax", "value", "vat:16:2026-01-01;vat:12:2024-01-01", FaultCode.BAD_TAX),
    # Cells that no table should hold.
    Slip("films.csv", "kozha", "note", "=1+1", FaultCode.FORMULA),
    Slip("films.csv", "kozha", "note", "  =1+1", FaultCode.FORMULA),
    Slip("films.csv", "kozha", "note", "+SUM(A1)", FaultCode.FORMULA),
    Slip("films.csv", "kozha", "note", "-A1", FaultCode.FORMULA),
    Slip("films.csv", "kozha", "note", "@SUM(A1)", FaultCode.FORMULA),
    Slip("films.csv", "kozha", "note", "a\0b", FaultCode.CONTROL_CHARACTER),
    Slip("films.csv", "kozha", "note", "a\nb", FaultCode.CONTROL_CHARACTER),
    Slip("films.csv", "kozha", "note", "a\x1b[31mb", FaultCode.CONTROL_CHARACTER),
    Slip("films.csv", "kozha", "note", "x" * 501, FaultCode.TOO_LONG),
    Slip("films.csv", "kozha", "title_ru", "x" * 201, FaultCode.TOO_LONG),
    # Plans.
    Slip("halls.csv", "esentai-3", "plan", "", FaultCode.PLAN_REQUIRED),
    Slip("halls.csv", "zhurgenov-theatre", "plan", "plans/esentai-3.json", FaultCode.PLAN_UNEXPECTED),
    Slip("halls.csv", "esentai-3", "plan", "plans/none.json", FaultCode.MISSING_PLAN),
    Slip("halls.csv", "esentai-3", "plan", "../demo/plans/esentai-3.json", FaultCode.PLAN_PATH),
    Slip("halls.csv", "esentai-3", "plan", "/etc/plan.json", FaultCode.PLAN_PATH),
    Slip("halls.csv", "esentai-3", "plan", "plans\\esentai-3.json", FaultCode.PLAN_PATH),
    Slip("halls.csv", "esentai-3", "plan", "halls.csv", FaultCode.PLAN_PATH),
    Slip("halls.csv", "esentai-3", "plan", "я" * 150 + ".json", FaultCode.PLAN_PATH),
    # Kinds of seats.
    Slip("plans/esentai-3.seats.csv", "З-1-1", "seat_guid", "З-99-1", FaultCode.UNKNOWN_SEAT),
    Slip("plans/esentai-3.seats.csv", "З-1-1", "kind", "bed", FaultCode.UNKNOWN_CHOICE),
    Slip(
        "plans/esentai-3.seats.csv",
        "З-1-1",
        "kind",
        "restricted_view",
        FaultCode.PAIR_UNEXPECTED,
        "pair_with",
    ),
    Slip("plans/esentai-3.seats.csv", "З-1-1", "kind", "sofa", FaultCode.PAIR_KINDS, "pair_with"),
    Slip("plans/esentai-3.seats.csv", "З-1-1", "pair_with", "З-2-2", FaultCode.PAIR_NOT_MUTUAL),
    Slip("plans/esentai-3.seats.csv", "З-1-1", "pair_with", "З-1-1", FaultCode.PAIR_NOT_MUTUAL),
    Slip("plans/esentai-3.seats.csv", "З-1-2", "pair_with", "", FaultCode.PAIR_REQUIRED),
]


def test_the_small_festival_has_no_faults(small: ProgrammeFiles) -> None:
    assert small.faults() == ()


@pytest.mark.parametrize("slip", CELLS, ids=lambda slip: f"{slip.column}={slip.value[:24]!a}")
def test_a_wrong_cell_is_named(small: ProgrammeFiles, slip: Slip) -> None:
    row = small.set(slip.file, slip.key, slip.column, slip.value)
    faults = small.faults()
    assert (slip.file, row, slip.blamed or slip.column, slip.code) in {
        (fault.file, fault.row, fault.column, fault.code) for fault in faults
    }
    for fault in faults:
        assert fault.row is not None
        assert describe(fault).startswith(f"{fault.file}, row {fault.row}, column {fault.column}: ")


@pytest.mark.parametrize(
    ("file", "key", "column", "value"),
    [
        ("films.csv", "kozha", "note", "-1,5"),
        ("films.csv", "kozha", "note", "+7 (727) 000-00-00"),
        ("festival.csv", "tax", "value", ""),
        ("festival.csv", "tax", "value", "vat:12.5:2024-01-01"),
        ("screenings.csv", "s03", "starts_at", "2024-11-24 13:00"),
        ("screenings.csv", "s03", "public_places", "9"),
        ("screenings.csv", "s03", "status", "cancelled"),
        ("films.csv", "kozha", "age_rating", "6−"),
        ("prices.csv", "masterclass", "amount_kzt", "0"),
        ("plans/esentai-3.seats.csv", "З-1-1", "kind", "wheelchair"),
    ],
)
def test_an_unusual_cell_is_taken(
    small: ProgrammeFiles, file: str, key: str, column: str, value: str
) -> None:
    small.set(file, key, column, value)
    assert small.faults() == ()


def test_a_film_without_a_title_in_a_language_has_its_original_one(small: ProgrammeFiles) -> None:
    small.set("films.csv", "kozha", "title_kk", "")
    small.set("films.csv", "kozha", "title_en", "")
    small.set("films.csv", "kozha", "title_original", "Менің атым Қожа")
    film = next(one for one in parse_programme(small.folder).films if one.code == "kozha")
    assert (film.title.kk, film.title.en) == ("Менің атым Қожа", "Менің атым Қожа")
    assert film.title.ru != film.title.kk


def test_all_faults_are_found_at_once(small: ProgrammeFiles) -> None:
    small.set("films.csv", "kozha", "year", "soon")
    small.set("halls.csv", "esentai-3", "capacity", "95")
    small.set("screenings.csv", "s03", "hall", "esentai-9")
    small.set("screenings.csv", "s03", "minutes", "-1")
    assert [(fault.file, fault.column) for fault in small.faults()] == [
        ("films.csv", "year"),
        ("halls.csv", "capacity"),
        ("screenings.csv", "minutes"),
        ("screenings.csv", "hall"),
    ]


def test_a_wrong_row_is_not_blamed_on_those_that_name_it(small: ProgrammeFiles) -> None:
    small.set("films.csv", "salt-wind", "year", "soon")
    assert [fault.code for fault in small.faults()] == [FaultCode.BAD_NUMBER]


class TestOverlaps:
    def test_screenings_in_one_hall_must_not_overlap(self, small: ProgrammeFiles) -> None:
        other = small.row_of("screenings.csv", "s02")
        # s02 begins at 10:00 and takes 115 minutes.
        row = small.set("screenings.csv", "s03", "starts_at", "2024-11-25T11:54")
        (fault,) = small.faults()
        assert (fault.row, fault.column, fault.code) == (row, "starts_at", FaultCode.OVERLAP)
        assert describe(fault) == (
            f"screenings.csv, row {row}, column starts_at: "
            f"the hall is taken until 2024-11-25T11:55 by screening 's02' (row {other})"
        )

    def test_one_may_begin_when_the_other_ends(self, small: ProgrammeFiles) -> None:
        small.set("screenings.csv", "s03", "starts_at", "2024-11-25T11:55")
        assert small.faults() == ()

    def test_a_long_screening_is_compared_with_all_that_follow(self, small: ProgrammeFiles) -> None:
        small.set("screenings.csv", "s02", "minutes", "600")
        rows = {small.row_of("screenings.csv", "s03")}
        rows.add(small.append("screenings.csv", code="s99", starts_at="2024-11-25T19:00", minutes="10"))
        assert {(fault.code, fault.row) for fault in small.faults()} == {
            (FaultCode.OVERLAP, row) for row in rows
        }

    def test_a_cancelled_screening_takes_no_time(self, small: ProgrammeFiles) -> None:
        small.set("screenings.csv", "s03", "starts_at", "2024-11-25T10:00")
        small.set("screenings.csv", "s02", "status", "cancelled")
        assert small.faults() == ()


class TestPrices:
    def test_every_band_of_the_plan_needs_a_price(self, small: ProgrammeFiles) -> None:
        row = small.set("screenings.csv", "s03", "price_list", "gala")
        assert {(fault.row, fault.column, fault.code, fault.params["band"]) for fault in small.faults()} == {
            (row, "price_list", FaultCode.PRICE_MISSING, "Стандарт"),
            (row, "price_list", FaultCode.PRICE_MISSING, "Центр"),
        }

    def test_a_hall_without_numbers_needs_a_price_for_every_band(self, small: ProgrammeFiles) -> None:
        row = small.set("screenings.csv", "s07", "price_list", "standard")
        (fault,) = small.faults()
        assert (fault.row, fault.code) == (row, FaultCode.PRICE_MISSING)

    def test_several_concessions_need_an_adult_among_them(self, small: ProgrammeFiles) -> None:
        small.set("prices.csv", "masterclass", "concession", "veteran")
        (fault,) = small.faults()
        assert (fault.file, fault.column, fault.code) == (
            "screenings.csv",
            "price_list",
            FaultCode.ADULT_PRICE_MISSING,
        )

    def test_a_price_is_given_once(self, small: ProgrammeFiles) -> None:
        first = small.set("prices.csv", "masterclass", "concession", "student")
        fault = small.faults()[0]
        assert (fault.row, fault.column, fault.code) == (first + 1, "concession", FaultCode.DUPLICATE_CODE)
        assert fault.params["first"] == first

    def test_one_concession_needs_no_adult(self, small: ProgrammeFiles) -> None:
        small.set("screenings.csv", "s03", "price_list", "free")
        assert small.faults() == ()


class TestColumns:
    @pytest.mark.parametrize(
        ("header", "column", "code"),
        [
            ("hall_name", "hall_name", FaultCode.UNKNOWN_COLUMN),
            ("section", "section", FaultCode.DUPLICATE_COLUMN),
            ("", "C", FaultCode.UNKNOWN_COLUMN),
        ],
    )
    def test_a_wrong_header_is_named(
        self, small: ProgrammeFiles, header: str, column: str, code: FaultCode
    ) -> None:
        rows = small.rows("screenings.csv")
        assert rows[0][2] == "hall"
        rows[0][2] = header
        small.write("screenings.csv", rows)
        assert {(fault.row, fault.column, fault.code) for fault in small.faults()} == {
            (1, column, code),
            (1, "hall", FaultCode.MISSING_COLUMN),
        }

    def test_the_order_of_columns_is_free(self, small: ProgrammeFiles) -> None:
        small.write("films.csv", [row[::-1] for row in small.rows("films.csv")])
        assert small.faults() == ()

    def test_a_field_beyond_the_last_column_is_named(self, small: ProgrammeFiles) -> None:
        rows = small.rows("venues.csv")
        rows[2].append("extra")
        small.write("venues.csv", rows)
        (fault,) = small.faults()
        assert (fault.row, fault.column, fault.code) == (3, "I", FaultCode.TOO_MANY_FIELDS)

    def test_blank_rows_and_blank_fields_at_the_end_are_nothing(self, small: ProgrammeFiles) -> None:
        rows = [[*row, "", " "] for row in small.rows("venues.csv")]
        small.write("venues.csv", [*rows, [], ["", ""], [" "] * 12])
        assert small.faults() == ()

    def test_a_short_row_lacks_values(self, small: ProgrammeFiles) -> None:
        rows = small.rows("venues.csv")
        rows[2] = rows[2][:3]
        small.write("venues.csv", rows)
        assert {fault.code for fault in small.faults()} == {FaultCode.MISSING_VALUE}
        assert [fault.column for fault in small.faults()][:2] == ["name_en", "address_kk"]

    def test_semicolons_between_columns_are_recognised(self, small: ProgrammeFiles) -> None:
        small.replace("venues.csv", ",".join(small.rows("venues.csv")[0]), "code;name_kk;name_ru")
        (fault,) = small.faults()
        assert (fault.file, fault.row, fault.code) == ("venues.csv", 1, FaultCode.WRONG_SEPARATOR)


class TestSettings:
    def test_settings_are_known_and_complete(self, small: ProgrammeFiles) -> None:
        row = small.set("festival.csv", "tax", "key", "taxes")
        assert {(fault.row, fault.column, fault.code) for fault in small.faults()} == {
            (row, "key", FaultCode.UNKNOWN_KEY),
            (1, "key", FaultCode.MISSING_KEY),
        }

    def test_a_setting_stands_once(self, small: ProgrammeFiles) -> None:
        row = small.append("festival.csv", key="tax", value="")
        (fault,) = small.faults()
        assert (fault.row, fault.column, fault.code) == (row, "key", FaultCode.DUPLICATE_KEY)


def test_a_time_that_the_clocks_skip_is_refused(small: ProgrammeFiles) -> None:
    small.set("festival.csv", "time_zone", "value", "Europe/Berlin")
    small.set("festival.csv", "first_day", "value", "2024-03-31")
    row = small.set("screenings.csv", "s03", "starts_at", "2024-03-31T02:30")
    (fault,) = small.faults()
    assert (fault.row, fault.code) == (row, FaultCode.NO_SUCH_LOCAL_TIME)


def test_a_plan_outside_the_folder_is_not_followed(small: ProgrammeFiles) -> None:
    plan = small.folder / "plans" / "esentai-3.json"
    outside = small.folder.parent / "outside.json"
    outside.write_bytes(plan.read_bytes())
    plan.unlink()
    plan.symlink_to(outside)
    (fault,) = small.faults()
    assert (fault.file, fault.column, fault.code) == ("halls.csv", "plan", FaultCode.PLAN_PATH)


def test_a_fault_in_a_plan_names_its_path(small: ProgrammeFiles) -> None:
    small.replace("plans/esentai-3.json", '"seat_guid": "З-1-2"', '"seat_guid": "З-1-1"')
    faults = small.faults()
    assert describe(faults[0]) == (
        "plans/esentai-3.json, at zones[0].rows[0].seats[1].seat_guid: "
        "the seat_guid 'З-1-1' is there already, at zones[0].rows[0].seats[0]"
    )


def test_every_fault_can_be_said() -> None:
    assert set(MESSAGES) == {*FaultCode, *PlanFaultCode}


def test_an_unknown_hall_is_said_in_plain_words(small: ProgrammeFiles) -> None:
    row = small.set("screenings.csv", "s03", "hall", "esentai-9")
    (fault,) = small.faults()
    assert (
        describe(fault)
        == f"screenings.csv, row {row}, column hall: there is no hall 'esentai-9' in halls.csv"
    )


def test_what_a_file_holds_can_do_no_harm_in_a_terminal() -> None:
    fault = Fault(
        file="a.csv", row=2, column="b", code=FaultCode.BAD_CODE, params={"value": "\x1b]0;" + "x" * 200}
    )
    assert describe(fault).startswith("a.csv, row 2, column b: '\\x1b]0;xxx")
    assert len(describe(fault)) < 250
