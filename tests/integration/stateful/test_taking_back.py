"""Verdicts taken back in every order: whoever is inside was admitted, nobody is in twice unreported."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from tests.support.calls import a_scan, hold, order, pay, read_order, scan
from tests.support.house import House


@pytest.mark.parametrize("moving", [False, True], ids=["at one moment", "a minute apart"])
def test_whatever_is_taken_back_nobody_is_in_twice_unreported(house: House, *, moving: bool) -> None:
    """In, out, in, out; then take back any two of the four, in either order, and scan once more."""
    for number, undone in enumerate(permutations(range(4), 2)):
        ordered = order(house.call, [hold(house.call, "gift", 1).body]).body
        [ticket] = read_order(house.call, ordered)["tickets"]
        passages = [
            a_scan(UUID(int=100 * number + n), ticket["code"], "gift", house.now(), direction=way)
            for n, way in enumerate(("in", "out", "in", "out"))
        ]
        for passage in passages:
            passage["at"] = house.now()
            [result] = scan(house.call, house.phones[0], house.now(), passage)
            assert result["verdict"] == "admit"
            house.clock.forward(timedelta(minutes=moving))
        for n in undone:
            scan(
                house.call,
                house.phones[0],
                house.now(),
                passages[n] | {"verdict": "refuse", "reason": "undo"},
            )
            house.require_invariants()
        last = a_scan(UUID(int=100 * number + 9), ticket["code"], "gift", house.now())
        scan(house.call, house.phones[1], house.now(), last)
        house.require_invariants()
        house.empty()


def test_an_entry_on_the_strength_of_an_exit_taken_back_is_reported(house: House) -> None:
    ordered = order(house.call, [hold(house.call, "crowd", 1).body]).body
    pay(house.call, ordered)
    [ticket] = read_order(house.call, ordered)["tickets"]
    for n, way in enumerate(("in", "out", "in")):
        passage = a_scan(UUID(int=n), ticket["code"], "crowd", house.now(), direction=way)
        scan(house.call, house.phones[0], house.now(), passage)
        house.clock.forward(timedelta(minutes=1))
    exit_undone = a_scan(
        UUID(int=1), ticket["code"], "crowd", house.now(), direction="out", verdict="refuse", reason="undo"
    )
    scan(house.call, house.phones[0], house.now(), exit_undone)
    assert house.value("SELECT count(*) FROM incident WHERE kind = 'double_admission'") == 1
    house.require_invariants()
