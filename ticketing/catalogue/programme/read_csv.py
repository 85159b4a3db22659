"""Text files and CSV tables from disk, refused by their size before they are read."""

import csv
import io
from pathlib import Path

from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.tables import MAX_ROWS, RawTable

MAX_FILE_BYTES = 20 * 1024 * 1024


def check_file(path: Path, label: str, log: FaultLog) -> bool:
    """Tell whether there is a plain file of a bearable size, recording the fault if not."""
    if not path.is_file():
        log.add(label, FaultCode.MISSING_FILE)
        return False
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        log.add(label, FaultCode.TOO_LARGE, params={"bytes": size, "limit": MAX_FILE_BYTES})
        return False
    return True


def read_text(path: Path, label: str, log: FaultLog) -> str | None:
    """Return the file's text (UTF-8, a byte order mark is dropped), or None once its fault is recorded."""
    if not check_file(path, label, log):
        return None
    try:
        content = path.read_bytes()
    except OSError:
        log.add(label, FaultCode.UNREADABLE_FILE)
        return None
    return decoded(content, label, log)


def decoded(content: bytes, label: str, log: FaultLog) -> str | None:
    """Return UTF-8 as text without its byte order mark, or None once its fault is recorded."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        log.add(label, FaultCode.NOT_UTF8, row=row)
        return None


def read_csv_table(path: Path, label: str, log: FaultLog) -> RawTable | None:
    """Return the rows of a CSV file, or None once its fault is recorded."""
    text = read_text(path, label, log)
    return None if text is None else csv_table(text, label, log)


def csv_table(text: str, label: str, log: FaultLog) -> RawTable | None:
    """Return the rows of CSV, or None once its fault is recorded."""
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS + 1:
                log.add(label, FaultCode.TOO_MANY_ROWS, row=number, params={"limit": MAX_ROWS})
                return None
            rows.append((number, cells))
    except csv.Error as error:
        log.add(label, FaultCode.MALFORMED_CSV, row=len(rows) + 1, params={"reason": str(error)})
        return None
    return RawTable(file=label, rows=rows)
