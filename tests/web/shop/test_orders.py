"""A buyer's own orders: who sees them, and what they say in each state."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.support.kassa import Kassa, expect
from tests.support.refunding import capture_other_amount
from tests.web.shop.conftest import Page, Shopper
from ticketing.foundation.actor import SYSTEM
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.payments.demo import DemoGateway
from ticketing.sales.payments.port import GatewayUnreachableError, Started, StartRequest
from ticketing.sales.queries import order_id_by_code

LOCKED = "This order cannot be shown here"


def code_in(page: Page) -> str:
    """Return the order's code, which stands in the title."""
    return page.html.split("<title>", 1)[1].split("</title>", 1)[0].split()[1]


def test_a_key_moves_into_a_cookie(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy()
    answer = shopper.get(f"orders/{order['order']}?key={order['key']}", 303).response
    assert answer.location == f"/en/orders/{order['order']}"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("orders=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = shopper.get(answer.location)
    assert order["order"] in page.words
    assert order["key"] not in page.html


def test_without_the_key_the_page_helps(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy()
    for path in (f"orders/{order['order']}", f"orders/{order['order']}?key=wrong", "orders/AAA-AAAA?key=x"):
        page = shopper.get(path, 404)
        assert LOCKED in page.words
        assert page.all("a", href="mailto:tickets@example.kz")


def test_a_cookie_written_by_hand_opens_nothing(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy()
    for value in (
        f"{order['order']}.{'a' * 26}",
        f"{order['order']}.",
        "x" * 3000,
        "\u00e9",
        "AAA-AAAA." + "b" * 26,
    ):
        shopper.client.set_cookie("orders", value)
        assert LOCKED in shopper.get(f"orders/{order['order']}", 404).words
        assert "No order was opened in this browser yet." in shopper.get("tickets/").words


def test_my_tickets_lists_what_was_opened_here(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    first, second = shopper.buy("s06"), shopper.buy("s07", 1)
    page = shopper.get("tickets/")
    assert len(page.all("li", class_="mine__order")) == 2
    assert code_in(first) in page.words
    assert code_in(second) in page.words
    assert not another().get("tickets/").all("li", class_="mine__order")


def test_declined_and_paid_again(shopper: Shopper) -> None:
    shopper.choose_number("s06", 2, best="1")
    declined = shopper.play(shopper.pay().location, "decline")
    assert "The bank declined the payment. You were not charged. Try another card." in declined.words
    assert not declined.all("div", class_="qr")
    form = declined.all("form")[0]["action"]
    again = shopper.send(form, {}, declined)
    assert again.status_code == 303
    twice = shopper.send(form, {}, declined)
    assert twice.location == again.location
    assert len(shopper.play(again.location, "approve").all("div", class_="qr")) == 2


def test_back_without_paying_waits_for_the_banks_word(shopper: Shopper) -> None:
    shopper.choose_number("s06", 1, best="1")
    payment = shopper.pay().location
    waiting = shopper.play(payment, "abandon")
    assert "We are waiting for the bank. Do not pay again; tickets will arrive by email." in waiting.words
    assert waiting.response.headers["Refresh"] == "10"
    to_bank = shopper.send(waiting.all("form")[0]["action"], {}, waiting)
    assert to_bank.location == payment
    to_pay = shopper.get(f"orders/{code_in(waiting)}")
    assert "Refresh" not in to_pay.response.headers
    assert "Pay 2\u00a0500\u00a0₸" in to_pay.html


def test_an_unpaid_order_ends(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose_number("s06", 1, best="1")
    waiting = shopper.play(shopper.pay().location, "abandon")
    kassa.clock.forward(minutes=11)
    kassa.work()
    ended = shopper.get(f"orders/{code_in(waiting)}")
    assert "Time is up. The seats are free again; please choose once more." in ended.words
    assert ended.all("a", href="/en/screenings/s06")
    assert not ended.all("form")


def test_money_that_comes_too_late_brings_the_seats_back(shopper: Shopper) -> None:
    shopper.choose_number("s06", 2, best="1")
    assert len(shopper.play(shopper.pay().location, "late").all("div", class_="qr")) == 2


def test_a_refunded_ticket_has_no_code(shopper: Shopper, kassa: Kassa) -> None:
    page = shopper.buy("s06", 2)
    code = code_in(page)
    key = kassa.runtime.keys.key("order", _order_id(kassa, code))
    tickets = expect(kassa.get(f"/api/v1/orders/{code}", f"Order {key}"), 200)["tickets"]
    staff = kassa.staff()
    kassa.refund({"order": code}, staff, tickets=[tickets[0]["ticket"]])
    part = shopper.get(f"orders/{code}")
    assert len(part.all("div", class_="qr")) == 1
    assert len(part.all("li", class_="is-void")) == 1
    assert "Part-refunded" in part.words
    assert "Refunded: 2\u00a0500\u00a0₸" in part.html
    assert tickets[0]["code"][:8] not in part.html.replace(" ", "")
    kassa.refund({"order": code}, staff, tickets=[tickets[1]["ticket"]])
    whole = shopper.get(f"orders/{code}")
    assert not whole.all("div", class_="qr")
    assert "Money refunded" in whole.words


def test_a_bank_that_does_not_answer_keeps_the_seats(
    shopper: Shopper, kassa: Kassa, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_gateway: DemoGateway, _request: StartRequest) -> Started:
        raise GatewayUnreachableError

    shopper.choose_number("s06", 1, best="1")
    with monkeypatch.context() as patched:
        patched.setattr(DemoGateway, "start", away)
        to_order = shopper.pay()
        assert to_order.status_code == 303
        page = shopper.get(to_order.location)
        assert "Awaiting payment" in page.words
        form = page.all("form")[0]["action"]
        refused = Page(shopper.send(form, {}, page))
        assert refused.status == 503
        assert "The bank does not answer. Your seats are kept; try again in a minute." in refused.words
    to_bank = shopper.send(form, {}, page)
    assert len(shopper.play(to_bank.location, "approve").all("div", class_="qr")) == 1


def test_an_order_that_is_over_cannot_be_paid(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose_number("s06", 1, best="1")
    declined = shopper.play(shopper.pay().location, "decline")
    kassa.clock.forward(minutes=11)
    ended = shopper.send(declined.all("form")[0]["action"], {}, declined)
    assert ended.status_code == 303
    assert "This order cannot be paid now. Choose the seats once more." in shopper.get(ended.location).words


def test_a_closed_bank_page_leads_back(shopper: Shopper) -> None:
    shopper.choose_number("s06", 1, best="1")
    payment = shopper.pay().location
    shopper.play(payment, "approve")
    path = "/" + payment.split("/", 3)[3]
    assert "This payment page is closed. Go back to your order." in shopper.get(path).words
    again = shopper.send(path, {"outcome": "decline"})
    assert again.status_code == 303
    assert "Paid" in shopper.get("tickets/").words


def _order_id(kassa: Kassa, code: str) -> UUID:
    with kassa.database.reading() as session:
        return order_id_by_code(session, code)


def test_a_payment_that_people_check_has_nothing_to_press(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", places=["З-5-7"]))
    capture_other_amount(kassa, order, 100_000)
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    for minutes in (0, 11):
        kassa.clock.forward(minutes=minutes)
        kassa.work()
        page = shopper.get(f"orders/{order['order']}")
        assert "People are checking it. You need not do anything" in page.words
        assert "You were not charged" not in page.words
        assert not [one for one in page.all("form") if one["action"].endswith("/pay")]
        back = shopper.send(f"orders/{order['order']}/pay", {"form_key": "k"})
        assert "Do not pay again" in shopper.get(back.location).words
    assert [one["status"] for one in kassa.read(order)["payments"]] == ["parked"]


def test_an_order_of_a_cancelled_screening_cannot_be_paid(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 1))
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "the print is lost", SYSTEM, kassa.clock.now())
    for _ in range(2):
        page = shopper.get(f"orders/{order['order']}")
        assert "so the order cannot be paid" in page.words
        assert not [one for one in page.all("form") if one["action"].endswith("/pay")]
        back = shopper.send(f"orders/{order['order']}/pay", {"form_key": "k"})
        assert back.location == f"/en/orders/{order['order']}"
        kassa.work()
    assert kassa.read(order)["status"] == "expired"
