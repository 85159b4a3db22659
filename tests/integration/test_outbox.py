"""The outbox: at least once, dead letters after ten failures; the ledger: only what adds up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from tests.support.kassa import SettableClock
from ticketing.foundation.db import Database
from ticketing.foundation.ids import new_id
from ticketing.foundation.models import OutboxEntry
from ticketing.foundation.outbox import LEASE, MOST_ATTEMPTS, drain, emit
from ticketing.foundation.worker import Job, Worker
from ticketing.sales.ledger import EntryOf, Side, post

NOW = datetime(2024, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Greeting:
    kind: ClassVar[str] = "greeting"
    name: str


def emitted(database: Database, name: str = "Дана") -> None:
    with database.transaction() as session:
        emit(session, Greeting(name), NOW)


def entry(database: Database) -> OutboxEntry:
    with database.reading() as session:
        return session.scalars(select(OutboxEntry)).one()


class Failing:
    """A handler that fails as often as it is told."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.seen: list[str] = []

    def __call__(self, payload: Mapping[str, Any]) -> None:
        self.seen.append(payload["name"])
        if len(self.seen) <= self.times:
            raise OSError("the mail server is away")


def test_an_effect_is_carried_out_once_when_all_goes_well(database: Database) -> None:
    emitted(database)
    handler = Failing(0)
    assert drain(database, {"greeting": handler}, NOW) == 1
    assert drain(database, {"greeting": handler}, NOW + timedelta(days=1)) == 0
    assert handler.seen == ["Дана"]
    assert entry(database).done_at == NOW


def test_nothing_is_carried_out_of_what_was_rolled_back(database: Database) -> None:
    def emit_and_fail() -> None:
        with database.transaction() as session:
            emit(session, Greeting("nobody"), NOW)
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        emit_and_fail()
    assert drain(database, {}, NOW) == 0


def test_a_failure_is_tried_again_later_and_later(database: Database) -> None:
    emitted(database)
    handler, clock, waits = Failing(3), NOW, []
    for _ in range(4):
        drain(database, {"greeting": handler}, clock)
        assert drain(database, {"greeting": handler}, clock) == 0
        waits.append(entry(database).due_at - clock)
        clock = entry(database).due_at
    assert len(handler.seen) == 4
    assert waits[0] < waits[1] < waits[2]
    assert entry(database).done_at is not None
    assert entry(database).error is None


def test_after_ten_failures_it_is_a_dead_letter(database: Database) -> None:
    emitted(database)
    handler, clock = Failing(99), NOW
    for _ in range(MOST_ATTEMPTS + 3):
        drain(database, {"greeting": handler}, clock)
        clock += timedelta(hours=2)
    dead = entry(database)
    assert len(handler.seen) == dead.attempts == MOST_ATTEMPTS
    assert dead.dead_at is not None
    assert "the mail server is away" in (dead.error or "")


def test_an_effect_that_nobody_knows_is_kept(database: Database) -> None:
    emitted(database)
    assert drain(database, {}, NOW) == 1
    assert entry(database).done_at is None


def test_a_worker_that_dies_is_taken_over_after_its_lease(database: Database) -> None:
    emitted(database)

    def die(_payload: Mapping[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drain(database, {"greeting": die}, NOW)
    handler = Failing(0)
    assert drain(database, {"greeting": handler}, NOW + LEASE - timedelta(seconds=1)) == 0
    assert drain(database, {"greeting": handler}, NOW + LEASE) == 1
    assert handler.seen == ["Дана"]


def test_the_worker_runs_its_jobs_in_their_time_and_outlives_their_faults(database: Database) -> None:
    clock, ran = SettableClock(NOW), []
    job = Job(name="often", every=timedelta(seconds=5), run=ran.append)
    worker = Worker(database, clock, {"greeting": Failing(0)}, [job])
    emitted(database)
    assert worker.step() == 1
    clock.forward(seconds=4)
    worker.step()
    clock.forward(seconds=1)
    worker.step()
    assert ran == [NOW, NOW + timedelta(seconds=5)]

    def stop_and_fail(_now: datetime) -> None:
        broken.stop()
        raise OSError("the database is away")

    broken = Worker(database, clock, {}, [Job(name="bad", every=timedelta(seconds=1), run=stop_and_fail)])
    broken.run()


def test_the_ledger_refuses_what_does_not_add_up(database: Database) -> None:
    about = EntryOf(kind="sale", order_id=new_id(NOW), gateway="demo", currency="KZT")
    with pytest.raises(ValueError, match="add up"), database.transaction() as session:
        post(session, about, [Side("gateway", 100), Side("tickets", -99)], NOW)
    with database.transaction() as session:
        post(session, about, [Side("gateway", 0), Side("tickets", 0)], NOW)  # sides of nothing are no lines
