"""`backup` and `restore`: everything comes back, on either database, or nothing changes."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, inspect, select, text

from tests.database import BACKENDS, DatabaseFactory
from tests.integration.kassa_cli import Cli
from tests.support.held import Held
from tests.support.kassa import Kassa, expect, fingerprint, order_auth
from tests.support.refunding import bank_refuses, pay_in_two
from tests.support.signing import sign_codes
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation import restore as restoring
from ticketing.foundation.archive import Archive, ArchiveWriter
from ticketing.foundation.backup import write_backup
from ticketing.foundation.db import Database
from ticketing.foundation.models import Instance
from ticketing.foundation.restore import restore
from ticketing.staff.models import AuditEntry
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.models import WalletChanges

# What a restore changes: the epoch, the count that phones compare, and its own entry in the audit trail.
RENEWED = {"instance", "wallet_changes", "audit_entry"}


@pytest.fixture
def empty(databases: DatabaseFactory) -> Iterator[Callable[..., str]]:
    """A function that returns the URL of one more empty database, migrated or `bare`, without tables."""
    made: list[str] = []

    def make(backend: str, *, bare: bool = False) -> str:
        made.append(databases.blank(backend) if bare else databases.fresh(backend))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def cli(kassa: Kassa, tmp_path: Path) -> Cli:
    """The command line on the same database, with the same keys."""
    return Cli(str(kassa.settings.database_url), tmp_path, {"TICKETING_DATA_DIR": str(tmp_path)})


def on(cli: Cli, url: str) -> Cli:
    """Return the command line on another database."""
    return Cli(url, cli.folder, cli.environment)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def contents_of(url: str) -> dict[str, tuple[int, str]]:
    with opened(url) as database:
        return fingerprint(database)


def an_evening(kassa: Kassa) -> dict[str, Any]:
    """Let there be something of most kinds: sold, refunded in parts, signed, held, unpaid, admitted."""
    sign_codes(kassa.runtime, kassa.clock, TicketCodeKind.SIGNED)
    order, other = kassa.buy("s06", 2), kassa.buy("s06", 1)
    pay_in_two(kassa, other, 100_000)
    expect(kassa.refund(other, kassa.staff()), 201)
    with bank_refuses():
        kassa.work()
    kassa.order(kassa.hold("s06", 1))
    kassa.hold("s07", 1)
    kassa.open_doors()
    kassa.scan(kassa.device(), order["tickets"][0]["code"])
    return order


def same_but_for_renewal(before: Database, after: Database) -> bool:
    old, new = fingerprint(before), fingerprint(after)
    return {name for name in old if old[name] != new[name]} == RENEWED


def test_everything_moves_to_the_other_database(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    order = an_evening(kassa)
    file = cli.folder / "kassa.backup"
    said = cli.say("backup", file)
    assert "TICKETING_SECRET_KEY and TICKETING_CODE_KEYS" in said
    assert file.stat().st_mode & 0o777 == 0o600
    there = on(cli, empty(next(other for other in BACKENDS if other != backend)))
    said = there.say("restore", file)
    assert "the audit finds no fault" in said
    with opened(there.url) as restored:
        assert same_but_for_renewal(kassa.database, restored)
        with restored.reading() as session:
            assert (
                session.scalars(select(AuditEntry.action).order_by(AuditEntry.at.desc())).first() == "restore"
            )
    # Life goes on: numbers of rows follow on, codes can be shown, the door knows who is in.
    later = Kassa(there.url, cli.folder, clock=kassa.clock)
    assert later.read(order)["tickets"] == kassa.read(order)["tickets"]
    more = later.buy("s06", 1)
    assert later.scan(later.device(), more["tickets"][0]["code"])["verdict"] == "admit"
    assert later.scan(later.device(), order["tickets"][0]["code"])["reason"] == "already_in"
    assert later.broken_invariants() == []
    later.close()


def test_json_null_and_nothing_stay_two_things(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    kassa.staff()
    nothing = select(func.count()).where(AuditEntry.before.is_(None))
    null = text("SELECT count(*) FROM audit_entry WHERE CAST(before AS TEXT) = 'null'")

    def counts(database: Database) -> list[Any]:
        with database.reading() as session:
            return [session.scalar(nothing), session.scalar(null)]

    with kassa.database.transaction() as session:
        session.execute(text("UPDATE audit_entry SET before = NULL WHERE action = 'issue_token'"))
    before = counts(kassa.database)
    assert min(before) > 0
    cli.say("backup", cli.folder / "b")
    there = on(cli, empty(backend))
    there.say("restore", cli.folder / "b")
    with opened(there.url) as restored:
        assert counts(restored) == [before[0], before[1] + 1]  # and the restore's own


def test_phones_get_everything_after_a_restore(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    phone, held = kassa.device(), Held()
    kassa.buy("s06", 1)
    cli.say("backup", cli.folder / "b")
    lost = kassa.buy("s06", 1)
    held.apply(kassa.get("/api/v1/door/sync", phone).get_json())
    assert not kassa.get(f"/api/v1/door/sync?cursor={held.cursor}", phone).get_json()["full"]
    there = on(cli, empty(backend))
    there.say("restore", cli.folder / "b")
    later = Kassa(there.url, cli.folder, clock=kassa.clock)
    answer = later.get(f"/api/v1/door/sync?cursor={held.cursor}", phone).get_json()
    assert answer["full"]
    assert len(held.tickets) == 2
    held.apply(answer)
    assert len(held.tickets) == 1
    assert later.get(f"/api/v1/orders/{lost['order']}", order_auth(lost)).status_code == 404
    with later.database.reading() as session, kassa.database.reading() as old:
        assert session.scalar(select(Instance.epoch)) != old.scalar(select(Instance.epoch))
        # Phones with passes in their wallets know numbers that are lost.
        assert session.scalar(select(WalletChanges.count)) > old.scalar(select(WalletChanges.count)) + 1000
    later.close()


def test_sales_go_on_while_a_backup_is_written(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    file = cli.folder / "b"
    kassa.buy("s06", 1)
    sold, broken = written_while_buying(kassa, file, Database.snapshot, on(cli, empty(backend)))
    assert sold > 10
    assert broken == []
    if backend == "postgres":
        # Without one moment for all tables the backup would be torn; SQLite's transactions all have that.
        _, broken = written_while_buying(kassa, file, Database.reading, on(cli, empty(backend)))
        assert broken


def written_while_buying(
    kassa: Kassa, file: Path, look: Callable[[Database], Any], there: Cli
) -> tuple[int, list[str]]:
    """Buy before every fifth table is written; return how often, and what is broken when it is restored."""
    bought, add = [], ArchiveWriter.add

    def buy_and_add(writer: ArchiveWriter, name: str, *rest: Any) -> None:
        if len(bought) * 5 < len(tables):
            bought.append(kassa.buy("s06", 1))
        tables.append(name)
        add(writer, name, *rest)

    tables: list[str] = []
    with (
        patch.object(ArchiveWriter, "add", buy_and_add),
        look(kassa.database) as session,
        file.open("w+b") as target,
    ):
        write_backup(session, target, "", kassa.clock.now())
    with opened(there.url) as database:
        try:
            with database.rebuilding() as session, file.open("rb") as source:
                restore(session, Archive(source), kassa.clock.now())
        except Exception as error:  # noqa: BLE001 - a row is missing
            return len(bought), [str(error)]
    later = Kassa(there.url, there.folder, clock=kassa.clock)
    broken = later.broken_invariants()
    with later.database.reading() as session:
        assert broken or session.scalar(select(func.count()).select_from(Ticket)) == 1
    later.close()
    return len(bought), broken


def test_what_cannot_be_restored_changes_nothing(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    kassa.buy("s06", 1)
    file, bad = cli.folder / "b", cli.folder / "bad"
    cli.say("backup", file)
    raw = file.read_bytes()
    there = on(cli, empty(backend))
    before = contents_of(there.url)
    for contents in (b"", b"not a backup", raw[: len(raw) // 2], raw[:-1], raw.replace(b"PK", b"KP", 1)):
        bad.write_bytes(contents)
        assert "backup" in there.refused("restore", bad)
    assert "cannot be read" in there.refused("restore", cli.folder / "none")
    bad.write_bytes(rewritten(raw, revision="9999"))
    assert "newer version" in there.refused("restore", bad)
    bad.write_bytes(rewritten(raw, without={"scan"}))
    assert "not those of the schema" in there.refused("restore", bad)
    bad.write_bytes(rewritten(raw, emptied={"orders"}))
    assert "hold together" in (said := there.refused("restore", bad)) or "refuses" in said
    bad.write_bytes(rewritten(raw, environment="production"))
    assert "production" in there.refused("restore", bad)
    assert contents_of(there.url) == before
    # And the good one, when the process ends in the middle of it.
    with patch.object(restoring, "renew_sequences", side_effect=KeyboardInterrupt):
        assert there.run("restore", file).code == 130
    assert contents_of(there.url) == before
    full = kassa.fingerprint()
    assert "not empty" in cli.refused("restore", file)
    assert kassa.fingerprint() == full
    assert "exists" in cli.refused("backup", file)
    assert file.read_bytes() == raw
    assert sorted(path.name for path in cli.folder.glob("*b*")) == ["b", "bad"]


def test_a_database_with_tables_of_others_is_left_alone(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    cli.say("backup", cli.folder / "b")
    there = on(cli, empty(backend, bare=True))
    with opened(there.url) as database, database.transaction() as session:
        session.execute(text("CREATE TABLE somebody_elses (id INTEGER)"))
    assert "somebody_elses" in there.refused("restore", cli.folder / "b")
    with opened(there.url) as database:
        assert inspect(database.engine).get_table_names() == ["somebody_elses"]


def test_an_older_backup_is_brought_up_to_date(
    kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str
) -> None:
    an_evening(kassa)
    cli.say("backup", cli.folder / "b")
    older = cli.folder / "older"
    older.write_bytes(
        rewritten((cli.folder / "b").read_bytes(), revision="0028", without={"quarantined_scan"})
    )
    there = on(cli, empty(backend))
    there.say("restore", older)
    with opened(there.url) as restored:
        assert same_but_for_renewal(kassa.database, restored)


def test_a_backup_that_is_stopped_leaves_nothing(kassa: Kassa, cli: Cli) -> None:
    with patch.object(ArchiveWriter, "finish", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM)):
        assert cli.run("backup", cli.folder / "b").code == 128 + signal.SIGTERM
    assert list(cli.folder.glob("*b*")) == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_database_that_cannot_be_had_is_said_in_words(kassa: Kassa, cli: Cli) -> None:
    cli.say("backup", cli.folder / "b")
    for url in (f"sqlite:///{cli.folder}/none/x.db", f"postgresql:///x?host={cli.folder}", "what is this"):
        assert "database cannot be used" in on(cli, url).refused("restore", cli.folder / "b")


def test_other_keys_are_noticed(kassa: Kassa, cli: Cli, empty: Callable[..., str], backend: str) -> None:
    kassa.buy("s06", 1)
    cli.say("backup", cli.folder / "b")
    there = Cli(empty(backend), cli.folder / "other")
    done = there.run("restore", cli.folder / "b")
    assert (done.code, "TICKETING_CODE_KEYS" in done.err) == (0, True)
    assert "1 mail" in done.out or "tasks" in done.out


def test_a_database_behind_the_code_is_not_backed_up(
    empty: Callable[..., str], backend: str, tmp_path: Path
) -> None:
    assert "migrate" in Cli(empty(backend, bare=True), tmp_path).refused("backup", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def rewritten(
    raw: bytes,
    without: frozenset[str] | set[str] = frozenset(),
    emptied: frozenset[str] | set[str] = frozenset(),
    **changed: Any,
) -> bytes:
    """Return a backup that is whole and says something else."""
    source, target = Archive(BytesIO(raw)), BytesIO()
    with ArchiveWriter(target) as writer:
        for table in source.manifest.tables:
            if table.name not in without:
                writer.add(table.name, table.columns, () if table.name in emptied else source.rows(table))
        said = source.manifest
        facts = {
            "made_at": said.made_at,
            "about": said.about,
            "environment": said.environment,
            "revision": said.revision,
        }
        writer.finish(**{**facts, **changed})
    return target.getvalue()
