"""A voucher in the basket and in the checkout, as a browser without JavaScript would use it."""

import pytest

from tests.support.kassa import Kassa
from tests.support.vouchers import MANAGER, make_vouchers
from tests.web.shop.conftest import BUYER, Page, Shopper
from ticketing.sales.voucher_rules import VoucherKind, in_groups
from ticketing.sales.voucher_series import stop_series


def half(kassa: Kassa, **facts: object) -> str:
    return make_vouchers(kassa.database, kassa.clock.now(), **facts)[1][0]


@pytest.fixture
def code(kassa: Kassa) -> str:
    return half(kassa)


def test_the_basket_shows_what_each_place_saves(shopper: Shopper, code: str) -> None:
    shopper.choose_number("s06", 2, best="1")
    assert shopper.act("voucher", voucher=in_groups(code).lower()).status_code == 303
    page = shopper.get("basket")
    assert in_groups(code) in page.words
    assert page.words.count("saved: 1 250 ₸") == 2
    assert "−2 500 ₸" in page.words
    assert "2 500 ₸" in Page(shopper.client.get("/en/checkout")).words
    assert shopper.act("no_voucher").status_code == 303
    assert "5 000 ₸" in shopper.get("basket").words


def test_the_price_shown_is_the_price_paid(shopper: Shopper, code: str) -> None:
    shopper.choose_number("s06", 2, best="1")
    shopper.act("voucher", voucher=code)
    assert "Pay 2 500 ₸" in shopper.get("checkout").words
    assert "2 500 ₸" in shopper.play(shopper.pay().location, "approve").words
    assert shopper.kassa.broken_invariants() == []
    shopper.choose_number("s07", 1)
    assert in_groups(code) not in shopper.get("basket").words


def test_a_free_order_is_paid_at_once(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose_number("s06", 1, best="1")
    shopper.act("voucher", voucher=half(kassa, kind=VoucherKind.FREE, value=0))
    assert "Get a free ticket" in shopper.get("checkout").words
    assert "/orders/" in shopper.pay().location


@pytest.mark.parametrize("act", ["voucher", None])
def test_a_voucher_typed_in_the_checkout_is_never_passed_over(
    shopper: Shopper, code: str, act: str | None
) -> None:
    shopper.choose_number("s06", 2, best="1")
    form = {**BUYER, "voucher": code, **({"act": act} if act else {})}
    page = Page(shopper.send("checkout", form, shopper.get("checkout")))
    assert page.status == 200
    assert "Pay 2 500 ₸" in page.words
    assert page.value("email") == BUYER["email"]


def test_a_wrong_code_is_said_and_forgotten(shopper: Shopper) -> None:
    shopper.choose_number("s06", 1, best="1")
    shopper.act("voucher", voucher="KINO-AAAA-AAAA")
    page = shopper.get("basket")
    assert "There is no such voucher" in page.words
    assert page.all("input", name="voucher")


def test_a_voucher_stopped_meanwhile_is_said_before_anything_is_paid(shopper: Shopper, kassa: Kassa) -> None:
    series, [code] = make_vouchers(kassa.database, kassa.clock.now())
    shopper.choose_number("s06", 1, best="1")
    shopper.act("voucher", voucher=code)
    page = shopper.get("checkout")
    with kassa.database.transaction() as session:
        stop_series(session, series, "leaked", MANAGER, kassa.clock.now())
    shown = shopper.get("checkout")
    assert "not valid any more" in shown.words
    assert "Pay 2 500 ₸" in shown.words
    assert page.status == 200


@pytest.mark.parametrize("text", ["", "\0", "😀" * 300, "'; --", "ß" * 60, "\ud800"])
def test_anything_can_be_typed(shopper: Shopper, text: str) -> None:
    shopper.choose_number("s06", 1, best="1")
    raw = text.encode("utf-8", "surrogatepass")
    for path in ("basket", "checkout"):
        answer = shopper.send(path, {**BUYER, "act": "voucher", "voucher": raw}, shopper.get("checkout"))
        assert answer.status_code in (200, 303)
    assert shopper.get("basket").status == 200
