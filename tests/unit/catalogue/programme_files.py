"""Programme files to break: the demo festival, a small one cut from it, and workbooks made of either."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

import openpyxl

import ticketing.catalogue
from ticketing.catalogue.programme.faults import Fault, ProgrammeError
from ticketing.catalogue.programme.parse import parse_programme

DEMO = Path(ticketing.catalogue.__file__).parent / "demo"
TABLES = ("festival", "sections", "venues", "halls", "films", "screenings", "prices")
# Two reserved halls with sofas and two price bands at most, and one without numbers.
SMALL_HALLS = {"esentai-2", "esentai-3", "zhurgenov-theatre"}


class ProgrammeFiles:
    """A programme's folder with cells that can be changed, addressed as a spreadsheet does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, name: str) -> list[list[str]]:
        """Return header and rows of a file such as `halls.csv`."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, name: str, rows: list[list[str]]) -> None:
        """Replace a file's rows."""
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def row_of(self, name: str, key: str) -> int:
        """Return the spreadsheet's row in which the first cell is `key`."""
        return next(number for number, row in enumerate(self.rows(name), start=1) if row[0] == key)

    def set(self, name: str, key: str, column: str, value: str) -> int:
        """Change one cell and return its row."""
        rows = self.rows(name)
        row = self.row_of(name, key)
        rows[row - 1][rows[0].index(column)] = value
        self.write(name, rows)
        return row

    def append(self, name: str, **cells: str) -> int:
        """Add a row like the last one, with some cells changed, and return its number."""
        rows = self.rows(name)
        fresh = list(rows[-1])
        for column, value in cells.items():
            fresh[rows[0].index(column)] = value
        self.write(name, [*rows, fresh])
        return len(rows) + 1

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace text in a file; it must be there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def faults(self) -> tuple[Fault, ...]:
        """Return the faults of the programme, none if it is read."""
        return faults_of(self.folder)

    def to_workbook(self, *, typed: bool) -> Path:
        """Write the tables as one workbook beside the plans; `typed` makes numbers and dates of texts."""
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.worksheets[0])
        for name in TABLES:
            sheet = workbook.create_sheet(name)
            for row in self.rows(f"{name}.csv"):
                sheet.append([as_typed(cell) if typed else cell for cell in row])
        path = self.folder / "programme.xlsx"
        workbook.save(path)
        return path


def as_typed(text: str) -> str | float | date:
    """Return what a spreadsheet makes of a typed text; all numbers are floats there."""
    if text.isdecimal() and (text == "0" or not text.startswith("0")):
        return float(text)
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text


def faults_of(path: Path) -> tuple[Fault, ...]:
    """Return the faults of the programme at a path, none if it is read."""
    try:
        parse_programme(path)
    except ProgrammeError as error:
        return error.faults
    return ()


def cut_small(folder: Path) -> None:
    """Leave only a few halls with what is shown in them, so that reading takes milliseconds."""
    files = ProgrammeFiles(folder)
    for name, column in (("halls.csv", "code"), ("screenings.csv", "hall")):
        header, *rows = files.rows(name)
        files.write(name, [header, *[row for row in rows if row[header.index(column)] in SMALL_HALLS]])
    for plan in (folder / "plans").glob("*.json"):
        sidecar = plan.with_suffix(".seats.csv")
        if plan.stem in SMALL_HALLS:
            cut_plan(files, plan, sidecar)
        else:
            plan.unlink()
            sidecar.unlink()


def cut_plan(files: ProgrammeFiles, plan: Path, sidecar: Path) -> None:
    """Leave only the first two rows of a plan and the last."""
    document = json.loads(plan.read_text(encoding="utf-8"))
    (zone,) = document["zones"]
    zone["rows"] = [*zone["rows"][:2], zone["rows"][-1]]
    plan.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    guids = [seat["seat_guid"] for row in zone["rows"] for seat in row["seats"]]
    files.set("halls.csv", plan.stem, "capacity", str(len(guids)))
    name = f"plans/{sidecar.name}"
    header, *rows = files.rows(name)
    files.write(name, [header, *[row for row in rows if row[0] in guids]])
