"""The demo bank's outcomes, and what a second attempt may do."""

import pytest

from tests.support.kassa import Kassa, expect, expect_problem, order_auth, session_of
from tests.support.late import bank_closes_late, leave_only, pay_closed_page


def test_approve_pays(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    answer = expect(kassa.play(order, "approve"), 200)
    assert answer == {"session": session_of(order), "outcome": "approve"}
    assert kassa.read(order)["status"] == "paid"


def test_decline_leaves_the_order_waiting_for_a_new_attempt(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    expect(kassa.play(order, "decline"), 200)
    declined = kassa.read(order)
    assert (declined["status"], declined["payment"], declined["tickets"]) == ("pending", None, [])
    assert [one["status"] for one in declined["payments"]] == ["declined"]
    assert "З-5-7" not in kassa.free_places("s06")

    second = expect(kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order)), 201)
    assert second["payment"]["url"] != order["payment"]["url"]
    assert second["key"] == order["key"]
    assert kassa.play(second, "approve").status_code == 200
    paid = kassa.read(order)
    assert (paid["status"], len(paid["tickets"])) == ("paid", 1)
    assert [one["status"] for one in paid["payments"]] == ["declined", "captured"]


def test_abandon_leaves_the_page_open(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    expect(kassa.play(order, "abandon"), 200)
    assert kassa.read(order)["status"] == "pending"
    again = kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))
    expect_problem(again, 409, "payment_open")
    expect(kassa.play(order, "approve"), 200)
    assert kassa.read(order)["status"] == "paid"


def test_duplicate_notifications_pay_once(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 2))
    expect(kassa.play(order, "duplicate"), 200)
    paid = kassa.read(order)
    assert (paid["status"], len(paid["tickets"])) == ("paid", 2)
    kassa.work()
    assert len(kassa.mails()) == 1


def test_late_money_takes_the_same_places_if_they_are_free(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    expect(kassa.play(order, "late"), 200)
    paid = kassa.read(order)
    assert (paid["status"], [ticket["place"] for ticket in paid["tickets"]]) == ("paid", ["З-5-7"])
    assert paid["refunds"] == []


def test_late_money_for_places_that_are_gone_goes_back_by_itself(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7", "З-5-8"]))
    kassa.clock.forward(minutes=10)
    bank_closes_late(kassa, order)
    other = kassa.buy("s06", places=["З-5-7"])
    leave_only(kassa, "s06", ["З-5-8"])
    pay_closed_page(kassa, order)
    lost = kassa.read(order)
    assert (lost["status"], lost["tickets"]) == ("expired", [])
    assert [refund["amount"] for refund in lost["refunds"]] == [order["total"]]
    kassa.work()
    (refund,) = kassa.read(order)["refunds"]
    assert (refund["status"], refund["tickets"]) == ("done", [])
    assert kassa.read(other)["status"] == "paid"


def test_a_paid_order_takes_no_more_attempts(kassa: Kassa) -> None:
    order = kassa.buy()
    again = kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))
    assert expect_problem(again, 409, "order_not_payable")["state"] == "paid"


def test_a_second_attempt_after_the_time_to_pay(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    kassa.play(order, "decline")
    kassa.clock.forward(minutes=10)
    again = kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))
    expect_problem(again, 409, "order_not_payable")
    kassa.work()
    assert kassa.read(order)["status"] == "expired"


def test_a_second_attempt_needs_the_orders_key(kassa: Kassa) -> None:
    order, other = kassa.order(kassa.hold()), kassa.order(kassa.hold())
    kassa.play(order, "decline")
    path = f"/api/v1/orders/{order['order']}/payments"
    expect_problem(kassa.post(path), 401, "unauthorized")
    expect_problem(kassa.post(path, auth=order_auth(other)), 404, "not_found")


@pytest.mark.parametrize("first", ["approve", "decline", "late", "duplicate"])
def test_a_page_that_came_to_an_end_stays_closed(kassa: Kassa, first: str) -> None:
    order = kassa.order(kassa.hold())
    kassa.play(order, first)
    before = kassa.fingerprint()
    for outcome in ("approve", "decline", "late", "duplicate", "abandon"):
        expect_problem(kassa.play(order, outcome), 409, "session_closed")
    assert kassa.fingerprint() == before


def test_a_page_that_the_bank_does_not_know(kassa: Kassa) -> None:
    for session in ("demo_0", "x" * 500, "%00", "%ff", "%D1%8F"):
        response = kassa.post(f"/api/v1/demo-payments/{session}", {"outcome": "approve"})
        expect_problem(response, 404, "not_found")


def test_an_outcome_that_no_bank_has(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    expect_problem(kassa.play(order, "explode"), 422, "invalid_request")
