"""One buyer, many spellings of her address, 16 orders at once: never more places than she may have."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.calls import API, Answer, hold
from tests.support.house import House
from tests.support.together import together
from ticketing.sales import place_limits

ORDERS, LIMIT = 16, 5
SPELLINGS = (
    "aigerim.s@gmail.com",
    "Aigerim.S@Gmail.com",
    "aigerims@gmail.com",
    "aigerims+kino@gmail.com",
    "a.i.g.e.r.i.m.s@googlemail.com",
)


def limit(house: House, **limits: int) -> None:
    """Limit a screening's places, as staff may."""
    for name, most in limits.items():
        with house.database.transaction() as session:
            session.execute(text(f"UPDATE screening SET {name} = :most WHERE code = 'many'"), {"most": most})


def order_of(house: House, held: Sequence[Any], email: str) -> Answer:
    """Order what is held, under an address."""
    body = {
        "holds": [{"hold": one["hold"], "key": one["key"], "concessions": {}} for one in held],
        "buyer": {"email": email, "name": "Айгерім Сейтқали"},
        "locale": "kk",
        "accept_terms": True,
    }
    return house.call("POST", f"{API}/orders", body)


def all_at_once(house: House, places: int = 1) -> list[Answer]:
    """Send orders of so many places each from one buyer, in all of her spellings, at the same moment."""
    held = [hold(house.call, "many", places).body for _ in range(ORDERS)]
    emails = [SPELLINGS[n % len(SPELLINGS)] for n in range(ORDERS)]
    return together(
        *[
            lambda one=one, email=email: order_of(house, [one], email)
            for one, email in zip(held, emails, strict=True)
        ]
    )


def counted(house: House) -> tuple[Any, Any]:
    """How many places orders have, and how many the buyers' counters say."""
    ordered = house.value("SELECT count(*) FROM place WHERE order_id IS NOT NULL")
    return ordered, house.value("SELECT coalesce(sum(places), 0) FROM buyer_count")


def test_a_buyer_never_gets_more_than_she_may_have(house: House) -> None:
    limit(house, max_places_per_buyer=LIMIT)
    answers = all_at_once(house)
    assert Counter((one.status, one.code) for one in answers) == {
        (201, ""): LIMIT,
        (422, "too_many_places_for_buyer"): ORDERS - LIMIT,
    }
    assert counted(house) == (LIMIT, LIMIT)
    house.require_invariants()


def test_orders_of_two_stop_below_an_odd_limit(house: House) -> None:
    limit(house, max_places_per_buyer=LIMIT)
    answers = all_at_once(house, 2)
    assert [one.status for one in answers].count(201) == LIMIT // 2
    assert {one.body["left"] for one in answers if one.status == 422} <= {1, 3, 5}
    assert counted(house) == (LIMIT - 1, LIMIT - 1)


def test_without_the_counters_condition_she_gets_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_limits, "_ADD_WITHIN", place_limits._ADD)
    limit(house, max_places_per_buyer=LIMIT)
    answers = all_at_once(house)
    assert [one.status for one in answers].count(201) > LIMIT


def test_a_look_before_the_count_would_not_do(
    house: House, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the race itself: the limit is looked up first, and moved without its condition."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: a look and a move are one")
    everybody_looked = Barrier(ORDERS)

    def look_then_move(session: Any, buyer: str, screening: int, more: int, most: int | None) -> bool:
        here = {"screening": screening, "who": buyer}
        had = session.scalar(place_limits._COUNT, here) or 0
        with suppress(BrokenBarrierError):
            everybody_looked.wait(10)
        return had + more <= (most or had + more) and add(session, buyer, screening, more, None)

    add = place_limits._add
    monkeypatch.setattr(place_limits, "_add", look_then_move)
    limit(house, max_places_per_buyer=LIMIT)
    assert [one.status for one in all_at_once(house)].count(201) > LIMIT


def test_no_order_is_larger_than_it_may_be(house: House) -> None:
    limit(house, max_places_per_order=8)
    held = [[hold(house.call, "many", 2).body for _ in range(5)] for _ in range(4)]
    limit(house, max_places_per_order=9)
    answers = together(*[lambda many=many: order_of(house, many, SPELLINGS[0]) for many in held])
    assert {(one.status, one.code) for one in answers} == {(422, "too_many_places")}
    assert counted(house) == (0, 0)
    # Nothing was used up: each hold is still good for an order of its own.
    answers = together(*[lambda many=many: order_of(house, many[:4], SPELLINGS[0]) for many in held])
    assert [one.status for one in answers] == [201] * 4
    assert counted(house) == (32, 32)
    house.require_invariants()
