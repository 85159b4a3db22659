"""Writing a backup: every table as it is at one moment, while web and worker go on."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    Uuid,
    cast,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from ticketing.foundation.archive import Archive, ArchiveError, ArchiveWriter, Kind, Manifest
from ticketing.foundation.db import metadata
from ticketing.foundation.models import Instance

_AT_ONCE = 1000
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (JSON, Kind.JSON),
    (Uuid, Kind.UUID),
    (Boolean, Kind.BOOLEAN),
    (DateTime, Kind.MOMENT),
    (Date, Kind.DATE),
    (LargeBinary, Kind.BYTES),
    (Integer, Kind.INTEGER),
    (String, Kind.TEXT),
)


def write_backup(session: Session, file: IO[bytes], about: str, now: datetime) -> Manifest:
    """Write all tables to a file, read it again, and return what is in it.

    `session` must see one moment's data throughout (`Database.snapshot`); `file` must be open for both.
    Raises ArchiveError when what was written is not what can be read.
    """
    with ArchiveWriter(file) as writer:
        for table in metadata.sorted_tables:
            columns = [(column.name, kind_of(column.type)) for column in table.columns]
            wanted = [_stored(column, kind) for column, (_, kind) in zip(table.columns, columns, strict=True)]
            rows = session.execute(
                select(*wanted).order_by(*table.primary_key), execution_options={"yield_per": _AT_ONCE}
            )
            writer.add(table.name, columns, rows)
        writer.finish(
            made_at=now,
            about=about,
            environment=session.scalars(select(Instance.environment)).one(),
            revision=MigrationContext.configure(session.connection()).get_current_revision() or "",
        )
    file.seek(0)
    return Archive(file).manifest


def kind_of(column_type: TypeEngine[Any]) -> Kind:
    """Return what a column's values are. Raises TypeError for a type that no backup can hold."""
    plain = column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type
    for known, kind in _KINDS:
        if isinstance(plain, known):
            return kind
    message = f"no backup can hold {column_type!r}"
    raise TypeError(message)


def _stored(column: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    """Return the column as it is kept: JSON's own null is another thing than none at all."""
    return cast(column, Text) if kind is Kind.JSON else column


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file for the owner alone that gets its name when it is whole, and not before.

    Raises ArchiveError when the name is taken or the folder cannot be written to. Whatever else ends the
    writing leaves nothing behind.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    taken = f"{path} exists already; it stays as it is"
    if path.exists():
        raise ArchiveError(taken)
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            # Takes the name from whoever comes at the same time; links are not known on every disk.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            draft.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
        _settle(path.parent)
    except FileExistsError:
        raise ArchiveError(taken) from None
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise ArchiveError(message) from error


def _settle(folder: Path) -> None:
    """Let the name outlive a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
