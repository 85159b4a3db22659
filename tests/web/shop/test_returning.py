"""Buyers give tickets back in two clicks, without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.kassa import Json, Kassa
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.revision import bump


def set_policy(kassa: Kassa, **values: Any) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values({f"refund_{name}": value for name, value in values.items()}))
        bump(session)


def opened(shopper: Shopper, order: Json) -> Page:
    """Return the page of an order, opened in this browser."""
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return shopper.get(f"orders/{order['order']}")


def returnable(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a") if "/return?" in link.get("href", "")]


def form_of(page: Page) -> Json:
    chosen = [box["value"] for box in page.all("input", name="ticket") if "checked" in box]
    return {"ticket": chosen, "amount": page.value("amount")}


def states(kassa: Kassa, order: Json) -> list[str]:
    return [ticket["status"] for ticket in kassa.read(order)["tickets"]]


def test_one_ticket_in_two_clicks(shopper: Shopper, kassa: Kassa) -> None:
    set_policy(kassa, fee_percent=10)
    order = kassa.buy("s06", 2)
    links = returnable(opened(shopper, order))
    assert len(links) == 2
    page = shopper.get(links[0])
    assert "2\u00a0250\u00a0₸" in page.html
    assert "Usually the money is there within 10 days." in page.words
    form = form_of(page)
    assert len(form["ticket"]) == 1
    path = f"orders/{order['order']}/return"
    answer = shopper.send(path, form, page)
    assert answer.status_code == 303
    assert answer.location == f"/en/orders/{order['order']}"
    after = shopper.get(answer.location)
    assert "The tickets are returned." in after.words
    assert len(returnable(after)) == 1
    assert sorted(states(kassa, order)) == ["valid", "void"]
    again = shopper.send(path, form, page)
    assert again.location == answer.location
    assert len(kassa.read(order)["refunds"]) == 1


def test_what_lets_somebody_in_comes_first_and_the_list_says_the_same(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    page = shopper.get(returnable(opened(shopper, order))[0])
    shopper.send(f"orders/{order['order']}/return", form_of(page), page)
    tickets = [
        card["class"].split()
        for card in opened(shopper, order).all("li")
        if "ticket" in card.get("class", "")
    ]
    assert ["is-void" in classes for classes in tickets] == [False, True]
    listed = shopper.get("tickets/").words
    assert "Part-refunded" in listed
    assert "1 ticket" in listed
    assert "2 tickets" not in listed


def test_another_choice_is_shown_before_it_is_done(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    opened(shopper, order)
    path = f"orders/{order['order']}/return"
    page = shopper.get(path)
    both = form_of(page)
    assert (len(both["ticket"]), both["amount"]) == (2, "500000")
    answer = shopper.send(path, {**both, "ticket": both["ticket"][:1]}, page)
    assert answer.status_code == 409
    shown = Page(answer)
    assert "Check the amount and confirm." in shown.words
    assert form_of(shown) == {"ticket": both["ticket"][:1], "amount": "250000"}
    assert states(kassa, order) == ["valid", "valid"]
    assert shopper.send(path, form_of(shown), shown).status_code == 303
    assert sorted(states(kassa, order)) == ["valid", "void"]


@pytest.mark.parametrize(
    "changed",
    [{"amount": ""}, {"amount": "x"}, {"amount": "9" * 40}, {"ticket": []}, {"ticket": ["x", "\x00"]}],
)
def test_bad_input_changes_nothing(shopper: Shopper, kassa: Kassa, changed: Json) -> None:
    order = kassa.buy("s06", 1)
    opened(shopper, order)
    path = f"orders/{order['order']}/return"
    page = shopper.get(path)
    assert shopper.send(path, {**form_of(page), **changed}, page).status_code in (409, 422)
    assert shopper.client.post(f"/en/{path}", data=form_of(page)).status_code in (400, 403)
    assert states(kassa, order) == ["valid"]


def test_the_page_says_why_not(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    opened(shopper, order)
    path = f"orders/{order['order']}/return"
    page = shopper.get(path)
    kassa.open_doors()
    late = shopper.get(path)
    assert "The time to return it is over" in late.words
    assert not late.all("input", name="ticket")
    assert not returnable(shopper.get(f"orders/{order['order']}"))
    answer = shopper.send(path, form_of(page), page)
    assert answer.status_code == 409
    assert "The time to return these tickets yourself is over." in Page(answer).words
    set_policy(kassa, self_service=False)
    assert "ask the box office" in shopper.get(path).words


def test_a_changed_film_is_told_and_goes_back_whole(shopper: Shopper, kassa: Kassa) -> None:
    set_policy(kassa, self_service=False, fee_percent=50)
    order = kassa.buy("s06", 1)
    assert not returnable(opened(shopper, order))
    with kassa.database.transaction() as session:
        session.execute(
            update(Screening).where(Screening.code == "s06").values(film_changed_at=kassa.clock.now())
        )
    page = shopper.get(f"orders/{order['order']}")
    assert "Another film plays at this screening." in page.words
    returning = shopper.get(returnable(page)[0])
    assert form_of(returning)["amount"] == "250000"


def test_a_free_place_is_given_back(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s05", 1)
    page = shopper.get(returnable(opened(shopper, order))[0])
    assert "Where to" not in page.words
    assert shopper.send(f"orders/{order['order']}/return", form_of(page), page).status_code == 303
    assert kassa.read(order)["status"] == "refunded"


def test_nobody_else_s_order(shopper: Shopper, another: Callable[..., Shopper], kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    page = opened(shopper, order)
    stranger = another()
    path = f"orders/{order['order']}/return"
    assert not stranger.get(path, 404).all("form", method="post")
    assert stranger.send(path, form_of(shopper.get(returnable(page)[0]))).status_code == 404
    assert states(kassa, order) == ["valid"]
