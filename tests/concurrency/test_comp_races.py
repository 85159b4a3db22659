"""The last comps of the day: one account, 16 requests at once; and a comp against a buyer for one seat."""

from threading import Barrier
from typing import Any

import pytest
import sqlalchemy

from tests.support.calls import hold
from tests.support.house import House
from tests.support.together import together
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import DomainError
from ticketing.foundation.ids import new_id
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.sales import comps
from ticketing.sales.comps import CompRequest, make_comps
from ticketing.sales.orders import fresh_order_code

GIVERS, LIMIT = 16, 5
CASHIER = Actor(kind=ActorKind.STAFF, id="saule", name="Сәуле", role="boxoffice")


def give(house: House, screening: str, choice: StaffChoice) -> str:
    now = house.clock.now()
    request = CompRequest(screening=screening, choice=choice, reason="guests", name="Ермек", locale="kk")
    try:
        with house.database.transaction() as session:
            code = fresh_order_code(session)
            make_comps(session, new_id(now), code, request, house.runtime.vault, CASHIER, now)
    except DomainError as refusal:
        return refusal.code
    return ""


def all_at_once(house: House) -> list[str]:
    with house.database.transaction() as session:
        session.execute(sqlalchemy.text("UPDATE festival SET comps_per_day = :n"), {"n": LIMIT})
    one = StaffChoice(quantity=1)
    return together(*[lambda: give(house, "many", one)] * GIVERS)


def test_the_last_of_the_day_are_given_once(house: House) -> None:
    assert sorted(all_at_once(house)) == [""] * LIMIT + ["too_many_comps"] * (GIVERS - LIMIT)
    assert house.value("SELECT count(*) FROM ticket") == LIMIT
    house.require_invariants()


def test_without_the_counters_condition_more_are_given(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comps, "_COUNT_WITHIN", comps._COUNT)
    assert all_at_once(house).count("") > LIMIT


def test_a_seat_goes_to_the_guest_or_to_a_buyer(house: House) -> None:
    label = house.value(
        "SELECT label FROM place JOIN screening ON screening.id = screening_id"
        " WHERE screening.code = 'seats' ORDER BY rank LIMIT 1"
    )
    line = Barrier(2)

    def buy() -> Any:
        line.wait(30)
        return hold(house.call, "seats", [label])

    def comp() -> str:
        line.wait(30)
        return give(house, "seats", StaffChoice(labels=(label,)))

    bought, given = together(buy, comp)
    assert (bought.status == 201) != (given == "")
    house.require_invariants()
