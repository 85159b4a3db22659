"""What a process remembers of the places it showed, and when it must look again."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import make_url, update

from tests.support.kassa import Kassa, expect
from tests.support.statements import statements
from ticketing.foundation.db import Database
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.watch import watch
from ticketing.inventory.live import LivePlaces, RememberedLive
from ticketing.inventory.models import Place

PLACES = "/api/v1/screenings/s06/places"
FREE = f"{PLACES}/free"


def tag(kassa: Kassa, path: str = PLACES) -> str:
    return kassa.get(path).headers["ETag"]


def status(kassa: Kassa, known: str, path: str = PLACES) -> int:
    return kassa.get(path, If_None_Match=known).status_code


def live(kassa: Kassa) -> LivePlaces:
    return kassa.desk.live.places("s06", kassa.clock.now())


def looks(kassa: Kassa, times: int) -> int:
    """Return how many statements so many looks cost."""
    with statements(kassa.database) as seen:
        for _ in range(times):
            live(kassa)
    return sum(statement.startswith("SELECT") for statement in seen)


@pytest.mark.parametrize("path", [PLACES, FREE])
def test_the_answer_unchanged_has_the_tag_the_headers_and_no_body(kassa: Kassa, path: str) -> None:
    known = tag(kassa, path)
    for name in (known, f"W/{known}", f'"other", {known}', "*"):
        answer = kassa.get(path, If_None_Match=name)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", known)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert kassa.get(path, If_None_Match='"other"').status_code == 200
    assert kassa.client.post(path, headers={"If-None-Match": known}).status_code == 405


def test_what_nobody_changed_is_not_looked_at_again(kassa: Kassa) -> None:
    live(kassa)
    assert looks(kassa, 5) == 0


def test_what_another_process_commits_is_seen_at_once(kassa: Kassa) -> None:
    known, free = tag(kassa), tag(kassa, FREE)
    other = Kassa(kassa.settings.database_url, kassa.settings.data_dir)
    try:
        held = other.hold(quantity=2)
        assert (status(kassa, known), status(kassa, free, FREE)) == (200, 200)
        assert not set(held["places"]) & set(kassa.free_places("s06"))
        expect(kassa.get(PLACES), 200)
        assert other.delete(f"/api/v1/holds/{held['hold']}", f"Hold {held['key']}").status_code == 204
        assert (tag(kassa), tag(kassa, FREE)) == (known, free)
    finally:
        other.close()


def test_what_one_did_oneself_is_seen_at_once(kassa: Kassa) -> None:
    known = tag(kassa)
    held = kassa.hold(quantity=1)
    assert status(kassa, known) == 200
    assert held["places"][0] not in kassa.free_places("s06")


def test_a_commit_that_touches_no_place_costs_a_look_and_changes_nothing(kassa: Kassa) -> None:
    known = tag(kassa)
    kassa.staff()
    assert looks(kassa, 1) > 0
    assert status(kassa, known) == 304


def test_a_transaction_that_is_given_up_changes_nothing(kassa: Kassa) -> None:
    kassa.hold(quantity=1)
    known = tag(kassa)

    def give_up() -> None:
        with kassa.database.transaction() as session:
            session.execute(update(Place).values(hold_id=None, held_until=None))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert status(kassa, known) == 304


def test_a_hold_that_ends_by_the_clock_alone_is_seen(kassa: Kassa) -> None:
    empty = tag(kassa)
    kassa.hold(quantity=1)
    kassa.clock.forward(minutes=3)
    kassa.hold(quantity=1)
    known = tag(kassa)
    kassa.clock.forward(minutes=7, seconds=-1)
    assert status(kassa, known) == 304
    kassa.clock.forward(seconds=1)
    assert status(kassa, known) == 200
    known = tag(kassa)
    kassa.clock.forward(minutes=3)
    assert (status(kassa, known), tag(kassa)) == (200, empty)


def test_sales_end_by_the_clock_alone(kassa: Kassa) -> None:
    known = tag(kassa)
    starts_at = expect(kassa.get("/api/v1/screenings/s06"), 200)["starts_at"]
    kassa.clock.at = type(kassa.clock.at).fromisoformat(starts_at) - timedelta(seconds=1)
    known = tag(kassa)
    kassa.clock.forward(seconds=1)
    assert status(kassa, known) == 200
    assert kassa.free_places("s06") == []
    kassa.clock.forward(seconds=-1)
    assert status(kassa, known) == 304


def test_an_unknown_screening_is_not_remembered(kassa: Kassa) -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError):
            kassa.desk.live.places("s99", kassa.clock.now())
    assert kassa.get("/api/v1/screenings/s99/places", If_None_Match='"x"').status_code == 404


def test_a_stamp_stands_while_nothing_is_committed(kassa: Kassa) -> None:
    first = kassa.database.watch.stamp()
    assert kassa.database.watch.stamp() == first
    kassa.staff()
    assert kassa.database.watch.stamp() != first


def test_a_database_that_cannot_be_asked_has_a_new_stamp_every_time(kassa: Kassa) -> None:
    url = kassa.database.url
    gone = url.set(database=f"{url.database}/none") if kassa.database.is_sqlite else url.set(port=1)
    nobody = watch(make_url(gone))
    assert nobody.stamp() != nobody.stamp()
    nobody.close()


def test_a_closed_watch_opens_again(kassa: Kassa) -> None:
    first = kassa.database.watch.stamp()
    kassa.database.watch.close()
    kassa.database.watch.close()
    kassa.staff()
    assert kassa.database.watch.stamp() != first


def test_a_forked_process_asks_on_a_connection_of_its_own(kassa: Kassa) -> None:
    live(kassa)
    child = os.fork()
    if child == 0:
        database = Database(kassa.settings.database_url)
        database.watch = kassa.database.watch  # what a fork inherits
        seen = RememberedLive(database).places("s06", kassa.clock.now())
        os._exit(0 if seen.count > 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert looks(kassa, 1) == 0
    held = kassa.hold(quantity=1)["places"]
    assert not set(held) & set(kassa.free_places("s06"))
