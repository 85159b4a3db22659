"""Vouchers by the API: what they save, when they refuse, and that a promise is kept or goes back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect, expect_problem, order_body
from tests.support.vouchers import MANAGER, make_vouchers
from ticketing.sales.capture import expire_order
from ticketing.sales.models import Order
from ticketing.sales.voucher_models import VoucherCode, VoucherSeries
from ticketing.sales.voucher_rules import VoucherKind
from ticketing.sales.voucher_series import give_use_back, stop_series


def check(kassa: Kassa, code: str, *holds: Json) -> Any:
    body = {"vouchers": [code], "holds": order_body(*holds)["holds"]}
    return kassa.post("/api/v1/vouchers/check", body)


def order_with(kassa: Kassa, code: str, *holds: Json) -> Any:
    return kassa.post("/api/v1/orders", {**order_body(*holds), "vouchers": [code]})


def counted(kassa: Kassa, code: str) -> tuple[int, int, int]:
    with kassa.database.reading() as session:
        one = session.query(VoucherCode).filter_by(code=code).one()
        series = session.get_one(VoucherSeries, one.series_id)
        return one.uses, series.uses, series.saved_minor


def test_half_price_is_shown_paid_and_refunded(kassa: Kassa) -> None:
    _, [code] = make_vouchers(kassa.database, kassa.clock.now())
    held = kassa.hold("s06", 2)
    full = held["total"]["minor"]
    shown = expect(check(kassa, f"{code[:4]}-{code[4:8]}-{code[8:]}".lower(), held), 200)
    assert shown["saved"]["minor"] == shown["total"]["minor"] == full // 2
    assert [line["saved"]["minor"] for line in shown["lines"]] == [full // 4] * 2
    assert counted(kassa, code) == (0, 0, 0)

    order = expect(order_with(kassa, code, held), 201)
    assert order["total"]["minor"] == full // 2
    assert order["vouchers"] == [{"voucher": f"KINO-{code[4:8]}-{code[8:]}", "saved": order["saved"]}]
    assert counted(kassa, code) == (1, 1, full // 2)
    kassa.play(order, "approve")
    paid = kassa.read(order)
    assert paid["status"] == "paid"
    assert [ticket["price"]["minor"] for ticket in paid["tickets"]] == [full // 4] * 2
    assert kassa.broken_invariants() == []

    refund = expect(kassa.refund({**paid, "key": order["key"]}, kassa.staff()), 201)
    assert refund["amount"]["minor"] == full // 2
    assert counted(kassa, code) == (1, 1, full // 2), "a refund gives nothing back by itself"
    assert kassa.broken_invariants() == []


def test_a_use_goes_back_when_staff_say_so_and_once(kassa: Kassa) -> None:
    series, [code] = make_vouchers(kassa.database, kassa.clock.now(), kind=VoucherKind.FREE, value=0)
    order = expect(order_with(kassa, code, kassa.hold("s06", 1)), 201)

    def give() -> None:
        with kassa.database.transaction() as session:
            give_use_back(session, series, order["order"], "our mistake", MANAGER, kassa.clock.now())

    with pytest.raises(Exception, match="use_not_returnable"):
        give()
    expect(kassa.refund(order, kassa.staff()), 201)
    give()
    assert counted(kassa, code) == (0, 0, 0)
    with pytest.raises(Exception, match="use_not_returnable"):
        give()
    assert kassa.broken_invariants() == []


def test_an_order_that_costs_nothing_is_paid_at_once(kassa: Kassa) -> None:
    _, [code] = make_vouchers(kassa.database, kassa.clock.now(), kind=VoucherKind.FREE, value=0)
    order = expect(order_with(kassa, code, kassa.hold("s06", 2)), 201)
    assert (order["status"], order["payment"], order["total"]["minor"]) == ("paid", None, 0)
    assert len(order["tickets"]) == 2
    assert kassa.broken_invariants() == []


def test_what_is_not_paid_gives_the_use_back(kassa: Kassa) -> None:
    _, [code] = make_vouchers(kassa.database, kassa.clock.now(), budget_uses=1, budget_minor=10**6)
    order = expect(order_with(kassa, code, kassa.hold("s06", 1)), 201)
    expect_problem(order_with(kassa, code, kassa.hold("s06", 1)), 409, "voucher_used_up")
    kassa.clock.forward(minutes=11)
    kassa.work()
    assert kassa.read(order)["status"] == "expired"
    assert counted(kassa, code) == (0, 0, 0)
    expect(order_with(kassa, code, kassa.hold("s06", 1)), 201)
    assert kassa.broken_invariants() == []


def test_late_money_takes_the_promise_again_if_it_is_still_there(kassa: Kassa) -> None:
    _, [code] = make_vouchers(kassa.database, kassa.clock.now())
    order = expect(order_with(kassa, code, kassa.hold("s06", 1)), 201)
    kassa.play(order, "late")
    assert kassa.read(order)["status"] == "paid"
    assert counted(kassa, code)[:2] == (1, 1)
    assert kassa.broken_invariants() == []


def test_late_money_goes_back_when_somebody_else_has_the_last_use(
    kassa: Kassa,
) -> None:
    _, [code] = make_vouchers(kassa.database, kassa.clock.now())
    late = expect(order_with(kassa, code, kassa.hold("s06", 1)), 201)
    with kassa.database.transaction() as session:
        # The bank calls the session expired; another buyer is faster than the late money.
        order = session.scalars(select(Order).where(Order.code == late["order"])).one()
        expire_order(session, order)
    winner = expect(order_with(kassa, code, kassa.hold("s07", 1)), 201)
    kassa.play(late, "approve")
    assert kassa.read(late)["status"] == "expired"
    assert [refund["amount"] for refund in kassa.read(late)["refunds"]] == [late["total"]]
    kassa.play(winner, "approve")
    assert kassa.read(winner)["status"] == "paid"
    assert counted(kassa, code)[:2] == (1, 1)
    assert kassa.broken_invariants() == []


@pytest.mark.parametrize(
    ("facts", "status", "refusal"),
    [
        ({"valid_from": timedelta(hours=1)}, 409, "voucher_too_early"),
        ({"valid_from": timedelta(hours=-2), "valid_until": timedelta(hours=-1)}, 409, "voucher_expired"),
        ({"budget_minor": 100}, 409, "voucher_used_up"),
        ({"screenings": frozenset({"s07"})}, 422, "voucher_not_for_this"),
        ({"kind": VoucherKind.FIXED, "value": 10**9}, 422, "voucher_not_for_this"),
    ],
)
def test_refusals_change_nothing(kassa: Kassa, facts: Json, status: int, refusal: str) -> None:
    now = kassa.clock.now()
    facts = {name: now + fact if isinstance(fact, timedelta) else fact for name, fact in facts.items()}
    _, [code] = make_vouchers(kassa.database, now, **facts)
    held = kassa.hold("s06", 1)
    before = kassa.fingerprint()
    expect_problem(check(kassa, code, held), status, refusal)
    expect_problem(order_with(kassa, code, held), status, refusal)
    assert kassa.fingerprint() == before


def test_unknown_stopped_and_two_at_once(kassa: Kassa) -> None:
    series, codes = make_vouchers(kassa.database, kassa.clock.now(), codes=2)
    held = kassa.hold("s06", 1)
    expect_problem(order_with(kassa, "KINO-AAAA-AAAA", held), 422, "voucher_unknown")
    both = {**order_body(held), "vouchers": codes}
    expect_problem(kassa.post("/api/v1/orders", both), 422, "vouchers_do_not_combine")
    with kassa.database.transaction() as session:
        stop_series(session, series, "leaked", MANAGER, kassa.clock.now())
    expect_problem(order_with(kassa, codes[0], held), 409, "voucher_expired")


@pytest.fixture
def copy_limited(copy_festival: Callable[[], str], tmp_path: Path) -> Iterator[Kassa]:
    limited = Kassa(copy_festival(), tmp_path, limits=True)
    yield limited
    limited.close()


def test_guessing_is_slowed_down(copy_limited: Kassa) -> None:
    held = copy_limited.hold("s06", 1)
    answers = [check(copy_limited, f"KINO-AAAA-AAA{letter}", held).status_code for letter in "ACDEFGHJKMNP"]
    assert answers == [422] * 10 + [429] * 2
