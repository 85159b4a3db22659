"""Quantities claimed by many at once: everything is sold, and "sold out" is never said too early."""

from collections.abc import Callable

import pytest

from tests.support.calls import hold
from tests.support.house import House
from tests.support.together import copies, together

BUYERS = 32


def pairs_until_refused(house: House, screening: str) -> Callable[[], tuple[list[str], list[str]]]:
    """Return a buyer who takes pairs until there is none; she tells what she got and how she was refused."""

    def buy() -> tuple[list[str], list[str]]:
        got: list[str] = []
        while True:
            answer = hold(house.call, screening, 2)
            if answer.status != 201:
                return got, [answer.code]
            got += answer.body["places"]

    return buy


@pytest.mark.parametrize(("screening", "places"), [("many", 80), ("seats", 24)])
def test_pairs_for_32_buyers_are_claimed_to_the_last_place(house: House, screening: str, places: int) -> None:
    seen = together(*copies(BUYERS, pairs_until_refused(house, screening)))
    got = [place for mine, _ in seen for place in mine]
    assert len(got) == len(set(got)) == places
    assert {code for _, refusals in seen for code in refusals} == {"sold_out"}
    assert house.value("SELECT count(*) FROM hold") * 2 == places
    house.require_invariants()


@pytest.mark.parametrize("screening", ["many", "seats"])
def test_nobody_is_told_sold_out_while_there_is_room_for_all(house: House, screening: str) -> None:
    """As many claims at once as there are pairs: each must get one."""
    for _ in range(3):
        answers = together(*copies(12, lambda: hold(house.call, screening, 2)))
        assert [one.status for one in answers] == [201] * 12
        house.empty()
