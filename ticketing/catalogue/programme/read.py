"""The source of a programme: a folder of CSV files or a workbook, turned into the same tables."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import TABLE_COLUMNS
from ticketing.catalogue.programme.read_csv import read_csv_table
from ticketing.catalogue.programme.read_xlsx import read_workbook
from ticketing.catalogue.programme.tables import RawTable, Table, shape_table


@dataclass(frozen=True, kw_only=True)
class Source:
    """The tables by name, and the folder in which seat plans stand."""

    folder: Path
    tables: Mapping[str, Table]


def read_source(path: Path, log: FaultLog) -> Source:
    """Return every table of the layout; one that cannot be read is empty and not complete."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        # Not there, not to be seen, or a name that no file system takes.
        log.add(path.name, FaultCode.MISSING_FILE)
        return Source(folder=path.parent, tables=_shape(dict.fromkeys(TABLE_COLUMNS), "{}", log))
    if is_folder:
        raw = {name: read_csv_table(path / f"{name}.csv", f"{name}.csv", log) for name in TABLE_COLUMNS}
        return Source(folder=path, tables=_shape(raw, "{}.csv", log))
    if path.suffix.lower() != ".xlsx":
        log.add(path.name, FaultCode.NOT_A_PROGRAMME)
        return Source(folder=path.parent, tables=_shape(dict.fromkeys(TABLE_COLUMNS), "{}", log))
    sheets = read_workbook(path, TABLE_COLUMNS, log)
    raw = {name: sheets.get(name) for name in TABLE_COLUMNS}
    return Source(folder=path.parent, tables=_shape(raw, f"{path.name}, sheet {{}}", log))


def _shape(raw: Mapping[str, RawTable | None], label: str, log: FaultLog) -> dict[str, Table]:
    return {
        name: Table(file=label.format(name), records=(), complete=False)
        if table is None
        else shape_table(table, TABLE_COLUMNS[name], log)
        for name, table in raw.items()
    }
