"""A ticket on its way to a friend: the buyer's form, the friend's link and button, without JavaScript."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from tests.support.friends import link_of, send, take_back
from tests.support.kassa import Json, Kassa, expect
from tests.web.shop.conftest import Page, Shopper
from ticketing.catalogue.models import Screening
from ticketing.catalogue.revision import bump

FRIEND = {"name": "Дана Ахметова", "email": "dana@example.kz", "locale": "kk"}


def opened(shopper: Shopper, order: Json) -> Page:
    """Return the page of an order, opened in this browser."""
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return shopper.get(f"orders/{order['order']}")


def send_links(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a") if link.get("href", "").endswith("/send")]


def take_back_forms(page: Page) -> list[str]:
    return [form["action"] for form in page.all("form") if form.get("action", "").endswith("/take-back")]


def arrived(friend: Shopper, kassa: Kassa, sent: Json) -> tuple[Page, str]:
    """Follow the link of the mail; return the page with the button, and its address."""
    bare = friend.client.get(link_of(kassa, sent))
    assert bare.status_code == 303
    assert "key=" not in bare.location
    assert "HttpOnly" in bare.headers["Set-Cookie"]
    return friend.get(bare.location), bare.location


def test_the_buyer_sends_and_sees_to_whom(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    links = send_links(opened(shopper, order))
    assert len(links) == 2
    form = shopper.get(links[0])
    answer = shopper.send(links[0], FRIEND, form)
    assert (answer.status_code, answer.location) == (303, f"/en/orders/{order['order']}")
    after = shopper.get(answer.location)
    assert "The ticket is sent." in after.words
    assert "Дана Ахметова dana@example.kz Not opened yet Take back" in after.words
    assert len(send_links(after)) == len(after.all("svg", role="img")) == 1
    # Sent twice, the form sends once.
    again = shopper.send(links[0], FRIEND, form)
    assert again.location == answer.location
    kassa.work()
    assert len([mail for mail in kassa.mails() if "dana@example.kz" in mail]) == 1


def test_what_the_buyer_has_no_more_is_on_none_of_her_pages(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    opened(shopper, order)
    ticket = order["tickets"][0]["ticket"]
    send(kassa, order)
    assert shopper.client.get(f"/en/orders/{order['order']}/tickets").status_code == 303
    for path in (f"tickets/{order['order']}.pdf", f"tickets/{order['order']}-{ticket}.pdf"):
        assert "Take it back first" in shopper.get(path, 409).words
    assert "STATUS:CANCELLED" in shopper.get(f"orders/{order['order']}.ics").html
    assert "Sent to somebody" in shopper.get(f"orders/{order['order']}/return").words
    assert shopper.client.get(f"/en/orders/{order['order']}/tickets/{ticket}/send").status_code == 303


def test_a_calendar_hears_of_each_change(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    opened(shopper, order)
    seen = []
    for act in ("nothing", "send", "take back"):
        if act == "send":
            send(kassa, order)
        if act == "take back":
            path = f"orders/{order['order']}/tickets/{order['tickets'][0]['ticket']}/take-back"
            assert shopper.send(path, {}).status_code == 303
        lines = shopper.get(f"orders/{order['order']}.ics").html.splitlines()
        sequence = next(int(line.partition(":")[2]) for line in lines if line.startswith("SEQUENCE"))
        seen.append((sequence, "STATUS:CANCELLED" in lines))
    assert [gone for _, gone in seen] == [False, True, False]
    assert len({sequence for sequence, _ in seen}) == 3
    assert seen == sorted(seen)


def test_the_friend_opens_by_a_button_and_sees_one_ticket(
    shopper: Shopper, another: Callable[..., Shopper], kassa: Kassa
) -> None:
    order, friend = kassa.buy("s06", 2), another()
    sent = send(kassa, order)
    page, address = arrived(friend, kassa, sent)
    assert "Айгерім Сәдуақасова sent you a ticket." in page.words
    assert page.all("svg", role="img") == []
    assert kassa.read(order)["tickets"][0]["transfer"]["opened_at"] is None
    for file in (".pdf", ".ics"):
        assert friend.client.get(f"{address}{file}").status_code == 404
    answer = friend.send(address, {})
    assert (answer.status_code, answer.location) == (303, address)
    page = friend.get(address)
    assert len(page.all("svg", role="img")) == 1
    assert page.response.headers["Cache-Control"] == "no-store"
    for secret in (order["order"], "aigerim@example.kz", "₸", order["tickets"][1]["code"][-4:]):
        assert secret not in page.html
    assert friend.client.get(f"{address}.pdf").get_data().startswith(b"%PDF")
    calendar = friend.get(f"{address}.ics").html
    assert "STATUS:CONFIRMED" in calendar
    assert order["order"] not in calendar
    owners = opened(shopper, order)
    assert take_back_forms(owners) == []
    assert "For changes, ask the box office." in owners.words
    code = page.html.partition('class="pass__code num" translate="no">')[2].partition("<")[0]
    kassa.open_doors()
    assert kassa.scan(kassa.device(), code)["verdict"] == "admit"
    assert "In, " in opened(shopper, order).words


def test_taken_back_before_it_was_opened(
    shopper: Shopper, another: Callable[..., Shopper], kassa: Kassa
) -> None:
    order, friend = kassa.buy("s06", 1), another()
    sent = send(kassa, order)
    _, address = arrived(friend, kassa, sent)
    (form,) = take_back_forms(opened(shopper, order))
    after = shopper.get(shopper.send(form, {}).location)
    assert "The ticket is yours again, with a new code." in after.words
    assert len(after.all("svg", role="img")) == 1
    assert shopper.send(form, {}).status_code == 303
    page = friend.get(address)
    assert "has taken it back" in page.words
    assert page.all("button", type="submit") == []
    late = friend.get(friend.send(address, {}).location)
    assert "Ask them for another." in late.words
    assert late.all("svg", role="img") == []
    friend.get(f"{address}.pdf", 410)


def test_a_refunded_ticket_is_over_for_the_friend_too(another: Callable[..., Shopper], kassa: Kassa) -> None:
    order, friend = kassa.buy("s06", 1), another()
    _, address = arrived(friend, kassa, send(kassa, order))
    friend.send(address, {})
    expect(kassa.refund(order, kassa.staff()), 201)
    page = friend.get(address)
    assert "This ticket is no longer valid." in page.words
    assert page.all("svg", role="img") == []
    friend.get(f"{address}.pdf", 410)
    assert "STATUS:CANCELLED" in friend.get(f"{address}.ics").html


def test_without_the_key_there_is_nothing(another: Callable[..., Shopper], kassa: Kassa) -> None:
    order, stranger = kassa.buy("s06", 1), another()
    sent, other = send(kassa, order), send(kassa, kassa.buy("s06", 1))
    bare, key = f"/en/sent/{sent['transfer']}", link_of(kassa, other).partition("key=")[2]
    for path in (bare, f"{bare}?key={key}", f"{bare}?key={'ә' * 26}", f"{bare}?key="):
        assert "This ticket cannot be shown here" in stranger.get(path, 404).words
    for path in (f"{bare}.pdf", f"{bare}.ics"):
        stranger.get(path, 404)
    assert stranger.send(bare, {}).status_code == 404
    ticket = f"/en/orders/{order['order']}/tickets/{order['tickets'][0]['ticket']}"
    assert stranger.client.get(f"{ticket}/send").status_code == 404
    for act in ("send", "take-back"):
        assert stranger.send(f"{ticket}/{act}", {**FRIEND, "form_key": "x"}).status_code == 404


def test_a_browser_keeps_several_tickets(another: Callable[..., Shopper], kassa: Kassa) -> None:
    order, friend = kassa.buy("s06", 2), another()
    addresses = [arrived(friend, kassa, send(kassa, order, number))[1] for number in (0, 1)]
    assert len({friend.get(address).words for address in addresses}) == 2
    mine = friend.get("tickets/")
    assert [link["href"] for link in mine.all("a", class_="mine__visit")] == sorted(addresses)
    assert "No order was opened" not in mine.words
    take_back(kassa, order, 0)
    assert [link["href"] for link in friend.get("tickets/").all("a", class_="mine__visit")] == addresses[1:]
    # A key that is not right opens nothing, wherever it stands.
    stranger = another()
    stranger.client.set_cookie("sent", f"{addresses[1].rpartition('/')[2].replace('-', '')}.{'a' * 26}")
    assert stranger.get("tickets/").all("a", class_="mine__visit") == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [({"name": " "}, "Your friend's name: "), ({"email": "dana@"}, "Your friend's email: Check the email")],
)
def test_a_friend_that_cannot_be_written_to(
    shopper: Shopper, kassa: Kassa, changed: Json, fault: str
) -> None:
    order = kassa.buy("s06", 1)
    (link,) = send_links(opened(shopper, order))
    page = Page(shopper.send(link, {**FRIEND, **changed}, shopper.get(link)))
    assert page.status == 422
    assert fault in page.words
    assert page.all("input", name="locale", value="kk")[0].get("checked") is not None
    assert kassa.read(order)["tickets"][0]["transferred"] is False


def test_a_refusal_stands_on_the_order(shopper: Shopper, kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    (link,) = send_links(opened(shopper, order))
    form = shopper.get(link)
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(starts_at=kassa.clock.now()))
        bump(session)
    after = shopper.get(shopper.send(link, FRIEND, form).location)
    assert "The screening has begun" in after.words
    assert send_links(after) == []
