"""Staff set places aside while buyers take them: each place goes to one of them, whole or not at all."""

import pytest
from sqlalchemy import true

from tests.support.calls import hold
from tests.support.house import House
from tests.support.together import together
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.errors import BusyError
from ticketing.inventory import allocations, kills
from ticketing.inventory.allocations import AllocationKind, KeepRequest, keep
from ticketing.inventory.errors import PlacesTakenError
from ticketing.inventory.kills import kill
from ticketing.inventory.staff_choice import StaffChoice

ROW = tuple(f"B{number}" for number in range(1, 9))
ROUNDS = 8


def keeps(house: House) -> bool:
    """Keep the row; False if a buyer was faster."""
    request = KeepRequest(
        screening="seats", choice=StaffChoice(labels=ROW), kind=AllocationKind.JURY, reason="jury"
    )
    try:
        with house.database.transaction() as session:
            keep(session, request, SYSTEM, house.clock.now())
    except (PlacesTakenError, BusyError):
        return False
    return True


def kills_two(house: House) -> bool:
    """Withdraw two seats of the row; False if somebody was faster."""
    try:
        with house.database.transaction() as session:
            kill(session, "seats", StaffChoice(labels=ROW[3:5]), "why", SYSTEM, house.clock.now())
    except (PlacesTakenError, BusyError):
        return False
    return True


def race(house: House) -> list[int]:
    """Return how many claims each of the row's places has after a race."""
    house.empty()
    together(
        lambda: keeps(house),
        lambda: kills_two(house),
        *(lambda n=n: hold(house.call, "seats", list(ROW[n : n + 2])).status == 201 for n in range(0, 8, 2)),
    )
    claims = house.rows(
        "SELECT (allocation_id IS NOT NULL), killed, (hold_id IS NOT NULL) FROM place"
        " WHERE label LIKE 'B%' AND screening_id = (SELECT id FROM screening WHERE code = 'seats')"
    )
    return [sum(map(bool, row)) for row in claims]


def test_a_place_goes_to_staff_or_to_a_buyer(house: House) -> None:
    for _ in range(ROUNDS):
        assert max(race(house)) == 1
        house.require_invariants()


def test_without_its_condition_the_race_would_show_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: staff who look at nothing take what buyers have."""
    for module in (allocations, kills):
        monkeypatch.setattr(module, "SELLABLE", true())
    house.empty()
    assert hold(house.call, "seats", list(ROW[:2])).status == 201
    with house.database.transaction() as session:
        kill(session, "seats", StaffChoice(labels=ROW[:2]), "why", SYSTEM, house.clock.now())
    held = house.value("SELECT count(*) FROM hold WHERE state = 'live'")
    still = house.value("SELECT count(*) FROM place WHERE hold_id IS NOT NULL")
    assert (held, still) == (1, 0)
