"""Phones, counter and staff want the same places at once; each guard is shown to be needed without it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import sqlalchemy

from tests.support import rush
from tests.support.calls import hold
from tests.support.house import House
from tests.support.together import together
from ticketing.door import rush_leases

pytestmark = pytest.mark.usefixtures("phones_apart")
PHONES = 8
ROUNDS = 4


def granted(house: House) -> list[int]:
    """Return how many places each phone has, by what the database says."""
    return [row[0] for row in house.rows("SELECT count(*) FROM rush_place GROUP BY device_id")]


def test_eight_phones_never_lease_more_places_than_there_are(house: House) -> None:
    for _ in range(ROUNDS):
        house.empty()
        rush.release(house, "gift")
        told = together(*[partial(rush.lease, house, phone, "gift", 3) for phone in range(PHONES)])
        places = [one["place"] for line in told for one in line["leases"]]
        assert len(places) == len(set(places)) <= 6
        assert sum(granted(house)) == 6
        house.require_invariants()


def test_without_the_condition_two_phones_lease_one_place(
    house: House, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: what the test above would see if a lease did not look at the row."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: both cannot have read")
    unlocked = rush_leases.best_free()
    unlocked._for_update_arg = None
    both_have_read = Barrier(2)
    monkeypatch.setattr(rush_leases, "_FIND", unlocked)
    monkeypatch.setattr(rush_leases, "_LEASE", rush_leases.lease_statement(sqlalchemy.true()))
    count = rush_leases.door_closes

    def read_and_wait(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):
            both_have_read.wait(10)
        return count(*arguments)

    monkeypatch.setattr(rush_leases, "door_closes", read_and_wait)
    rush.release(house, "gift")
    seen = set()
    for _ in range(12):
        first, second = together(*[partial(rush.lease, house, phone, "gift", 3) for phone in range(2)])
        seen |= {one["place"] for one in first["leases"]} & {one["place"] for one in second["leases"]}
        for phone, line in enumerate((first, second)):
            rush.lease(house, phone, "gift", 0, tuple(one["place"] for one in line["leases"]))
    assert seen


def test_counter_and_release_never_both_have_a_place(house: House) -> None:
    for _ in range(ROUNDS):
        house.empty()
        sellers: list[Callable[[], Any]] = [partial(hold, house.call, "gift", 2)] * 4
        answers = together(*sellers, partial(rush.release, house, "gift"))
        held = sum(len(one.body["places"]) for one in answers[:4] if one.status == 201)
        assert held + answers[4].unsold == 6
        house.require_invariants()


def test_slips_at_many_doors_admit_as_many_as_there_are_places(house: House) -> None:
    for _ in range(ROUNDS):
        house.empty()
        codes = rush.slips(house, "gift", PHONES)
        rush.call(house, "gift", PHONES)
        rush.release(house, "gift")
        [mine, *_] = rush.lease(house, 0, "gift", 1)["leases"]
        scans = [partial(rush.show, house, phone, code, "gift") for phone, code in enumerate(codes)]
        scans[0] = partial(rush.show, house, 0, codes[0], "gift", place=mine["place"])
        answers = together(*scans)
        reasons = Counter(one["reason"] for one in answers)
        # Who is refused while the first phone has not yet used its lease is told so.
        assert reasons["ok"] == 6
        assert reasons.keys() <= {"ok", "full", "lease_spent"}
        assert answers[0]["place"] == mine["place"]
        assert len({one["place"] for one in answers if one["reason"] == "ok"}) == 6
        house.require_invariants()


def test_one_slip_at_eight_doors_is_let_in_once(house: House) -> None:
    for _ in range(ROUNDS):
        house.empty()
        [code] = rush.slips(house, "gift", 1)
        rush.call(house, "gift", 1)
        rush.release(house, "gift")
        answers = together(*[partial(rush.show, house, phone, code, "gift") for phone in range(PHONES)])
        assert Counter(one["reason"] for one in answers) == {"ok": 1, "already_in": 7}
        assert rush.figures(house, "gift").taken == 1
        house.require_invariants()


def test_a_holder_at_the_door_and_the_release_at_once(house: House) -> None:
    """Either he was in before the release, or he has a place of the line: his own, which nobody else gets."""
    for _ in range(ROUNDS):
        house.empty()
        [ticket] = rush.buy(house, "gift", 1)
        [code] = rush.slips(house, "gift", 1)
        rush.call(house, "gift", 1)
        scan, released, slip = together(
            partial(rush.show, house, 0, ticket["code"], "gift"),
            partial(rush.release, house, "gift"),
            partial(rush.show, house, 1, code, "gift"),
        )
        assert scan["reason"] == "ok"
        assert slip["reason"] in ("ok", "needs_reservation")
        assert released.unsold == 5
        house.require_invariants()


def test_two_counters_never_hand_out_one_number_twice(house: House) -> None:
    house.empty()
    together(*[partial(rush.slips, house, "gift", 3)] * 4)
    numbers = [row[0] for row in house.rows("SELECT number FROM rush_slip ORDER BY number")]
    assert numbers == list(range(1, 13))
