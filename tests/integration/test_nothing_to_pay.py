"""Buyers who must not be asked for money: people are checking their payment, or the screening is off."""

from tests.support.kassa import OPERATOR, Json, Kassa, expect, expect_problem, order_auth
from tests.support.late import pay_closed_page
from tests.support.refunding import capture_other_amount, matter_id, matters, refunds_of
from ticketing.sales.cancelling import cancel_screening, refund_cancelled
from ticketing.sales.deciding import return_parked


def again(kassa: Kassa, order: Json) -> object:
    return kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))


def cancel(kassa: Kassa, screening: str = "s06") -> None:
    with kassa.database.transaction() as session:
        cancel_screening(session, screening, "the print is lost", OPERATOR, kassa.clock.now())


def sweep(kassa: Kassa) -> None:
    """Do what the worker does of cancelled screenings."""
    kassa.work()
    refund_cancelled(kassa.database, kassa.clock.now())
    kassa.work()


def test_a_payment_that_people_check_is_not_asked_for_again(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    capture_other_amount(kassa, order, 100_000)
    for minutes in (0, 11):
        kassa.clock.forward(minutes=minutes)
        kassa.work()
        expect_problem(again(kassa, order), 409, "payment_in_review")
        assert kassa.read(order)["payment"] is None
    with kassa.database.transaction() as session:
        return_parked(session, matter_id(kassa), "asked for it", OPERATOR, kassa.clock.now())
    expect_problem(again(kassa, order), 409, "order_not_payable")
    kassa.work()
    assert matters(kassa) == []
    assert kassa.broken_invariants() == []


def test_other_money_closes_the_page_that_is_open_beside_it(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    kassa.play(order, "decline")
    second = {**order, **expect(again(kassa, order), 201)}
    capture_other_amount(kassa, order, 100_000)
    assert kassa.read(order)["payment"] is None, "the page is not offered from the first moment on"
    kassa.work()
    expect_problem(kassa.play(second, "approve"), 409, "session_closed")
    assert [one["status"] for one in kassa.read(order)["payments"]] == ["parked", "expired"]
    assert kassa.broken_invariants() == []


def test_a_cancelled_screening_takes_no_new_attempt(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1), kassa.hold("s07", 1))
    kassa.play(order, "decline")
    cancel(kassa)
    assert expect_problem(again(kassa, order), 409, "not_on_sale")["screening"] == "s06"
    kassa.work()
    assert kassa.read(order)["status"] == "expired"
    expect_problem(again(kassa, order), 409, "not_on_sale")


def test_a_cancelled_screening_closes_the_pages_at_the_bank(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1), kassa.hold("s07", 1))
    other = kassa.order(kassa.hold("s07", 1))
    cancel(kassa)
    kassa.work()
    read = kassa.read(order)
    assert (read["status"], [one["status"] for one in read["payments"]]) == ("expired", ["expired"])
    expect_problem(kassa.play(order, "approve"), 409, "session_closed")
    assert kassa.read(other)["status"] == "pending"
    pay_closed_page(kassa, order)
    sweep(kassa)
    (back,) = refunds_of(kassa, order)
    assert (back.amount_minor, back.status) == (order["total"]["minor"], "done")
    assert kassa.broken_invariants() == []


def test_who_paid_before_the_page_was_closed_gets_the_money_back(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1))
    cancel(kassa)
    kassa.play(order, "approve")
    sweep(kassa)
    assert kassa.read(order)["status"] == "refunded"
    assert kassa.broken_invariants() == []
