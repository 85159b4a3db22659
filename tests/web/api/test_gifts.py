"""Gift codes: spent over several orders, never overspent, and back with each ticket that comes back."""

from tests.support.kassa import Json, Kassa, expect, expect_problem, order_auth, order_body
from tests.support.vouchers import make_vouchers
from ticketing.sales.voucher_models import VoucherCode
from ticketing.sales.voucher_rules import VoucherKind, spread

PLACE = 250_000  # the first places of s06
GIFT = 600_000


def gift(kassa: Kassa, minor: int = GIFT) -> str:
    [code] = make_vouchers(kassa.database, kassa.clock.now(), kind=VoucherKind.GIFT, value=minor)[1]
    return code


def left(kassa: Kassa, code: str) -> int | None:
    with kassa.database.reading() as session:
        return session.query(VoucherCode).filter_by(code=code).one().left_minor


def order_with(kassa: Kassa, code: str, quantity: int = 2) -> Json:
    body = {**order_body(kassa.hold("s06", quantity)), "vouchers": [code]}
    return expect(kassa.post("/api/v1/orders", body), 201)


def paid_with(kassa: Kassa, code: str, quantity: int = 2) -> Json:
    order = order_with(kassa, code, quantity)
    if order["payment"] is not None:
        assert kassa.play(order, "approve").status_code == 200
    return {**kassa.read(order), "key": order["key"]}


def test_a_gift_is_spent_over_several_orders(kassa: Kassa) -> None:
    code = gift(kassa)
    first = paid_with(kassa, code, 1)
    assert (first["total"]["minor"], first["saved"]["minor"]) == (0, PLACE)
    assert first["vouchers"][0]["left"]["minor"] == left(kassa, code) == GIFT - PLACE
    second = paid_with(kassa, code)
    assert second["total"]["minor"] == 3 * PLACE - GIFT
    assert left(kassa, code) == 0
    assert sum(ticket["price"]["minor"] for ticket in second["tickets"]) == second["total"]["minor"]
    body = {**order_body(kassa.hold("s06", 1)), "vouchers": [code]}
    expect_problem(kassa.post("/api/v1/orders", body), 409, "voucher_used_up")


def test_what_it_would_pay_is_shown_before_an_order(kassa: Kassa) -> None:
    code, held = gift(kassa, PLACE // 2), kassa.hold("s06", 1)
    body = {"vouchers": [code], "holds": order_body(held)["holds"]}
    shown = expect(kassa.post("/api/v1/vouchers/check", body), 200)
    assert shown["vouchers"][0]["left"]["minor"] == 0
    assert shown["total"]["minor"] == PLACE - PLACE // 2
    assert left(kassa, code) == PLACE // 2


def test_a_refunded_ticket_gives_its_share_back_once(kassa: Kassa) -> None:
    code, staff = gift(kassa), kassa.staff()
    order = paid_with(kassa, code, 3)
    first, *others = order["tickets"]
    shares = spread(GIFT, [PLACE] * 3)
    refund = expect(kassa.refund(order, staff, tickets=[first["ticket"]]), 201)
    assert refund["amount"]["minor"] == first["price"]["minor"] == PLACE - shares[0]
    assert left(kassa, code) == shares[0]
    assert kassa.broken_invariants() == []
    expect(kassa.refund(order, staff, tickets=[one["ticket"] for one in others]), 201)
    assert left(kassa, code) == GIFT
    expect_problem(kassa.refund(order, staff), 409, "already_refunded")
    assert left(kassa, code) == GIFT


def test_a_ticket_that_a_gift_paid_alone_is_returned_by_its_buyer(kassa: Kassa) -> None:
    code = gift(kassa)
    order = paid_with(kassa, code, 1)
    answer = kassa.post(f"/api/v1/orders/{order['order']}/returns", {}, order_auth(order))
    assert expect(answer, 201)["amount"]["minor"] == 0
    assert left(kassa, code) == GIFT
    assert kassa.read(order)["status"] == "refunded"


def test_an_order_that_is_not_paid_takes_nothing(kassa: Kassa) -> None:
    code = gift(kassa, PLACE)
    order = order_with(kassa, code)
    assert left(kassa, code) == 0
    kassa.clock.forward(minutes=11)
    kassa.work()
    assert kassa.read(order)["status"] == "expired"
    assert left(kassa, code) == PLACE


def test_late_money_takes_the_gift_again_or_goes_back(kassa: Kassa) -> None:
    code = gift(kassa, PLACE)
    order = order_with(kassa, code)
    kassa.play(order, "late")
    assert kassa.read(order)["status"] == "paid"
    assert left(kassa, code) == 0


def test_an_exchange_gives_the_share_back_and_asks_for_the_whole_price(kassa: Kassa) -> None:
    code = gift(kassa)
    order = paid_with(kassa, code, 1)
    held = kassa.hold("s06", 1)
    assert held["total"]["minor"] == PLACE
    wanted = {
        "tickets": [order["tickets"][0]["ticket"]],
        "holds": order_body(held)["holds"],
        "reason": "another seat",
    }
    swap = expect(kassa.post(f"/api/v1/orders/{order['order']}/swaps", wanted, kassa.staff()), 201)
    assert swap["difference"]["minor"] == PLACE
    assert left(kassa, code) == GIFT - PLACE
    kassa.play(swap, "approve")
    assert left(kassa, code) == GIFT
    again = kassa.read(order)
    fresh = next(ticket for ticket in again["tickets"] if ticket["status"] == "valid")
    expect(kassa.refund(order, kassa.staff(), tickets=[fresh["ticket"]]), 201)
    assert left(kassa, code) == GIFT, "the new ticket was paid with money"


def test_a_remainder_that_is_waived_is_not_taken_from_the_gift(kassa: Kassa) -> None:
    code = gift(kassa, PLACE - 10_000)
    order = paid_with(kassa, code, 1)
    assert order["total"]["minor"] == 0
    assert left(kassa, code) == 0
    expect(kassa.refund(order, kassa.staff()), 201)
    assert left(kassa, code) == PLACE - 10_000
