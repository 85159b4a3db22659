"""A small festival in this process: the real app over a real database, with a clock that tests can set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from tests.support.calls import Caller, InProcess
from ticketing.app import create_app, make_gateways, make_runtime
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.values import Programme
from ticketing.door.devices import offer_pairing, pair
from ticketing.door.edge import release_to_rush_lines
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.config import load_settings
from ticketing.foundation.db import Database, metadata
from ticketing.foundation.outbox import drain
from ticketing.foundation.web import Runtime
from ticketing.inventory.edge import release_kept_places
from ticketing.reports.invariants import check_invariants
from ticketing.sales.edge import gateways
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.handlers import handlers
from ticketing.sales.inbox import Inbox
from ticketing.staff.accounts import Role, issue_token

SMALL_FESTIVAL = Path(__file__).parent / "small_festival"
# Doors open at 11:00 in Almaty (UTC+5), sales close at 15:00.
MORNING = datetime(2030, 6, 1, 6, 30, tzinfo=UTC)
# What stands before the first sale; everything else is emptied between examples.
_KEPT = {
    "instance", "festival", "venue", "seat_plan", "hall", "programme_section", "film", "price_list", "price",
    "screening_film", "screening", "place", "api_token", "device",
}  # fmt: skip


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.time

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


@dataclass(frozen=True, kw_only=True)
class House:
    """The app with its runtime, gateways and outbox handlers; a staff token and the tokens of two phones."""

    app: Flask
    call: Caller
    clock: SetClock
    runtime: Runtime
    calls: GatewayCalls
    staff: str
    phones: tuple[str, ...]

    @property
    def inbox(self) -> Inbox:
        """What takes in notifications."""
        return Inbox(self.calls)

    @property
    def database(self) -> Database:
        """The database."""
        return self.runtime.database

    def now(self) -> str:
        """Return the clock's time as the API wants it."""
        return self.clock.now().isoformat()

    def work(self) -> None:
        """Do once everything that the worker does."""
        now = self.clock.now()
        self.calls.end_overdue(now)
        release_kept_places(self.database, now)
        release_to_rush_lines(self.database, now)
        self.inbox.process_left_events()
        while drain(self.database, handlers(self.runtime, self.calls), now):
            continue

    def rows(self, statement: str, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Read with plain SQL, past everything that is tested."""
        with self.database.reading() as session:
            return [tuple(row) for row in session.execute(text(statement), values or {})]

    def value(self, statement: str, values: Mapping[str, object] | None = None) -> Any:
        """Return the one value that a statement selects."""
        return self.rows(statement, values)[0][0]

    def require_invariants(self) -> None:
        """Fail with what breaks I1 to I5."""
        require_invariants(self.database, self.clock.now())

    def empty(self) -> None:
        """Remove every sale and scan, and set the clock to morning; the festival and its staff stay."""
        with self.database.transaction() as session:
            session.execute(
                text(
                    "UPDATE place SET hold_id = NULL, held_until = NULL, order_id = NULL, ticket_id = NULL,"
                    " allocation_id = NULL, killed = (1 = 0), rush = (1 = 0), kill_reason = ''"
                )
            )
            for table in reversed(metadata.sorted_tables):
                if table.name not in _KEPT:
                    session.execute(table.delete())
        self.clock.time = MORNING

    def close(self) -> None:
        """Close the pools of the app and of the worker."""
        self.runtime.database.close()
        self.app.extensions["kassa"].database.close()


def open_house(
    database_url: str, folder: Path, *, phones: int = 2, programme: Programme | None = None
) -> House:
    """Load a programme, else the small festival, into a migrated, empty database and open the app on it."""
    clock = SetClock(MORNING)
    settings = load_settings({"TICKETING_DATABASE_URL": database_url, "TICKETING_DATA_DIR": str(folder)})
    app = create_app(settings, clock)
    runtime = make_runtime(settings, clock)
    for database in (runtime.database, app.extensions["kassa"].database):
        _hasten(database)
    with runtime.database.transaction() as session:
        apply_programme(session, programme or parse_programme(SMALL_FESTIVAL), SYSTEM, MORNING)
        staff = issue_token(session, Role.BOXOFFICE, "test", SYSTEM, MORNING)
        tokens = tuple(
            pair(session, offer_pairing(session, None, f"Phone {n}", SYSTEM, MORNING), MORNING).token
            for n in range(phones)
        )
    return House(
        app=app,
        call=InProcess(app),
        clock=clock,
        runtime=runtime,
        calls=gateways(runtime, make_gateways(runtime)),
        staff=staff,
        phones=tokens,
    )


def require_invariants(database: Database, now: datetime) -> None:
    """Fail with what breaks I1 to I5 in a database."""
    with database.reading() as session:
        broken = [result for result in check_invariants(session, now) if result.broken]
    assert not broken, "\n".join(f"{result.name}: {'; '.join(result.broken)}" for result in broken)


def _hasten(database: Database) -> None:
    """Let SQLite answer before the disk does: the data is thrown away, and locking stays as it ships."""
    if database.is_sqlite:
        event.listen(database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        database.engine.dispose()
