"""The main job by pages: from the programme to the tickets, in three languages."""

from collections.abc import Callable

import pytest

from tests.web.shop.conftest import Page, Shopper

NO_BREAK = "\u00a0"
SEATS = ("З-12-10", "З-12-11")
WORDS = {
    "kk": ("Бағдарлама", "Шыны бақ", "12-қатар, 10-орын", "Төленді", "Демо-банк", "Тегін"),
    "ru": ("Программа", "Стеклянный сад", "Ряд 12, место 10", "Оплачено", "Демо-банк", "Бесплатно"),
    "en": ("Programme", "Glass Orchard", "Row 12, seat 10", "Paid", "Demo bank", "Free"),
}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_two_seats_from_the_programme_to_the_tickets(another: Callable[..., Shopper], language: str) -> None:
    programme, title, seat, paid, bank, _ = WORDS[language]
    shopper = another(language)
    page = shopper.get("")
    assert programme in page.words
    assert title in page.words
    film = next(link["href"] for link in page.all("a") if link.get("href", "").endswith("#s-s06"))
    assert title in shopper.get(film).words
    hall = shopper.get("screenings/s06")
    assert len(hall.all("input", name="place")) == 346
    assert any(box["aria-label"].startswith(seat) for box in hall.all("input", name="place"))

    assert shopper.choose("s06", *SEATS).location == f"/{language}/basket"
    basket = shopper.get("basket")
    assert seat in basket.words
    assert f"5{NO_BREAK}000{NO_BREAK}₸" in basket.html
    selects = basket.all("select")
    assert len(selects) == 2
    to_checkout = shopper.act("checkout", **{selects[1]["name"]: "student"})
    assert to_checkout.location == f"/{language}/checkout"
    checkout = shopper.get("checkout")
    assert f"4{NO_BREAK}250{NO_BREAK}₸" in checkout.html

    to_bank = shopper.pay()
    assert to_bank.status_code == 303
    assert bank in shopper.get("/" + to_bank.location.split("/", 3)[3]).words
    order = shopper.play(to_bank.location, "approve")
    assert paid in order.words
    assert len(order.all("div", class_="qr")) == 2
    codes = [line for line in order.words.split() if line.startswith("K1")]
    assert len(codes) == 2
    assert title in shopper.get("tickets/").words
    assert order.all("html") == [{"lang": language}]
    free = shopper.kassa.free_places("s06")
    assert not set(SEATS) & set(free)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_free_screening_needs_no_bank(another: Callable[..., Shopper], language: str) -> None:
    shopper = another(language)
    shopper.choose_number("s05", 3, best="1")
    checkout = shopper.get("checkout")
    assert WORDS[language][5] in checkout.words
    to_order = shopper.pay()
    assert to_order.status_code == 303
    assert f"/{language}/orders/" in to_order.location
    assert len(shopper.get(to_order.location).all("div", class_="qr")) == 3


def test_unnumbered_places(shopper: Shopper) -> None:
    page = shopper.get("screenings/s07")
    assert not page.all("input", name="place")
    assert "Free places: 220" in page.words
    assert shopper.choose_number("s07", 3).location == "/en/basket"
    assert "Free places: 217" in shopper.get("screenings/s07").words
    order = shopper.play(shopper.pay().location, "approve")
    assert len(order.all("div", class_="qr")) == 3
    assert len(order.all("p", class_="ticket__free")) == 3


def test_two_screenings_are_one_order(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    shopper.choose_number("s07", 1)
    order = shopper.play(shopper.pay().location, "approve")
    assert len(order.all("section", class_="visit")) == 2
    assert len(order.all("div", class_="qr")) == 3


def test_best_seats_of_a_band_are_side_by_side(shopper: Shopper) -> None:
    shopper.choose_number("s06", 4, best="1", band="Стандарт")
    seats = [label["name"].rsplit(":", 1)[1] for label in shopper.get("basket").all("select")]
    rows = {seat.rsplit("-", 1)[0] for seat in seats}
    numbers = sorted(int(seat.rsplit("-", 1)[1]) for seat in seats)
    assert len(rows) == 1
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert shopper.get("basket").words.count("Standard") == 4


def test_own_seats_are_named_where_they_are_chosen(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    page = shopper.get("screenings/s06")
    assert "Already in your basket" in page.words
    assert "Row 12, seat 10; Row 12, seat 11" in page.words
    assert "Already in your basket" not in shopper.get("screenings/s05").words


def test_a_double_click_makes_one_order(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    checkout = shopper.get("checkout")
    stale = [cookie.value for cookie in [shopper.client.get_cookie("session")] if cookie]
    first = shopper.send("checkout", {"email": "a@example.kz", "name": "A", "terms": "1"}, checkout)
    shopper.client.set_cookie("session", stale[0])  # the second click left before the first answer came
    second = shopper.send("checkout", {"email": "a@example.kz", "name": "A", "terms": "1"}, checkout)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(shopper.get("tickets/").all("li", class_="mine__order")) == 1


def test_a_card_is_asked_for_on_the_ticket_of_a_concession(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    select = shopper.get("basket").all("select")[0]["name"]
    shopper.act("update", **{select: "student"})
    order = shopper.play(shopper.pay().location, "approve")
    assert "Student: show your student card at the door." in order.words


def test_what_must_stay_private_says_so(shopper: Shopper) -> None:
    shopper.choose("s06", *SEATS)
    pages: list[Page] = [shopper.get("basket"), shopper.get("checkout")]
    to_bank = shopper.pay().location
    pages += [shopper.get("/" + to_bank.split("/", 3)[3]), shopper.play(to_bank, "approve")]
    pages += [shopper.get("tickets/")]
    for page in pages:
        assert page.response.headers["Cache-Control"] == "no-store"
        assert page.response.headers["Referrer-Policy"] == "no-referrer"
        assert page.response.headers["X-Robots-Tag"] == "noindex"
