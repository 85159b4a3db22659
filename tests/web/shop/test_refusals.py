"""Refusals at the pages: what is said, what is kept, what can be done next."""

from collections.abc import Callable

import pytest

from tests.support.kassa import Kassa
from tests.web.shop.conftest import Page, Shopper

SEATS = ("З-12-10", "З-12-11")


def test_a_taken_seat_keeps_the_other_choices(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    another().choose("s06", "З-12-11")
    refused = Page(shopper.choose("s06", "З-12-10", "З-12-11", "З-12-12"))
    assert refused.status == 409
    assert "Someone has just taken these seats: Row 12, seat 11. Please choose others." in refused.words
    boxes = {box["value"]: box for box in refused.all("input", name="place")}
    assert "checked" in boxes["З-12-10"]
    assert "checked" in boxes["З-12-12"]
    assert "disabled" in boxes["З-12-11"]
    assert boxes["З-12-11"]["aria-label"] == "Row 12, seat 11, taken"
    assert "З-12-10" in shopper.kassa.free_places("s06")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Ең көбі 8 орын алуға болады. Азырақ таңдаңыз."),
        ("ru", "Можно взять не больше 8 мест. Уменьшите выбор."),
        ("en", "You can take at most 8 places. Please choose fewer."),
    ],
)
def test_too_many_seats(another: Callable[..., Shopper], language: str, words: str) -> None:
    seats = [f"З-12-{number}" for number in range(1, 10)]
    refused = Page(another(language).choose("s06", *seats))
    assert refused.status == 422
    assert words in refused.words
    assert sum("checked" in box for box in refused.all("input", name="place")) == 9


def test_nothing_chosen(shopper: Shopper) -> None:
    refused = Page(shopper.choose("s06"))
    assert refused.status == 422
    assert "Choose at least one seat." in refused.words


def test_a_seat_that_the_hall_has_not(shopper: Shopper) -> None:
    refused = Page(shopper.choose("s06", "Я-99-1"))
    assert refused.status == 422
    assert "This hall has no such seat." in refused.words


def test_a_closed_screening_has_no_seats_to_choose(shopper: Shopper) -> None:
    page = shopper.get("screenings/s02")
    assert not page.all("input", name="place")
    assert "This screening is for accredited guests" in page.words
    assert Page(shopper.choose_number("s02", 1, best="1")).status == 409


def test_sales_end_when_the_screening_begins(shopper: Shopper, kassa: Kassa) -> None:
    kassa.clock.forward(days=6)
    page = shopper.get("screenings/s03")
    assert "This screening is over." in page.words
    assert not page.all("input", name="place")
    assert "Ended" in shopper.get("films/salt-wind").words


# The 96 places of s10 but for those that are kept for wheelchairs and who comes with them.
ON_REQUEST = ("З-1-1", "З-1-2", "З-1-11", "З-1-12")


def test_sold_out(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    assert another().choose("s10", *ON_REQUEST).status_code == 303
    for quantity in (*[8] * 11, 4):
        assert another().choose_number("s10", quantity, best="1").status_code == 303
    page = shopper.get("screenings/s10")
    assert "No places are left. Look at other screenings." in page.words
    assert "Sold out" in shopper.get("").words
    refused = Page(shopper.choose_number("s10", 1, best="1"))
    assert refused.status == 409
    assert "No places are left" in refused.words


def test_few_are_left_and_more_are_wanted(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    another().choose("s10", *ON_REQUEST)
    for _ in range(11):
        another().choose_number("s10", 8, best="1")
    another().choose_number("s10", 1, best="1")
    assert "3 places left" in shopper.get("").words
    refused = Page(shopper.choose_number("s10", 4, best="1"))
    assert refused.status == 409
    assert "So many places are not free any more. Choose fewer." in refused.words


def test_an_expired_hold_is_said_once(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose("s06", *SEATS)
    kassa.clock.forward(minutes=11)
    page = shopper.get("basket")
    assert "Time is up. The seats are free again; please choose once more." in page.words
    assert "Time is up" not in shopper.get("basket").words
    assert set(SEATS) <= set(kassa.free_places("s06"))


def test_time_is_extended_once(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose("s06", *SEATS)
    kassa.clock.forward(minutes=8)
    assert shopper.get("basket").all("button", value="renew")
    shopper.act("renew")
    page = shopper.get("basket")
    assert "Kept for 10 more minutes." in page.words
    assert not page.all("button", value="renew")
    kassa.clock.forward(minutes=9)
    assert shopper.get("basket").all("button", value="checkout")
    shopper.act("renew")
    page = shopper.get("basket")
    assert "Kept for 10 more minutes." not in page.words
    assert "The time has been extended once already." in page.words
    kassa.clock.forward(minutes=2)
    assert "Time is up" in shopper.get("basket").words


def test_time_is_extended_in_the_checkout_with_what_was_typed(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose("s06", *SEATS)
    kassa.clock.forward(minutes=9)
    form = {"act": "renew", "email": "a@example.kz", "name": "<b>Айгерім</b>", "phone": "12"}
    page = Page(shopper.send("checkout", form, shopper.get("checkout")))
    assert page.status == 200
    assert "Kept for 10 more minutes." in page.words
    assert (page.value("email"), page.value("name"), page.value("phone")) == (
        form["email"],
        form["name"],
        "12",
    )
    assert not page.all("button", value="renew")
    kassa.clock.forward(minutes=9)
    page = Page(shopper.send("checkout", form, page))
    assert "The time has been extended once already." in page.words
    kassa.clock.forward(minutes=2)
    late = shopper.send("checkout", form, page)
    assert (late.status_code, late.location) == (303, "/en/basket")
    assert "Time is up" in shopper.get("basket").words


def test_giving_back_frees_the_seats(shopper: Shopper, kassa: Kassa) -> None:
    shopper.choose("s06", *SEATS)
    act = next(b["value"] for b in shopper.get("basket").all("button") if b["value"].startswith("remove:"))
    assert shopper.act(act).location == "/en/basket"
    assert "Nothing is chosen yet." in shopper.get("basket").words
    assert set(SEATS) <= set(kassa.free_places("s06"))


def test_changing_seats_brings_them_back_chosen(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    act = next(b["value"] for b in shopper.get("basket").all("button") if b["value"].startswith("change:"))
    page = shopper.get(shopper.act(act).location)
    chosen = {box["value"] for box in page.all("input", name="place") if "checked" in box}
    assert chosen == set(SEATS)


def test_somebody_elses_hold_cannot_be_given_back(shopper: Shopper, another: Callable[..., Shopper]) -> None:
    owner = another()
    owner.choose("s06", *SEATS)
    act = next(b["value"] for b in owner.get("basket").all("button") if b["value"].startswith("remove:"))
    shopper.choose_number("s07", 1)
    shopper.act(act)
    assert "Row 12, seat 10" in owner.get("basket").words


def test_checkout_says_at_each_field_what_is_wrong(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    refused = Page(shopper.pay(email="nobody", name="", phone="+7 701", terms=""))
    assert refused.status == 422
    for field in ("email", "name", "phone", "terms"):
        box = refused.all("input", name=field)[0]
        assert box["aria-invalid"] == "true"
        assert f"{field}-error" in box["aria-describedby"].split()
        assert refused.all("span", id=f"{field}-error")
        assert refused.all("a", href=f"#{field}")
    assert refused.value("email") == "nobody"
    assert "Row 12, seat 10" in refused.words
    assert shopper.pay().status_code == 303


def test_checkout_with_an_empty_basket_leads_back(shopper: Shopper, kassa: Kassa) -> None:
    assert shopper.get("checkout", 303).response.location == "/en/basket"
    shopper.choose("s06", *SEATS)
    checkout = shopper.get("checkout")
    kassa.clock.forward(minutes=11)
    refused = shopper.send("checkout", {"email": "a@example.kz", "name": "A", "terms": "1"}, checkout)
    assert refused.location == "/en/basket"
    assert "Time is up" in shopper.get("basket").words


@pytest.mark.parametrize("path", ["screenings/s06", "basket", "checkout", "orders/AAA-AAAA/pay"])
def test_a_form_without_its_token_is_refused(shopper: Shopper, path: str) -> None:
    refused = Page(shopper.client.post(f"/en/{path}", data={"place": "З-12-10"}))
    assert refused.status == 400
    assert "This page has been open for too long. Load it again and repeat." in refused.words


def test_age_and_late_end_are_said_before_paying(shopper: Shopper) -> None:
    shopper.choose_number("s10", 1, best="1")
    assert "Anyone under 21 will not be admitted, even with a ticket." in shopper.get("checkout").words
    shopper.choose_number("s06", 1, best="1")
    notices = shopper.get("checkout").words
    assert "Anyone under 16 will not be admitted, even with a ticket." in notices
    assert "ends after 22:00" not in notices
