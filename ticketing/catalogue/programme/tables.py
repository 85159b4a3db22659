"""Raw rows turned into records with named cells: header checked, blank rows dropped, unsafe cells refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import FESTIVAL_KEYS

MAX_ROWS = 20_000
MAX_CELL_CHARACTERS = 500
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What a spreadsheet would calculate when the file is opened in it; numbers and phone numbers are let through.
_FORMULA = re.compile(r"[=@]|\+(?![\d ().-]+\Z)|-(?!\d[\d.,]*\Z)")


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A cell that holds no value: a formula, or an error of the spreadsheet."""

    code: FaultCode
    value: str = ""


RawCell = str | Unreadable


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """The rows of one file or sheet with their numbers in the spreadsheet, the header among them."""

    file: str
    rows: Sequence[tuple[int, Sequence[RawCell]]]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row. A cell is None when it could not be read and its fault is recorded already."""

    file: str
    cells: Mapping[str, str | None]
    places: Mapping[str, tuple[int, str]]

    @property
    def row(self) -> int:
        """Return the row of the first column."""
        return next(iter(self.places.values()))[0]


@dataclass(frozen=True, kw_only=True)
class Table:
    """The records of one table; `complete` is False when its header was wrong, so that rows say nothing."""

    file: str
    records: tuple[Record, ...]
    complete: bool


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet would take the text for a formula."""
    return _FORMULA.match(text) is not None


def shape_table(raw: RawTable, columns: Sequence[str], log: FaultLog) -> Table:
    """Return the rows as records of `columns`, recording what is wrong with header and cells."""
    if not raw.rows:
        log.add(raw.file, FaultCode.NO_HEADER, row=1)
        return Table(file=raw.file, records=(), complete=False)
    header = ["" if isinstance(cell, Unreadable) else cell.strip() for cell in raw.rows[0][1]]
    while header and not header[-1]:
        header.pop()
    if not _check_header(raw.file, header, columns, log):
        return Table(file=raw.file, records=(), complete=False)
    records = []
    for number, cells in raw.rows[1:]:
        if all(isinstance(cell, str) and not cell.strip() for cell in cells):
            continue
        for index in range(len(header), len(cells)):
            extra = _readable(raw.file, number, get_column_letter(index + 1), cells[index], log)
            if extra:
                log.add(
                    raw.file,
                    FaultCode.TOO_MANY_FIELDS,
                    row=number,
                    column=get_column_letter(index + 1),
                    params={"value": extra},
                )
        padded = [*cells, *[""] * (len(header) - len(cells))]
        texts = {
            column: _readable(raw.file, number, column, cell, log)
            for column, cell in zip(header, padded, strict=False)
        }
        places = {column: (number, column) for column in columns}
        records.append(Record(file=raw.file, cells=texts, places=places))
    return Table(file=raw.file, records=tuple(records), complete=True)


def settings_record(table: Table, log: FaultLog) -> Record | None:
    """Return keys and values as one record, each setting with its own row; None without a table."""
    if not table.complete:
        return None
    cells: dict[str, str | None] = {}
    places: dict[str, tuple[int, str]] = {}
    for record in table.records:
        key = record.cells["key"]
        if key is None:
            continue
        if key not in FESTIVAL_KEYS:
            log.add(table.file, FaultCode.UNKNOWN_KEY, row=record.row, column="key", params={"key": key})
        elif key in cells:
            params: dict[str, str | int] = {"key": key, "first": places[key][0]}
            log.add(table.file, FaultCode.DUPLICATE_KEY, row=record.row, column="key", params=params)
        else:
            cells[key] = record.cells["value"]
            places[key] = (record.row, "value")
    for key in FESTIVAL_KEYS:
        if key not in cells:
            log.add(table.file, FaultCode.MISSING_KEY, row=1, column="key", params={"key": key})
            cells[key] = None
            places[key] = (1, "key")
    return Record(file=table.file, cells=cells, places=places)


def _check_header(file: str, header: Sequence[str], columns: Sequence[str], log: FaultLog) -> bool:
    """Record what is wrong with the names of the columns; tell whether nothing is."""
    if len(header) == 1 and ";" in header[0]:
        log.add(file, FaultCode.WRONG_SEPARATOR, row=1, column="A")
        return False
    before = len(log.faults)
    seen: set[str] = set()
    for index, name in enumerate(header):
        shown = name or get_column_letter(index + 1)
        if name not in columns:
            log.add(file, FaultCode.UNKNOWN_COLUMN, row=1, column=shown, params={"known": ", ".join(columns)})
        elif name in seen:
            log.add(file, FaultCode.DUPLICATE_COLUMN, row=1, column=shown)
        seen.add(name)
    for name in columns:
        if name not in seen:
            log.add(file, FaultCode.MISSING_COLUMN, row=1, column=name)
    return len(log.faults) == before


def _readable(file: str, row: int, column: str, cell: RawCell, log: FaultLog) -> str | None:
    """Return the cell's text without blanks around it, or None once its fault is recorded."""
    if isinstance(cell, Unreadable):
        log.add(file, cell.code, row=row, column=column, params={"value": cell.value} if cell.value else None)
        return None
    text = cell.strip()
    if len(text) > MAX_CELL_CHARACTERS:
        params: dict[str, str | int] = {"length": len(text), "limit": MAX_CELL_CHARACTERS}
        log.add(file, FaultCode.TOO_LONG, row=row, column=column, params=params)
        return None
    if _UNPRINTABLE.search(text):
        log.add(file, FaultCode.CONTROL_CHARACTER, row=row, column=column)
        return None
    if is_formula(text):
        log.add(file, FaultCode.FORMULA, row=row, column=column)
        return None
    return text
