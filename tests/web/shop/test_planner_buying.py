"""From the plan to one basket, and what is said of screenings that overlap before they are paid for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa, order_body
from tests.web.shop.conftest import Page, Shopper
from tests.web.shop.test_planner import mark, move, starts_of


def hold_rest(shopper: Shopper, quantity: int, *codes: str) -> TestResponse:
    return shopper.send("plan/hold", {"screening": list(codes), "quantity": str(quantity)})


def held(shopper: Shopper) -> list[str]:
    """Return the titles in the basket."""
    html = shopper.get("basket").html
    return [part.split("</h2>")[0].split(">", 1)[1] for part in html.split('<h2 id="t-')[1:]]


def overlap(kassa: Kassa) -> None:
    """Let s06 begin half an hour before s05 ends, in another building."""
    _, end = starts_of(kassa, "s05")
    move(kassa, "s06", starts_at=end - timedelta(minutes=30))  # type: ignore[operator]


def test_one_press_holds_the_rest_for_everybody(shopper: Shopper) -> None:
    shopper.buy("s03", 1)
    mark(shopper, "s03", "s05", "s06", "s07")
    page = shopper.get("plan")
    boxes = page.all("input", name="screening")
    assert [box["value"] for box in boxes] == ["s05", "s06", "s07"]
    assert all("checked" in box for box in boxes)
    answer = hold_rest(shopper, 3, "s05", "s06", "s07")
    assert answer.location == "/en/basket"
    assert len(held(shopper)) == 3
    assert len(shopper.get("basket").all("select", class_="input")) == 9
    assert "The best free places" not in shopper.get("basket").words  # said once
    assert shopper.get("plan").words.count("3 places in your basket") == 3
    assert "Paid" in shopper.play(shopper.pay().location, "approve").words
    assert not shopper.get("plan").all("input", name="screening")


def test_pressed_twice_it_holds_nothing_twice(shopper: Shopper) -> None:
    mark(shopper, "s06", "s07")
    hold_rest(shopper, 1, "s06", "s07")
    hold_rest(shopper, 1, "s06", "s07")
    assert len(held(shopper)) == 2


@pytest.mark.parametrize(
    ("language", "not_held", "why"),
    [
        ("kk", "Сақталмады:", "мұнда бір жолы азырақ билет сатылады"),
        ("ru", "Не удалось оставить:", "здесь за один раз продают меньше билетов"),
        ("en", "Not held:", "fewer tickets are sold at once here"),
    ],
)
def test_what_is_not_held_is_told_with_the_reason(
    kassa: Kassa, language: str, not_held: str, why: str
) -> None:
    shopper = Shopper(kassa, language)
    move(kassa, "s07", max_places_per_order=2)
    mark(shopper, "s06", "s07")
    answer = hold_rest(shopper, 4, "s06", "s07")
    assert answer.location == f"/{language}/plan"
    page = Page(shopper.client.get(answer.location))
    assert not_held in page.words
    assert why in page.words
    assert page.all("a", href=f"/{language}/basket")
    assert len(held(shopper)) == 1
    assert not_held not in shopper.get("plan").words


def test_a_sold_out_screening_keeps_none_of_the_others_from_being_held(
    shopper: Shopper, another: Callable[..., Shopper]
) -> None:
    mark(shopper, "s06", "s10")
    other = another()
    while len(shopper.kassa.free_places("s10")) > 7:
        assert (
            other.choose_number(
                "s10", min(8, len(shopper.kassa.free_places("s10")) - 7), best="1"
            ).status_code
            == 303
        )
    hold_rest(shopper, 8, "s06", "s10")
    words = shopper.get("plan").words
    assert "so many places are not free any more" in words
    assert "8 places in your basket" in words


def test_only_what_is_ticked_and_in_the_plan_is_held(shopper: Shopper) -> None:
    mark(shopper, "s06", "s07")
    hold_rest(shopper, 1, "s07", "s10", "nowhere", "s02")
    assert len(held(shopper)) == 1


def test_the_basket_is_never_made_to_forget_a_hold(shopper: Shopper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.sales.shop.planner_buying.MOST_HOLDS", 2)
    mark(shopper, "s05", "s06", "s07")
    hold_rest(shopper, 1, "s05", "s06", "s07")
    assert "the basket is full; pay for it first" in shopper.get("plan").words
    assert len(held(shopper)) == 2


@pytest.mark.parametrize("quantity", ["", "0", "-1", "x"])
def test_nobody_needs_no_places(shopper: Shopper, quantity: str) -> None:
    mark(shopper, "s06")
    assert shopper.send("plan/hold", {"screening": "s06", "quantity": quantity}).status_code == 422
    assert held(shopper) == []


def test_of_two_that_overlap_the_second_is_not_ticked(shopper: Shopper, kassa: Kassa) -> None:
    overlap(kassa)
    mark(shopper, "s05", "s06", "s07")
    boxes = {box["value"]: "checked" in box for box in shopper.get("plan").all("input", name="screening")}
    assert boxes == {"s05": True, "s06": False, "s07": True}
    shopper.choose_number("s06", 1, best="1")
    boxes = {box["value"]: "checked" in box for box in shopper.get("plan").all("input", name="screening")}
    assert boxes == {"s05": False, "s07": True}


def test_seats_chosen_from_the_plan_lead_back_to_it(shopper: Shopper) -> None:
    mark(shopper, "s06")
    (link,) = shopper.get("plan").all("a", href="/en/screenings/s06?from=plan")
    page = shopper.get(link["href"])
    assert page.all("a", class_="back", href="/en/plan#s-s06")
    assert shopper.send(link["href"], {"place": "З-12-10"}).location == "/en/plan"
    assert "1 place in your basket" in shopper.get("plan").words
    assert shopper.choose("s06", "З-10-10").location == "/en/basket"


# Before it is paid for


@pytest.mark.parametrize(
    ("language", "words", "asked"),
    [
        ("kk", "уақыты 30 мин қабаттасады.", "Барлық билетті алатыныңызды растаңыз."),
        ("ru", "пересекаются на 30 мин.", "Подтвердите, что берёте все билеты."),
        ("en", "overlap by 30 min.", "Confirm that you want all the tickets."),
    ],
)
def test_an_overlap_is_said_and_overruled_by_a_tick(
    kassa: Kassa, language: str, words: str, asked: str
) -> None:
    shopper = Shopper(kassa, language)
    overlap(kassa)
    shopper.choose_number("s05", 1, best="1")
    assert words not in shopper.get("basket").words
    shopper.choose_number("s06", 1, best="1")
    for path in ("basket", "checkout"):
        assert words in shopper.get(path).words
    refused = Page(shopper.pay())
    assert refused.status == 422
    assert asked in refused.words
    assert refused.all("a", href="#overlap")
    assert "/demo-bank/" in shopper.pay(overlap="1").location


def test_a_way_that_is_too_long_is_said_and_needs_no_tick(shopper: Shopper, kassa: Kassa) -> None:
    _, end = starts_of(kassa, "s05")
    move(kassa, "s06", starts_at=end + timedelta(minutes=10))  # type: ignore[operator]
    shopper.choose_number("s05", 1, best="1")
    shopper.choose_number("s06", 1, best="1")
    page = shopper.get("checkout")
    assert "The way takes 20 min." in page.words
    assert not page.all("input", name="overlap")
    assert shopper.pay().status_code == 303


def test_a_ticket_bought_before_counts_too(shopper: Shopper, kassa: Kassa) -> None:
    overlap(kassa)
    shopper.choose_number("s05", 1, best="1")
    shopper.pay()
    shopper.choose_number("s06", 1, best="1")
    page = shopper.get("checkout")
    assert "overlap by 30 min." in page.words
    assert page.all("input", name="overlap")


def test_more_tickets_for_the_same_screening_are_no_overlap(shopper: Shopper) -> None:
    shopper.buy("s06", 1)
    shopper.choose_number("s06", 1, best="1")
    page = shopper.get("checkout")
    assert "overlap" not in page.words
    assert shopper.pay().status_code == 303


def test_two_tickets_that_overlap_already_are_not_told_again(shopper: Shopper, kassa: Kassa) -> None:
    overlap(kassa)
    shopper.choose_number("s05", 1, best="1")
    shopper.choose_number("s06", 1, best="1")
    shopper.pay(overlap="1")
    shopper.choose_number("s07", 1)
    assert "overlap" not in shopper.get("checkout").words


def test_programs_are_not_asked(kassa: Kassa) -> None:
    overlap(kassa)
    order = order_body(kassa.hold("s05", 1), kassa.hold("s06", 1))
    assert kassa.post("/api/v1/orders", order).status_code == 201
