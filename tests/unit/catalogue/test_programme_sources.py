"""Files that are too big, not text, not tables or not there: refused by name, never with a traceback."""

import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from tests.unit.catalogue.programme_files import TABLES, ProgrammeFiles, faults_of
from ticketing.catalogue.programme import read_csv, read_xlsx, tables
from ticketing.catalogue.programme.faults import Fault, FaultCode, describe
from ticketing.catalogue.programme.parse import parse_programme

Cell = str | float | bool | date | time | ArrayFormula


def only(faults: tuple[Fault, ...]) -> Fault:
    """Return the one fault that there is."""
    (fault,) = faults
    return fault


class TestFolder:
    @pytest.mark.parametrize("table", TABLES)
    def test_a_missing_file_is_named(self, small: ProgrammeFiles, table: str) -> None:
        (small.folder / f"{table}.csv").unlink()
        fault = only(small.faults())
        assert (fault.file, fault.code) == (f"{table}.csv", FaultCode.MISSING_FILE)

    @pytest.mark.parametrize("name", ["halls.csv", "plans/esentai-3.json", "plans/esentai-3.seats.csv"])
    def test_a_huge_file_is_refused_unread(
        self, small: ProgrammeFiles, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        with (small.folder / name).open("r+b") as file:
            file.truncate(300 * 1024 * 1024)
        read = Path.read_bytes

        def read_small(path: Path) -> bytes:
            assert path.stat().st_size < read_csv.MAX_FILE_BYTES
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", read_small)
        fault = only(small.faults())
        assert (fault.file, fault.code) == (name, FaultCode.TOO_LARGE)
        assert describe(fault) == f"{name}: the file has 314572800 bytes; at most 20971520 are read"

    @pytest.mark.parametrize("name", ["films.csv", "plans/esentai-3.json", "plans/esentai-3.seats.csv"])
    def test_what_is_not_utf8_is_named_by_row(self, small: ProgrammeFiles, name: str) -> None:
        path = small.folder / name
        lines = path.read_bytes().splitlines(keepends=True)
        lines[2] = "я".encode("cp1251") + lines[2]
        path.write_bytes(b"".join(lines))
        fault = only(small.faults())
        assert (fault.file, fault.row, fault.code) == (name, 3, FaultCode.NOT_UTF8)

    def test_utf16_is_not_utf8(self, small: ProgrammeFiles) -> None:
        path = small.folder / "films.csv"
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
        assert only(small.faults()).code is FaultCode.NOT_UTF8

    def test_a_byte_order_mark_is_no_fault(self, small: ProgrammeFiles) -> None:
        for path in small.folder.rglob("*.*"):
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert small.faults() == ()

    @pytest.mark.parametrize("newline", ["\n", "\r"])
    def test_any_line_end_will_do(self, small: ProgrammeFiles, newline: str) -> None:
        for path in small.folder.rglob("*.csv"):
            path.write_bytes(path.read_bytes().replace(b"\r\n", newline.encode()))
        assert small.faults() == ()

    def test_an_open_quote_is_malformed(self, small: ProgrammeFiles) -> None:
        path = small.folder / "films.csv"
        path.write_bytes(path.read_bytes() + b'last,"open\r\n')
        fault = only(small.faults())
        assert (fault.file, fault.row, fault.code) == ("films.csv", 17, FaultCode.MALFORMED_CSV)

    def test_a_table_has_so_many_rows_and_no_more(
        self, small: ProgrammeFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(read_csv, "MAX_ROWS", len(small.rows("prices.csv")) - 1)
        assert small.faults() == ()
        monkeypatch.setattr(read_csv, "MAX_ROWS", len(small.rows("prices.csv")) - 2)
        assert {(fault.file, fault.code) for fault in small.faults()} == {
            ("prices.csv", FaultCode.TOO_MANY_ROWS)
        }

    @pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
    def test_an_empty_file_has_no_header(self, small: ProgrammeFiles, content: bytes) -> None:
        (small.folder / "films.csv").write_bytes(content)
        fault = only(small.faults())
        assert (fault.file, fault.row, fault.code) == ("films.csv", 1, FaultCode.NO_HEADER)

    def test_a_file_that_cannot_be_read_is_named(
        self, small: ProgrammeFiles, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = Path.read_bytes

        def refuse(path: Path) -> bytes:
            if path.name == "films.csv":
                raise PermissionError
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", refuse)
        fault = only(small.faults())
        assert (fault.file, fault.code) == ("films.csv", FaultCode.UNREADABLE_FILE)

    def test_a_plan_needs_no_sidecar(self, small: ProgrammeFiles) -> None:
        (small.folder / "plans" / "esentai-3.seats.csv").unlink()
        plan = parse_programme(small.folder).plans["plans/esentai-3.json"]
        assert {seat.kind for seat in plan.seats} == {"standard"}


class TestPath:
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("nowhere", FaultCode.MISSING_FILE),
            ("nowhere.xlsx", FaultCode.MISSING_FILE),
            ("halls.csv", FaultCode.NOT_A_PROGRAMME),
            ("я" * 300, FaultCode.MISSING_FILE),
            ("nul\0", FaultCode.MISSING_FILE),
        ],
    )
    def test_what_is_no_programme_is_said(self, small: ProgrammeFiles, name: str, code: FaultCode) -> None:
        fault = only(faults_of(small.folder / name))
        assert (fault.file, fault.code) == (name, code)


def change(path: Path, table: str, place: str, value: Cell, number_format: str = "") -> None:
    """Put a value into one cell of a workbook."""
    workbook = openpyxl.load_workbook(path)
    workbook[table][place] = value
    if number_format:
        workbook[table][place].number_format = number_format
    workbook.save(path)


@pytest.fixture(scope="module")
def saved_workbook(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the small festival's workbook, with numbers and dates in its cells."""
    folder = tmp_path_factory.mktemp("workbook") / "demo"
    shutil.copytree(small_folder, folder)
    return ProgrammeFiles(folder).to_workbook(typed=True).read_bytes()


@pytest.fixture
def path(small: ProgrammeFiles, saved_workbook: bytes) -> Path:
    """Return a workbook that may be changed, with the plans beside it."""
    path = small.folder / "programme.xlsx"
    path.write_bytes(saved_workbook)
    return path


class TestWorkbook:
    def test_a_missing_sheet_is_named(self, path: Path) -> None:
        workbook = openpyxl.load_workbook(path)
        del workbook["halls"]
        workbook.save(path)
        fault = only(faults_of(path))
        assert describe(fault) == "programme.xlsx: the workbook has no sheet 'halls'"

    def test_other_sheets_are_nothing(self, path: Path) -> None:
        workbook = openpyxl.load_workbook(path)
        workbook.create_sheet("notes").append(["=1+1"])
        workbook.save(path)
        assert faults_of(path) == ()

    @pytest.mark.parametrize(
        "formula", ["=1+1", ArrayFormula("I3", "=SUM(A1:A2)"), '=HYPERLINK("https://example.org")']
    )
    def test_a_formula_is_refused(self, path: Path, formula: Cell) -> None:
        assert openpyxl.load_workbook(path)["films"]["I1"].value == "runtime_min"
        change(path, "films", "I3", formula)
        fault = only(faults_of(path))
        assert (fault.file, fault.row, fault.column, fault.code) == (
            "programme.xlsx, sheet films",
            3,
            "runtime_min",
            FaultCode.FORMULA,
        )

    def test_a_reference_names_the_sheet(self, path: Path) -> None:
        change(path, "screenings", "C2", "esentai-9")
        assert describe(only(faults_of(path))) == (
            "programme.xlsx, sheet screenings, row 2, column hall: "
            "there is no hall 'esentai-9' in sheet halls"
        )

    @pytest.mark.parametrize(
        ("place", "value", "code"),
        [
            ("I3", 87.5, FaultCode.BAD_NUMBER),
            ("I3", True, FaultCode.BAD_NUMBER),
            ("I3", float(10**30), FaultCode.BAD_NUMBER),
            ("I3", date(2024, 1, 1), FaultCode.BAD_NUMBER),
            ("I3", time(1, 27), FaultCode.BAD_NUMBER),
            ("I3", "#DIV/0!", FaultCode.ERROR_VALUE),
            ("N3", "beyond", FaultCode.TOO_MANY_FIELDS),
        ],
    )
    def test_a_wrong_cell_is_named(self, path: Path, place: str, value: Cell, code: FaultCode) -> None:
        change(path, "films", place, value)
        fault = only(faults_of(path))
        assert (fault.row, fault.code) == (3, code)

    def test_a_whole_float_true_and_a_blank_row_are_taken(self, path: Path) -> None:
        change(path, "films", "I3", 87.0)
        change(path, "films", "K3", False)
        change(path, "films", "B40", "   ")
        assert parse_programme(path).films[1].runtime_minutes == 87

    def test_a_time_counted_in_floating_point_is_rounded(self, path: Path) -> None:
        change(path, "screenings", "B2", datetime(2024, 11, 25, 9, 59, 59, 999_000))  # noqa: DTZ001 - a cell's
        assert parse_programme(path).screenings[0].starts_at.isoformat() == "2024-11-25T10:00:00+05:00"

    def test_midnight_is_a_time_where_the_cell_shows_hours(self, path: Path) -> None:
        change(path, "screenings", "B2", datetime(2024, 11, 25))  # noqa: DTZ001 - cells have no zone
        assert parse_programme(path).screenings[0].starts_at.isoformat() == "2024-11-25T00:00:00+05:00"
        change(path, "screenings", "B2", date(2024, 11, 25), "dd.mm.yyyy")
        assert only(faults_of(path)).code is FaultCode.BAD_TIME

    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: b"",
            lambda content: b"not a workbook",
            lambda content: content[: len(content) // 2],
            lambda content: content.replace(b"xl/workbook.xml", b"xl/workbooc.xml"),
        ],
        ids=["empty", "text", "half", "a part is missing"],
    )
    def test_a_damaged_workbook_is_refused(self, path: Path, damage: Callable[[bytes], bytes]) -> None:
        path.write_bytes(damage(path.read_bytes()))
        fault = only(faults_of(path))
        assert (fault.file, fault.code) == ("programme.xlsx", FaultCode.DAMAGED_WORKBOOK)

    def test_a_huge_workbook_is_refused_unread(self, path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(300 * 1024 * 1024)
        assert only(faults_of(path)).code is FaultCode.TOO_LARGE

    def test_a_bomb_is_refused_packed(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", bytes(read_xlsx.MAX_UNPACKED_BYTES + 1))
        assert path.stat().st_size < 1024 * 1024

        def unpack(*_: object, **__: object) -> None:
            message = "the bomb was unpacked"
            raise AssertionError(message)

        monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
        fault = only(faults_of(path))
        assert (fault.file, fault.code) == ("programme.xlsx", FaultCode.TOO_LARGE_UNPACKED)

    def test_an_archive_of_countless_parts_is_refused(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(read_xlsx.MAX_PARTS + 1):
                archive.writestr(f"{number}.xml", b"")
        assert only(faults_of(path)).code is FaultCode.TOO_LARGE_UNPACKED

    def test_a_row_far_below_is_too_many_rows(self, path: Path) -> None:
        change(path, "films", f"A{tables.MAX_ROWS + 2}", "far-below")
        assert {(fault.file, fault.code) for fault in faults_of(path)} >= {
            ("programme.xlsx, sheet films", FaultCode.TOO_MANY_ROWS)
        }

    def test_the_stated_extent_of_a_sheet_is_not_believed(self, path: Path) -> None:
        _rewrite(path, lambda text: text.replace('<dimension ref="A1:M16"', '<dimension ref="A1:A2"'))
        assert len(parse_programme(path).films) == 15

    def test_entities_that_grow_are_refused(self, path: Path) -> None:
        entities = '<!ENTITY a0 "aaaaaaaaaa">' + "".join(
            f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)
        )
        _rewrite(
            path,
            lambda text: (
                f"<!DOCTYPE worksheet [{entities}]>" + text.replace("<sheetData>", "<sheetData>&a9;")
            ),
        )
        assert {fault.code for fault in faults_of(path)} == {FaultCode.DAMAGED_WORKBOOK}


def _rewrite(path: Path, change_text: Callable[[str], str]) -> None:
    """Change the text of every sheet in a workbook's archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            is_sheet = name.startswith("xl/worksheets/")
            archive.writestr(name, change_text(content.decode()) if is_sheet else content)
