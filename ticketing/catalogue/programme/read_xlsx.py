"""Tables from the sheets of one workbook, whose archive is measured before anything is unpacked."""

import warnings
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import TYPE_ERROR, TYPE_FORMULA, Cell, MergedCell

from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.read_csv import check_file
from ticketing.catalogue.programme.tables import MAX_ROWS, RawCell, RawTable, Unreadable

MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_PARTS = 1_000
# More than any table has; a cell beyond it cannot make every row thousands of cells wide.
MAX_COLUMNS = 100


def read_workbook(path: Path, sheets: Iterable[str], log: FaultLog) -> dict[str, RawTable]:
    """Return the named sheets; those that are missing or cannot be read are left out, with their fault."""
    label = path.name
    if not check_file(path, label, log) or not _check_archive(path, log):
        return {}
    try:
        with warnings.catch_warnings():
            # Notices of spreadsheet features that no value depends on.
            warnings.simplefilter("ignore")
            return _read_sheets(path, sheets, log)
    except Exception:  # noqa: BLE001 - the library lets whatever a damaged part causes through
        log.add(label, FaultCode.DAMAGED_WORKBOOK)
        return {}


def _check_archive(path: Path, log: FaultLog) -> bool:
    """Refuse an archive that says it is too big; what it unpacks is never more than it says."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [part.file_size for part in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        log.add(path.name, FaultCode.DAMAGED_WORKBOOK)
        return False
    if sum(sizes) > MAX_UNPACKED_BYTES or len(sizes) > MAX_PARTS:
        params: dict[str, str | int] = {"bytes": sum(sizes), "limit": MAX_UNPACKED_BYTES}
        log.add(path.name, FaultCode.TOO_LARGE_UNPACKED, params=params)
        return False
    return True


def _read_sheets(path: Path, sheets: Iterable[str], log: FaultLog) -> dict[str, RawTable]:
    tables: dict[str, RawTable] = {}
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=False)
    try:
        for name in sheets:
            if name not in workbook.sheetnames:
                log.add(path.name, FaultCode.MISSING_SHEET, params={"sheet": name})
                continue
            label = f"{path.name}, sheet {name}"
            # The limits replace the extent that the sheet states itself, which may be wrong.
            found = workbook[name].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS)
            rows = [
                (number, [_as_raw_cell(cell) for cell in cells])
                for number, cells in enumerate(found, start=1)
            ]
            while rows and not any(rows[-1][1]):
                rows.pop()
            if len(rows) > MAX_ROWS + 1:
                log.add(label, FaultCode.TOO_MANY_ROWS, row=len(rows), params={"limit": MAX_ROWS})
                continue
            tables[name] = RawTable(file=label, rows=rows)
    finally:
        workbook.close()
    return tables


def _as_raw_cell(cell: Cell | MergedCell) -> RawCell:
    if cell.data_type == TYPE_FORMULA:
        return Unreadable(code=FaultCode.FORMULA)
    if cell.data_type == TYPE_ERROR:
        return Unreadable(code=FaultCode.ERROR_VALUE, value=str(cell.value))
    if cell.value is None:
        return ""
    if isinstance(cell.value, datetime):
        return _as_moment(cell.value, cell.number_format)
    return _as_text(cell.value)


def _as_moment(value: datetime, number_format: str) -> str:
    """Return a date as 2024-11-24, unless the cell shows hours: then 2024-11-24T18:30:00."""
    # Spreadsheets count days in floating point: 18:30 may arrive as 18:29:59.999997.
    moment = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    is_midnight = moment.time() == time()
    return (
        moment.date().isoformat() if is_midnight and "h" not in number_format.lower() else moment.isoformat()
    )


def _as_text(value: object) -> str:
    """Return a value as the CSV file would spell it: 1500.0 is 1500, true is yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
