"""The last use, the last of a budget: 16 buyers want it at the same moment, one gets it."""

from collections import Counter
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy

from tests.support.calls import API, Answer, hold
from tests.support.house import House
from tests.support.together import together
from tests.support.vouchers import make_vouchers
from ticketing.sales import vouchers
from ticketing.sales.voucher_rules import VoucherKind

BUYERS = 16
# A place of the screening costs 2 000 ₸; half of it is saved.
SAVED = 100_000
OUTCOMES = {(201, ""): 1, (409, "voucher_used_up"): BUYERS - 1}


def order_with(house: House, held: Any, code: str) -> Answer:
    body = {
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "buyer": {"email": "buyer@example.com", "name": "Айгерім Сейтқали"},
        "locale": "kk",
        "accept_terms": True,
        "vouchers": [code],
    }
    return house.call("POST", f"{API}/orders", body)


def all_at_once(house: House, codes: list[str]) -> Counter[tuple[int, str]]:
    held = [hold(house.call, "many", 1).body for _ in range(BUYERS)]
    pairs = [(one, codes[n % len(codes)]) for n, one in enumerate(held)]
    answers = together(*[lambda one=one, code=code: order_with(house, one, code) for one, code in pairs])
    return Counter((one.status, one.code) for one in answers)


def test_the_last_use_of_a_code_goes_to_one(house: House) -> None:
    _, codes = make_vouchers(house.database, house.clock.now())
    assert all_at_once(house, codes) == OUTCOMES
    assert house.rows("SELECT uses, saved_minor FROM voucher_series") == [(1, SAVED)]
    house.require_invariants()


@pytest.mark.parametrize("limit", [{"budget_uses": 1}, {"budget_minor": SAVED + 1}])
def test_the_last_of_a_budget_goes_to_one(house: House, limit: dict[str, int]) -> None:
    _, codes = make_vouchers(house.database, house.clock.now(), codes=BUYERS, **limit)
    assert all_at_once(house, codes) == OUTCOMES
    assert house.rows("SELECT uses, saved_minor FROM voucher_series") == [(1, SAVED)]
    house.require_invariants()


def test_a_budget_for_five_is_used_by_five(house: House) -> None:
    free = {"kind": VoucherKind.FREE, "value": 0, "uses_per_code": BUYERS}
    _, codes = make_vouchers(house.database, house.clock.now(), budget_minor=10 * SAVED, **free)
    assert all_at_once(house, codes) == {(201, ""): 5, (409, "voucher_used_up"): BUYERS - 5}
    house.require_invariants()


def test_a_gift_is_never_spent_twice(house: House) -> None:
    """What it has left is enough for five of sixteen orders, and a part of a sixth."""
    _, [code] = make_vouchers(
        house.database, house.clock.now(), kind=VoucherKind.GIFT, value=11 * SAVED, prefix="GIFT"
    )
    outcomes = all_at_once(house, [code])
    assert set(outcomes) <= set(OUTCOMES)
    assert 1 <= outcomes[(201, "")] <= 6
    [(left,)] = house.rows("SELECT left_minor FROM voucher_code")
    [(taken,)] = house.rows("SELECT sum(gift_minor) FROM order_line")
    assert left + taken == 11 * SAVED
    house.require_invariants()


def test_without_the_conditions_more_than_one_would_get_it(
    house: House, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the look before the count is not enough, and the table's own check is off."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: a look and a count are one")
    with house.database.transaction() as session:
        session.execute(sqlalchemy.text("ALTER TABLE voucher_code DROP CONSTRAINT ck_voucher_code_uses"))
    line = _SlowLook(house)
    monkeypatch.setattr(vouchers, "_find", line.look)
    monkeypatch.setattr(vouchers, "_COUNT_CODE", vouchers.count_code_statement(sqlalchemy.true()))
    _, codes = make_vouchers(house.database, house.clock.now())
    assert all_at_once(house, codes)[(201, "")] > 1


class _SlowLook:
    """Lets everybody look before anybody counts."""

    def __init__(self, house: House) -> None:
        self._line, self._find = Barrier(BUYERS), vouchers._find

    def look(self, session: Any, typed: str, now: Any) -> Any:
        found = self._find(session, typed, now)
        self._line.wait(30)
        return found
