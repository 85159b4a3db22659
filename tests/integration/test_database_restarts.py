"""A database that is not to be had: its server was started anew, or another program writes its file."""

from contextlib import closing
from sqlite3 import connect

import pytest
from sqlalchemy import select, text

from tests.support.kassa import Kassa, expect_problem
from ticketing.catalogue.models import Festival
from ticketing.foundation import db
from ticketing.foundation.db import Database
from ticketing.foundation.errors import BusyError

_END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def restarted(kassa: Kassa) -> Kassa:
    """A festival whose open connections have just been ended by the server."""
    if kassa.database.is_sqlite:
        pytest.skip("a file has no server")
    kassa.free_places("s06")
    with kassa.database.reading() as session:
        session.scalar(select(Festival.id))
    other = Database(kassa.database.url.render_as_string(hide_password=False))
    with other.reading() as session:
        session.execute(_END_THE_OTHERS)
    other.close()
    return kassa


def test_a_connection_that_has_rested_is_asked_first(
    restarted: Kassa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_RESTED_SECONDS", 0.0)
    with restarted.database.reading() as session:
        assert session.scalar(select(Festival.id)) == 1
    with restarted.database.transaction() as session:
        assert session.scalar(select(Festival.id)) == 1


def test_one_that_was_used_a_moment_ago_is_busy_once(restarted: Kassa) -> None:
    with pytest.raises(BusyError), restarted.database.reading() as session:
        session.scalar(select(Festival.id))
    with restarted.database.reading() as session:
        assert session.scalar(select(Festival.id)) == 1


def test_a_buyer_is_asked_to_try_again(restarted: Kassa) -> None:
    wanted = {"screening": "s06", "quantity": 1}
    answers = [restarted.post("/api/v1/holds", wanted) for _ in range(2)]
    expect_problem(answers[0], 503, "busy")
    assert answers[0].headers["Retry-After"]
    assert answers[1].status_code == 201


def test_a_file_that_somebody_else_writes_is_busy(kassa: Kassa, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kassa.database.is_sqlite:
        pytest.skip("a server lets many write")
    monkeypatch.setattr(db, "_WAIT_SECONDS", 0.1)
    impatient = Database(kassa.database.url.render_as_string())
    with closing(connect(kassa.database.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError), impatient.transaction():
            pytest.fail("it was not refused")
        other.execute("ROLLBACK")
    with impatient.transaction() as session:
        assert session.scalar(select(Festival.id)) == 1
    impatient.close()
