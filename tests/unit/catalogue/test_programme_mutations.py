"""Whatever stands in a cell, reading gives a programme, or faults with file, row and column."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.catalogue.programme_files import ProgrammeFiles
from ticketing.catalogue.programme.faults import Fault, ProgrammeError, describe
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.write import write_programme

FILES = [
    "festival.csv",
    "sections.csv",
    "venues.csv",
    "halls.csv",
    "films.csv",
    "screenings.csv",
    "prices.csv",
    "plans/esentai-3.seats.csv",
]
NASTY = [
    "",
    "-1",
    "1e9",
    "NaN",
    "0" * 30,
    "2024-11-25T13:00",
    "9999-12-31",
    "plans/esentai-2.json",
    "a;b",
    ";",
    "\0",
]


@pytest.fixture(scope="module")
def original(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ProgrammeFiles:
    folder = tmp_path_factory.mktemp("mutations") / "demo"
    shutil.copytree(small_folder, folder)
    return ProgrammeFiles(folder)


@st.composite
def slips(draw: st.DrawFn, original: ProgrammeFiles, *, header: bool) -> tuple[str, int, int, str]:
    """Draw a file, a row, a column, and what to write there: any text, or a cell of another place."""
    name = draw(st.sampled_from(FILES))
    rows = original.rows(name)
    row = 0 if header else draw(st.integers(1, len(rows) - 1))
    column = draw(st.integers(0, len(rows[0]) - 1))
    elsewhere = original.rows(draw(st.sampled_from(FILES)))
    borrowed = st.sampled_from([cell for cells in elsewhere for cell in cells])
    # Everything that can be written as UTF-8.
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    return name, row, column, draw(st.one_of(anything, borrowed, st.sampled_from(NASTY)))


def check_place(fault: Fault) -> None:
    assert fault.row is not None, fault
    assert fault.column is not None, fault
    assert fault.file in FILES
    assert describe(fault).startswith(f"{fault.file}, row {fault.row}, column ")


def check(original: ProgrammeFiles, slip: tuple[str, int, int, str], scratch: Path) -> None:
    """Read the files with one cell changed: a fault has place and words, a programme survives writing."""
    name, row, column, value = slip
    before = original.rows(name)
    changed = [list(cells) for cells in before]
    changed[row][column] = value
    original.write(name, changed)
    try:
        programme = parse_programme(original.folder)
    except ProgrammeError as error:
        for fault in error.faults:
            check_place(fault)
    else:
        write_programme(programme, scratch)
        assert parse_programme(scratch) == programme
    finally:
        original.write(name, before)


@settings(max_examples=70, deadline=None)
@given(data=st.data())
def test_any_text_in_any_cell(
    original: ProgrammeFiles, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    check(original, data.draw(slips(original, header=False)), tmp_path_factory.mktemp("out"))


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_text_in_any_header(
    original: ProgrammeFiles, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    check(original, data.draw(slips(original, header=True)), tmp_path_factory.mktemp("out"))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_bytes_in_any_place_of_a_file(original: ProgrammeFiles, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*FILES, "plans/esentai-3.json"]))
    path = original.folder / name
    before = path.read_bytes()
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, min(len(before), start + 40)))
    path.write_bytes(before[:start] + data.draw(st.binary(max_size=20)) + before[end:])
    try:
        for fault in original.faults():
            assert fault.file in {*FILES, "plans/esentai-3.json"}
            assert describe(fault)
    finally:
        path.write_bytes(before)
