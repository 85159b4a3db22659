"""Codes that one table takes from another."""

from collections.abc import Mapping
from dataclasses import dataclass

from ticketing.catalogue.programme.cells import RowReader, first_rows
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.tables import Table


@dataclass(frozen=True, kw_only=True)
class Index:
    """The codes of one table, and their rows. Rows that are wrong elsewhere count: their code is known.

    `what` names one entry in messages. An index of an unreadable table knows nothing and refuses nothing.
    """

    what: str
    where: str
    rows: Mapping[str, int]
    complete: bool

    def require(self, reader: RowReader, column: str, code: str) -> None:
        """Record a fault when `code`, read from `column`, is not in the table."""
        if self.complete and code and code not in self.rows:
            reader.fault(column, FaultCode.UNKNOWN_REFERENCE, what=self.what, value=code, where=self.where)


def index_codes(table: Table, what: str, log: FaultLog, *, unique: bool = True) -> Index:
    """Return the index of a table's codes; unless they may repeat, a second one is a fault."""
    column = "code" if unique else "price_list"
    if unique:
        rows: Mapping[str, int] = first_rows(table.records, column, log)
    else:
        rows = {record.cells[column] or "": record.row for record in reversed(table.records)}
    # "halls.csv", or "halls" for a sheet of a workbook.
    where = table.file.rpartition(", ")[2]
    return Index(what=what, where=where, rows=rows, complete=table.complete)
