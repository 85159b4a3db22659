"""Holds that are asked for at one moment are made as if they had been asked for one after the other."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.support.calls import hold
from tests.support.house import House
from tests.support.tried import tried
from ticketing.foundation.ids import new_id
from ticketing.foundation.shared_turn import Refusal, each_apart
from ticketing.inventory.holds import HoldRequest, hold_named, hold_places
from ticketing.inventory.remembered import RememberedHalls
from ticketing.sales.hold_turn import AskedHold, PricedHold
from ticketing.sales.price_tables import PriceTables

_STATE = (
    "SELECT id, screening_id, state, quantity, created_at, expires_at FROM hold",
    "SELECT id, hold_id, held_until FROM place WHERE hold_id IS NOT NULL",
)


class Crowd:
    """A house in which some seats are held, one of them no longer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.halls = RememberedHalls()
        self.labels = {
            code: [str(row[0]) for row in house.rows(_LABELS, {"code": code})] for code in ("seats", "crowd")
        }
        assert hold(house.call, "seats", self.labels["seats"][8:10]).status == 201
        house.clock.time = house.clock.now().replace(hour=8)
        assert hold(house.call, "seats", self.labels["seats"][2:4]).status == 201
        assert hold(house.call, "crowd", self.labels["crowd"][2:4]).status == 201

    @property
    def now(self) -> datetime:
        """The house's time."""
        return self.house.clock.now()

    def tried(self, act: Callable[[Session], Sequence[Any]]) -> tuple[list[Any], list[Any]]:
        """Return what a way of holding answers and leaves behind."""
        return tried(self.house.database, lambda session: [_told(one) for one in act(session)], _STATE)


_LABELS = (
    "SELECT label FROM place JOIN screening ON screening.id = place.screening_id"
    " WHERE screening.code = :code ORDER BY place_no"
)


def _told(answer: Any) -> Any:
    """Return an answer as something that equals another like it."""
    return (type(answer.error), answer.error.params) if isinstance(answer, Refusal) else answer


@pytest.fixture(scope="module")
def crowd(lasting_house: House) -> Crowd:
    return Crowd(lasting_house)


_REQUEST = st.tuples(
    # The last is no screening.
    st.sampled_from(["seats", "seats", "seats", "seats", "crowd", "nowhere"]),
    # Whoever names one from the middle on takes what is beside it; the last number is no place.
    st.integers(0, 24),
    st.integers(1, 3),
    st.sampled_from([1, 1, 1, 2, 0]),
)


@given(asked=st.lists(_REQUEST, min_size=1, max_size=8))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_together_is_as_one_after_the_other(crowd: Crowd, asked: list[tuple[str, int, int, int]]) -> None:
    requests = {
        UUID(int=number): HoldRequest(screening=code, places=_named(crowd, code, first, count, step))
        for number, (code, first, count, step) in enumerate(asked, 1)
    }

    def one_by_one(session: Session) -> Sequence[Any]:
        deeds = [
            partial(_hold_alone, crowd, hold_id=hold_id, request=one) for hold_id, one in requests.items()
        ]
        return each_apart(session, deeds)

    def at_once(session: Session) -> Sequence[Any]:
        return hold_named(session, crowd.halls, requests, crowd.now)

    assert crowd.tried(at_once) == crowd.tried(one_by_one)


def _hold_alone(crowd: Crowd, session: Session, *, hold_id: UUID, request: HoldRequest) -> Any:
    return hold_places(session, crowd.halls, hold_id, request, crowd.now)


def _named(crowd: Crowd, code: str, first: int, count: int, step: int) -> tuple[str, ...]:
    labels = crowd.labels.get(code, crowd.labels["seats"])
    numbers = (first + step * number for number in range(count))
    return tuple(labels[number] if number < len(labels) else f"no-{number}" for number in numbers)


def test_the_named_and_the_best_may_share_a_turn(crowd: Crowd) -> None:
    """Each is answered in its place, and who is refused leaves the others what they have."""
    seats = crowd.labels["seats"]
    taken, free = tuple(seats[2:4]), tuple(seats[18:20])
    turn = crowd.house.app.extensions["kassa.sales"].holds
    asked = [
        AskedHold(id=new_id(crowd.now), request=request)
        for request in (
            HoldRequest(screening="seats", quantity=2),
            HoldRequest(screening="seats", places=taken),
            HoldRequest(screening="crowd", quantity=99),
            HoldRequest(screening="seats", places=free),
            HoldRequest(screening="crowd", quantity=1),
        )
    ]
    answers, _ = crowd.tried(lambda session: turn._hold_all(session, asked))
    codes = [one[0].code if isinstance(one, tuple) else one.held.id for one in answers]
    assert codes == [asked[0].id, "places_taken", "too_many_places", asked[3].id, asked[4].id]
    assert {place.label for place in answers[0].held.places}.isdisjoint({*taken, *free})


def test_a_hold_comes_with_its_prices(crowd: Crowd) -> None:
    request = HoldRequest(screening="seats", places=tuple(crowd.labels["seats"][18:20]))
    turn = crowd.house.app.extensions["kassa.sales"].holds
    priced = turn.hold(AskedHold(id=new_id(crowd.now), request=request))
    assert isinstance(priced, PricedHold)
    with crowd.house.database.reading() as session:
        assert PriceTables().of(session, priced.held) == priced.prices
    crowd.house.require_invariants()
