"""The commands that keep a festival: `backup`, `restore`, `edition new`."""

import hashlib
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from sqlalchemy import select
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from ticketing.boxoffice.edition import begin_edition, read_edition
from ticketing.catalogue.models import Festival, Hall, SeatPlan
from ticketing.foundation.actor import OPERATOR
from ticketing.foundation.archive import Archive, ArchiveError
from ticketing.foundation.backup import new_file, write_backup
from ticketing.foundation.clock import SystemClock
from ticketing.foundation.config import Settings, load_settings
from ticketing.foundation.db import BrokenReferencesError, Database
from ticketing.foundation.migrations import require_ready
from ticketing.foundation.restore import Waiting, restore
from ticketing.foundation.security import CodeVault, InvalidToken
from ticketing.reports.invariants import check_invariants
from ticketing.staff.audit import Deed, record
from ticketing.staff.models import StaffAccount
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.registry import leave_behind

_BLOCK = 1 << 20
_KEYS = "TICKETING_SECRET_KEY and TICKETING_CODE_KEYS"


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into a new FILE, while web and worker run."""
    settings = load_settings()
    with _ending_in_order(), _database(settings.database_url) as database, new_file(file) as target:
        require_ready(database, settings.environment)
        with database.snapshot() as session:
            manifest = write_backup(session, target, _about(session), SystemClock().now())
        digest = _digest(target)
    click.echo(f"backed up {manifest.about}: {len(manifest.tables)} tables, {manifest.rows} rows, read again")
    click.echo(f"SHA-256 {digest}  {file}")
    where = f" (here {settings.data_dir / 'secret.key'} and code.key)" if settings.is_demo else ""
    click.echo(
        f"The keys are not in it: {_KEYS}{where}. Keep them too, and elsewhere: without them a restored "
        "database can show no ticket, and with them and this file a thief has all."
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore_backup(file: Path) -> None:
    """Fill an empty database from FILE: all of it or nothing; exit 1 too if the audit finds a fault in it."""
    settings = load_settings()
    now = SystemClock().now()
    with _archive(file) as archive, _database(settings.database_url) as database:
        manifest = archive.manifest
        if manifest.environment != settings.environment:
            message = f"the backup is of {manifest.environment}; TICKETING_ENV says {settings.environment}"
            raise ArchiveError(message)
        try:
            with database.rebuilding() as session:
                waiting = restore(session, archive, now)
                leave_behind(session)
                after = {"made_at": manifest.made_at.isoformat(), "rows": manifest.rows}
                deed = Deed(action="restore", object_kind="festival", object_id="1", after=after)
                record(session, OPERATOR, deed, now)
        except BrokenReferencesError as error:
            message = f"the backup does not hold together: {error}"
            raise ArchiveError(message) from error
        moment = manifest.made_at.isoformat(timespec="seconds")
        click.echo(f"restored {manifest.about} as of {moment}: {manifest.rows} rows")
        _say_what_follows(waiting)
        with database.reading() as session:
            sealed = session.scalar(select(Ticket.code_sealed).limit(1))
            broken = [line for result in check_invariants(session, now) for line in result.broken]
    _say_whether_keys_fit(settings, sealed)
    for line in broken:
        click.echo(f"audit: {line}", err=True)
    click.echo("the audit finds faults in what was restored" if broken else "the audit finds no fault")
    sys.exit(1 if broken else 0)


@click.group("edition")
def edition() -> None:
    """Editions of the festival: a database each."""


@edition.command("new")
@click.argument("name")
@click.option("--to", "target", help="A new SQLite file, or the URL of an empty database.")
def edition_new(name: str, target: str | None) -> None:
    """Make the database of the next edition, NAME, with halls, plans, staff and settings of this one."""
    settings = load_settings()
    if not name.strip():
        raise ArchiveError("the edition needs a name")
    with _database(settings.database_url) as database:
        require_ready(database, settings.environment)
        with database.snapshot() as session:
            kept = read_edition(session)
        url = _target(database, target, kept.next_code)
    with _database(url) as database, database.rebuilding() as session:
        begin_edition(session, kept, name.strip(), settings.environment, OPERATOR, SystemClock().now())
    halls, plans, accounts = (kept.count(model) for model in (Hall, SeatPlan, StaffAccount))
    click.echo(f"made {kept.next_code}: {halls} halls, {plans} plans, {accounts} accounts")
    click.echo(
        "It has no programme, no scanners and no keys of signed codes yet. Give it a data folder of its own, "
        "import its programme, and run it with TICKETING_DATABASE_URL set to"
    )
    click.echo(database.url.render_as_string(hide_password=True))


def _target(database: Database, target: str | None, code: str) -> str:
    if target is not None:
        return target if "://" in target else f"sqlite:///{Path(target).absolute()}"
    if not database.is_sqlite:
        raise ArchiveError("say with --to which empty database the edition is to be made in")
    return f"sqlite:///{Path(database.url.database or '').absolute().with_name(f'kassa-{code}.db')}"


def _about(session: Session) -> str:
    found = session.execute(select(Festival.code, Festival.name)).one_or_none()
    return "a database without a festival" if found is None else f"{found.code}, {found.name.en}"


def _say_what_follows(waiting: Waiting) -> None:
    click.echo("phones at the door get everything anew with their next sync")
    if waiting.effects or waiting.mails:
        click.echo(
            f"waiting since the backup: {waiting.effects} tasks, {waiting.mails} mails; the worker does "
            "them when it starts, also those that it had done before the loss"
        )


def _say_whether_keys_fit(settings: Settings, sealed: str | None) -> None:
    if sealed is None:
        return
    try:
        CodeVault(settings.code_keys).open(sealed)
    except InvalidToken:
        click.echo(
            "TICKETING_CODE_KEYS are not those of this backup: its tickets count at the door, but cannot "
            "be shown or sent before the right keys are set",
            err=True,
        )


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def _database(url: str) -> Iterator[Database]:
    """Open a database. Raises ArchiveError when it cannot be reached or written to."""
    try:
        database = Database(url)
        try:
            yield database
        finally:
            database.close()
    except (OSError, OperationalError, ArgumentError) as error:
        message = f"the database cannot be used: {getattr(error, 'orig', error)}"
        raise ArchiveError(message) from error


@contextmanager
def _archive(path: Path) -> Iterator[Archive]:
    try:
        file = path.open("rb")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArchiveError(message) from None
    with file:
        yield Archive(file)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a command that is stopped take its unfinished file away."""
    ends = (signal.SIGTERM, signal.SIGHUP)
    before = {end: signal.signal(end, lambda number, _frame: sys.exit(128 + number)) for end in ends}
    try:
        yield
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
