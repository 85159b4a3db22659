"""A backup's file gives back what was put in, and is whole or refused."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Numeric

import ticketing.models  # noqa: F401 - fills the metadata
from ticketing.foundation.archive import Archive, ArchiveError, ArchiveWriter, Kind
from ticketing.foundation.backup import kind_of, new_file
from ticketing.foundation.db import metadata

MOMENT = datetime(2024, 11, 24, 13, 30, 0, 1, tzinfo=UTC)
ALMATY = timezone(timedelta(hours=5))
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(),
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.BOOLEAN: st.booleans(),
    Kind.MOMENT: st.datetimes(timezones=st.sampled_from([UTC, ALMATY])),
    Kind.DATE: st.dates(),
    Kind.UUID: st.uuids(),
    Kind.BYTES: st.binary(),
    Kind.JSON: st.sampled_from(["null", '{"a": "ә"}', "[1,\n2]", '"\\u0000"']),
}
COLUMNS = tuple((str(kind), kind) for kind in Kind)
ROW = st.tuples(*(st.none() | VALUES[kind] for kind in Kind))


def written(*tables: tuple[str, list[Any]]) -> bytes:
    file = BytesIO()
    with ArchiveWriter(file) as writer:
        for name, rows in tables:
            writer.add(name, COLUMNS, rows)
        writer.finish(made_at=MOMENT, about="eurasia-17", environment="demo", revision="0029")
    return file.getvalue()


def with_member(raw: bytes, name: str, change: Any) -> bytes:
    """Return a whole zip in which a member says something else."""
    result = BytesIO()
    with ZipFile(BytesIO(raw)) as source, ZipFile(result, "w") as target:
        for member in source.namelist():
            data = source.read(member)
            target.writestr(member, change(data) if member == name else data)
    return result.getvalue()


@given(rows=st.lists(ROW, max_size=5))
def test_what_is_put_in_comes_out(rows: list[Any]) -> None:
    archive = Archive(BytesIO(written(("first", rows), ("second", []))))
    first, second = archive.manifest.tables
    assert [tuple(row) for row in archive.rows(first)] == rows
    assert list(archive.rows(second)) == []
    assert (first.rows, archive.manifest.rows, first.columns) == (len(rows), len(rows), COLUMNS)
    assert (archive.manifest.made_at, archive.manifest.environment) == (MOMENT, "demo")


@given(st.data())
def test_a_backup_that_was_cut_or_changed_anywhere_is_refused(data: st.DataObject) -> None:
    raw = written(("first", [(None, 1, True, MOMENT, date(2024, 1, 1), None, b"\x00\xff", "null")]))
    at = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(ArchiveError):
        Archive(BytesIO(raw[:at]))
    changed = bytearray(raw)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        archive = Archive(BytesIO(bytes(changed)))
    except ArchiveError:
        return
    # A zip tells some things twice, and some that nobody asks: dates and comments.
    whole = Archive(BytesIO(raw))
    assert archive.manifest == whole.manifest
    for table in whole.manifest.tables:
        assert list(archive.rows(table)) == list(whole.rows(table))


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("tables/first.jsonl", lambda data: data.replace(b"seven", b"eight")),
        ("tables/first.jsonl", lambda data: data + data),
        ("tables/first.jsonl", lambda _: b""),
        ("tables/first.jsonl", lambda data: data[:-3]),
        ("manifest.json", lambda data: data.replace(b'"format": 1', b'"format": 2')),
        ("manifest.json", lambda data: data.replace(b'"moment"', b'"hour"')),
        ("manifest.json", lambda data: data.replace(b'"name": "first"', b'"name": "third"')),
        ("manifest.json", lambda _: b"[]"),
        ("manifest.json", lambda _: b"{"),
    ],
)
def test_a_whole_zip_with_other_contents_is_refused(member: str, change: Any) -> None:
    raw = written(("first", [("seven", *[None] * 7)]))
    Archive(BytesIO(raw))
    with pytest.raises(ArchiveError):
        Archive(BytesIO(with_member(raw, member, change)))


def test_every_column_there_is_can_be_kept() -> None:
    found = {kind_of(column.type) for table in metadata.sorted_tables for column in table.columns}
    assert found == set(Kind)
    with pytest.raises(TypeError, match="Numeric"):
        kind_of(Numeric())


def test_the_manifest_tells_people_what_it_is() -> None:
    with ZipFile(BytesIO(written(("first", [])))) as file:
        manifest = json.loads(file.read("manifest.json"))
    assert (manifest["format"], manifest["about"], manifest["revision"]) == (1, "eurasia-17", "0029")


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "kassa.backup"
    with new_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_unfinished_file_leaves_nothing(tmp_path: Path) -> None:
    def be_stopped() -> None:
        with new_file(tmp_path / "kassa.backup") as file:
            file.write(b"half")
            raise SystemExit(143)

    with pytest.raises(SystemExit):
        be_stopped()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_stays_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kassa.backup"
    path.write_text("older")
    with pytest.raises(ArchiveError, match="exists"), new_file(path):
        pass
    later = tmp_path / "later.backup"
    with pytest.raises(ArchiveError, match="exists"), new_file(later):
        later.write_text("somebody else's")
    assert (path.read_text(), later.read_text()) == ("older", "somebody else's")
    with pytest.raises(ArchiveError, match="cannot be written"), new_file(tmp_path / "nowhere" / "x"):
        pass
    assert sorted(tmp_path.iterdir()) == [path, later]
