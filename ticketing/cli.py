"""The command line. Each command is an edge: it opens transactions and calls services."""

import logging
import secrets
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import click

import ticketing.models  # noqa: F401 - the mapper must know every table before the first query
from ticketing.app import (
    create_app,
    mail_sender,
    make_gateways,
    make_register,
    make_runtime,
    pass_pusher,
)
from ticketing.archive_cli import backup, edition, restore_backup
from ticketing.boxoffice.programme import apply_programme
from ticketing.boxoffice.programme_export import stored_programme
from ticketing.boxoffice.programme_screenings import ImportReport
from ticketing.catalogue.programme.faults import ProgrammeError, describe
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.write import write_programme
from ticketing.demo_run import load_demo, run_demo
from ticketing.door.devices import offer_pairing
from ticketing.door.edge import release_to_rush_lines
from ticketing.foundation.actor import OPERATOR
from ticketing.foundation.archive import ArchiveError
from ticketing.foundation.config import ConfigurationError, load_settings
from ticketing.foundation.errors import DomainError
from ticketing.foundation.idempotency import forget_old
from ticketing.foundation.migrations import require_ready, upgrade
from ticketing.foundation.web import Runtime
from ticketing.foundation.worker import Job, Worker
from ticketing.inventory.edge import release_kept_places
from ticketing.relay.command import relay
from ticketing.reports.invariants import check_invariants
from ticketing.sales.cancelling import refund_cancelled
from ticketing.sales.edge import gateways
from ticketing.sales.handlers import handlers
from ticketing.sales.inbox import Inbox
from ticketing.sales.notices import EVERY as REMINDERS_EVERY
from ticketing.sales.notices import write_reminders
from ticketing.sales.receipts import EVERY as RECEIPTS_EVERY
from ticketing.sales.receipts import make_missing
from ticketing.sales.reconciling import EVERY, PAYOUTS_EVERY, Reconciler
from ticketing.sales.registering import Registering
from ticketing.sales.reissuing import ask_reissue, exposed
from ticketing.staff.accounts import Role, add_account, issue_token
from ticketing.tickets.keys import list_keys, publish_key, retire_key, revoke_key

_MOST_FAULTS = 100


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Kassa: ticketing and venue check-in for film festivals."""


cli.add_command(relay)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    upgrade(settings.database_url, settings.environment)
    click.echo("the database is up to date")


@cli.group()
def programme() -> None:
    """Import or export the programme."""


@programme.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_programme(source: Path, *, dry_run: bool) -> None:
    """Import a folder of CSV files or one .xlsx workbook: all or nothing."""
    here = _ready()
    parsed = parse_programme(source)
    with here.database.transaction() as session, session.begin_nested() as applied:
        report = apply_programme(session, parsed, OPERATOR, here.clock.now())
        if dry_run:
            applied.rollback()
    _say_report(report, dry_run=dry_run)


@programme.command("export")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def export_programme(folder: Path | None) -> None:
    """Write the programme as CSV files that can be imported again; by default below the data folder."""
    here = _ready()
    folder = folder or here.settings.data_dir / "programme"
    with here.database.reading() as session:
        stored = stored_programme(session)
    write_programme(stored, folder)
    click.echo(f"written to {folder}")


@cli.group()
def demo() -> None:
    """Play the demo festival."""


@demo.command("load")
def demo_load() -> None:
    """Load the demo festival, its first day 7 to 13 days ahead."""
    here = _ready()
    _say_report(load_demo(here), dry_run=False)


@demo.command("run")
def demo_run() -> None:
    """Migrate, load the demo festival into an empty database, start web and worker; Ctrl-C stops all."""
    sys.exit(run_demo())


@cli.group()
def staff() -> None:
    """Accounts of staff."""


@staff.command("add")
@click.option("--login", required=True, help="A mail address or a short name.")
@click.option("--name", required=True, help="The name that the audit trail shows.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--password", help="Left out, one is made up and printed.")
def staff_add(login: str, name: str, role: str, password: str | None) -> None:
    """Add an account; a made-up password is the last word printed."""
    here = _ready()
    chosen = password or secrets.token_urlsafe(9)
    with here.database.transaction() as session:
        add_account(session, login, name, Role(role), chosen, OPERATOR, here.clock.now())
    click.echo(f"added {login}" if password else f"added {login}, password {chosen}")


@cli.group()
def token() -> None:
    """Tokens of other programs."""


@token.command("issue")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--name", default="api", show_default=True, help="What the audit trail shows.")
def token_issue(role: str, name: str) -> None:
    """Issue an API token; it is the last word printed, this once."""
    here = _ready()
    with here.database.transaction() as session:
        issued = issue_token(session, Role(role), name, OPERATOR, here.clock.now())
    click.echo(f"token for {role}: {issued}")


@cli.group()
def door() -> None:
    """Scanners at the door."""


@door.command("pair")
@click.option("--venue", help="The venue's code; left out, the scanner serves all venues.")
@click.option("--name", default="Scanner", show_default=True)
def door_pair(venue: str | None, name: str) -> None:
    """Offer a pairing code, good once within ten minutes; it is the last word printed."""
    here = _ready()
    with here.database.transaction() as session:
        code = offer_pairing(session, venue, name, OPERATOR, here.clock.now())
    click.echo(f"pairing code, good for ten minutes: {code}")


@cli.group()
def keys() -> None:
    """Keys that sign ticket codes."""


@keys.command("list")
def keys_list() -> None:
    """List the keys, the newest first: number, state, from when on it signs, valid tickets of it."""
    here = _ready()
    with here.database.reading() as session:
        rows = list_keys(session, here.clock.now())
    for row in rows:
        known = "known to phones" if row.published else "unknown to phones"
        signs = row.signs_from.isoformat(timespec="minutes")
        click.echo(f"{row.number}: {row.state}, {known}, signs from {signs}, {row.tickets} tickets")


@keys.command("new")
@click.option("--reason", required=True, help="What the audit trail shows.")
def keys_new(reason: str) -> None:
    """Publish the next key; its number is the last word printed."""
    here = _ready()
    with here.database.transaction() as session:
        key = publish_key(session, here.vault, reason, OPERATOR, here.clock.now())
        signs, number = key.signs_from.isoformat(timespec="minutes"), key.number
    click.echo(f"published, signs from {signs}: {number}")


@keys.command("retire")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What the audit trail shows.")
def keys_retire(number: int, reason: str) -> None:
    """Let a key sign no more; phones know it as long as its tickets can come."""
    here = _ready()
    with here.database.transaction() as session:
        retire_key(session, number, reason, OPERATOR, here.clock.now())
    click.echo(f"retired {number}")


@keys.command("revoke")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What the audit trail shows.")
@click.option("--reissue", is_flag=True, help="Let the worker reissue its tickets.")
def keys_revoke(number: int, reason: str, *, reissue: bool) -> None:
    """Let a leaked key count no more, at once; says how many of its tickets are to be reissued."""
    here = _ready()
    now = here.clock.now()
    with here.database.transaction() as session:
        revoke_key(session, number, reason, OPERATOR, now)
        found = sum(one.tickets for one in exposed(session, number, now))
        if reissue:
            ask_reissue(session, number, reason, OPERATOR, now)
    click.echo(f"revoked {number}; {'being reissued' if reissue else 'to be reissued'}: {found}")


@cli.command()
def worker() -> None:
    """Send mails, end overdue orders, release kept places in time, follow refunds, until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    here = _ready(gives_way=True)
    calls = gateways(here, make_gateways(here))
    inbox = Inbox(calls)
    reconciler = Reconciler(calls, inbox)
    registering = Registering(here.database, make_register(here), here.clock)
    jobs = (
        Job(name="overdue orders", every=timedelta(seconds=5), run=calls.end_overdue),
        Job(name="left events", every=timedelta(seconds=30), run=lambda _now: inbox.process_left_events()),
        Job(name="reconciliation", every=EVERY, run=reconciler.reconcile),
        Job(name="payouts", every=PAYOUTS_EVERY, run=reconciler.compare_payouts),
        Job(
            name="kept places",
            every=timedelta(seconds=20),
            run=lambda now: release_kept_places(here.database, now),
        ),
        Job(
            name="rush lines",
            every=timedelta(seconds=10),
            run=lambda now: release_to_rush_lines(here.database, now),
        ),
        Job(
            name="cancelled screenings",
            every=timedelta(seconds=5),
            run=lambda now: refund_cancelled(here.database, now),
        ),
        Job(name="reminders", every=REMINDERS_EVERY, run=lambda now: write_reminders(here, now)),
        Job(name="receipts", every=RECEIPTS_EVERY, run=lambda now: make_missing(here.database, now)),
        Job(name="register", every=timedelta(seconds=5), run=registering.send_due),
        Job(name="old keys", every=timedelta(hours=1), run=lambda now: forget_old(here.database, now)),
    )
    loop = Worker(here.database, here.clock, handlers(here, calls), jobs)
    # A mail server that is slow must not keep refunds waiting.
    sender = mail_sender(create_app(here.settings, gives_way=True))
    post = Worker(here.database, here.clock, {}, (Job(name="mails", every=timedelta(), run=sender.send_due),))

    # Nor must Apple's push service.
    pushes = _pushes(here)

    def stop(*_: object) -> None:
        loop.stop()
        post.stop()
        if pushes is not None:
            pushes.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    aside = [threading.Thread(target=post.run, name="mails")]
    if pushes is not None:
        aside.append(threading.Thread(target=pushes.run, name="wallet pushes"))
    for thread in aside:
        thread.start()
    loop.run()
    for thread in aside:
        thread.join()


@cli.command()
def audit() -> None:
    """Check the invariants on the live database; exit 1 if one is broken."""
    here = _ready()
    with here.database.reading() as session:
        results = check_invariants(session, here.clock.now())
    for result in results:
        click.echo(f"{result.name}: {'holds' if not result.broken else 'BROKEN'}")
        for line in result.broken:
            click.echo(f"  {line}")
    sys.exit(1 if any(result.broken for result in results) else 0)


for more in (backup, restore_backup, edition):
    cli.add_command(more)


def _ready(*, gives_way: bool = False) -> Runtime:
    settings = load_settings()
    here = make_runtime(settings, gives_way=gives_way)
    require_ready(here.database, settings.environment)
    return here


def _pushes(here: Runtime) -> Worker | None:
    pusher = pass_pusher(here)
    if pusher is None:
        return None
    job = Job(name="wallet pushes", every=timedelta(seconds=2), run=pusher.send_due)
    return Worker(here.database, here.clock, {}, (job,))


def _say_report(report: ImportReport, *, dry_run: bool) -> None:
    verb = "would be " if dry_run else ""
    click.echo(f"{report.added} {verb}added, {report.changed} {verb}changed")
    for screening, field, stands, says in report.conflicts:
        click.echo(f"left as it is: {screening}, {field}: here {stands}, in the files {says}")


def _say_faults(error: ProgrammeError) -> None:
    for fault in error.faults[:_MOST_FAULTS]:
        click.echo(describe(fault), err=True)
    if len(error.faults) > _MOST_FAULTS:
        click.echo(f"and {len(error.faults) - _MOST_FAULTS} more", err=True)
    click.echo("nothing was changed", err=True)


def main() -> NoReturn:
    """Run a command; what is wrong is said in words, not in a traceback."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except ProgrammeError as error:
        _say_faults(error)
    except DomainError as error:
        click.echo(f"{error.code} {error.params or ''}".strip(), err=True)
    except ArchiveError as error:
        click.echo(str(error), err=True)
    except ConfigurationError as error:
        click.echo(f"configuration: {error}", err=True)
    sys.exit(1)
