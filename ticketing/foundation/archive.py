"""The file that a backup is: a zip of one member a table, and a manifest that says what must be in it.

A member has one JSON array a line, a row each, with values that mean the same on every database
(docs/adr/0010). It is written and read as a stream: a large festival needs no more memory than a small one.
"""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any, Self
from uuid import UUID
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

FORMAT = 1
_MANIFEST = "manifest.json"
_UNREADABLE = (BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, BinasciiError, OSError)


class ArchiveError(Exception):
    """A file or a database that cannot be used for this; the message is for the operator."""


class Kind(StrEnum):
    """What a column's values are, whatever the database calls it. JSON stays the text that was stored."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    DATE = "date"
    UUID = "uuid"
    BYTES = "bytes"
    JSON = "json"


_WRITTEN: dict[Kind, Callable[[Any], str]] = {
    Kind.MOMENT: lambda value: value.isoformat(),
    Kind.DATE: lambda value: value.isoformat(),
    Kind.UUID: str,
    Kind.BYTES: lambda value: b64encode(value).decode(),
}
_READ: dict[Kind, Callable[[str], Any]] = {
    Kind.MOMENT: datetime.fromisoformat,
    Kind.DATE: date.fromisoformat,
    Kind.UUID: UUID,
    Kind.BYTES: lambda text: b64decode(text, validate=True),
}


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A table as it is in the file: its columns in the order of the values, and what all its rows come to."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup is of; tables in the order in which they can be filled.

    `about` names the festival for people, `revision` is the schema's.
    """

    made_at: datetime
    about: str
    environment: str
    revision: str
    tables: tuple[TableFacts, ...]

    @property
    def rows(self) -> int:
        """Return how many rows there are in all."""
        return sum(table.rows for table in self.tables)


class ArchiveWriter:
    """Writes table after table, then the manifest. A context, whose end ends the zip, not the file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._tables: list[TableFacts] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._zip.close()

    def add(self, name: str, columns: Sequence[tuple[str, Kind]], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table."""
        writers = [_WRITTEN.get(kind) for _, kind in columns]
        digest, count = hashlib.sha256(), 0
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            for row in rows:
                values = [
                    value if value is None or write is None else write(value)
                    for value, write in zip(row, writers, strict=True)
                ]
                line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                digest.update(line)
                member.write(line)
                count += 1
        self._tables.append(
            TableFacts(name=name, columns=tuple(columns), rows=count, sha256=digest.hexdigest())
        )

    def finish(self, *, made_at: datetime, about: str, environment: str, revision: str) -> None:
        """Write the manifest, without which the file is no backup."""
        manifest = {
            "format": FORMAT,
            "made_at": made_at.isoformat(),
            "about": about,
            "environment": environment,
            "revision": revision,
            "tables": [
                {"name": one.name, "columns": one.columns, "rows": one.rows, "sha256": one.sha256}
                for one in self._tables
            ],
        }
        self._zip.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


class Archive:
    """A backup that was read to its end and found whole."""

    def __init__(self, file: IO[bytes]) -> None:
        """Check every row, count and hash. Raises ArchiveError that says what is wrong."""
        try:
            self._zip = ZipFile(file)
            self.manifest = _manifest(json.loads(self._zip.read(_MANIFEST)))
        except ArchiveError:
            raise
        except _UNREADABLE as error:
            raise ArchiveError("this is not a backup, or not a whole one") from error
        for table in self.manifest.tables:
            self._check(table)

    def rows(self, table: TableFacts) -> Iterator[list[Any]]:
        """Give the rows of a table."""
        return (values for _, values in self._lines(table))

    def _check(self, table: TableFacts) -> None:
        digest, count = hashlib.sha256(), 0
        try:
            for line, _ in self._lines(table):
                digest.update(line)
                count += 1
        except _UNREADABLE as error:
            message = f"the backup is damaged: table {table.name} cannot be read"
            raise ArchiveError(message) from error
        if (count, digest.hexdigest()) != (table.rows, table.sha256):
            message = f"the backup is damaged: table {table.name} is not what was written"
            raise ArchiveError(message)

    def _lines(self, table: TableFacts) -> Iterator[tuple[bytes, list[Any]]]:
        readers = [_READ.get(kind) for _, kind in table.columns]
        with self._zip.open(_member(table.name)) as member:
            for line in member:
                yield (
                    line,
                    [
                        value if value is None or read is None else read(value)
                        for value, read in zip(json.loads(line), readers, strict=True)
                    ],
                )


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _manifest(read: dict[str, Any]) -> Manifest:
    if read["format"] != FORMAT:
        message = f"the backup has format {read['format']}; this version of Kassa reads format {FORMAT}"
        raise ArchiveError(message)
    return Manifest(
        made_at=datetime.fromisoformat(read["made_at"]),
        about=read["about"],
        environment=read["environment"],
        revision=read["revision"],
        tables=tuple(
            TableFacts(
                name=table["name"],
                columns=tuple((name, Kind(kind)) for name, kind in table["columns"]),
                rows=table["rows"],
                sha256=table["sha256"],
            )
            for table in read["tables"]
        ),
    )
