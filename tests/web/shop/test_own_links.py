"""My tickets by a link to the address, and an order's other name or address, without JavaScript."""

import re
from collections.abc import Callable
from email import message_from_string
from email.message import EmailMessage
from email.policy import default

import icalendar
import pytest
from sqlalchemy import func, select

from tests.support.friends import FRIEND, send, take_back
from tests.support.kassa import Json, Kassa
from tests.web.shop.conftest import Page, Shopper
from ticketing.foundation.outbox import drain
from ticketing.sales.handlers import handlers
from ticketing.sales.models import BuyerCount, Order
from ticketing.sales.own_link_models import OwnLink
from ticketing.sales.own_links import MOST_AN_HOUR

ADDRESS = "aigerim@example.kz"


def letters(kassa: Kassa, cause: str = "own-link") -> list[EmailMessage]:
    files = sorted((kassa.settings.data_dir / "mail").glob(f"{cause}-*.eml"))
    return [message_from_string(file.read_text(), policy=default) for file in files]


def text(letter: EmailMessage) -> str:
    return str(letter.get_body(("plain",)).get_content())


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\w\w/tickets/link/\S+\?key=\S+)", text(letter))
    assert found is not None
    return found[1]


def ask(shopper: Shopper, address: str = ADDRESS) -> Page:
    answer = shopper.send("tickets/link", {"email": address}, shopper.get("tickets/"))
    assert answer.status_code == 303
    return shopper.get(answer.location.partition("#")[0])


def with_button(shopper: Shopper, link: str) -> tuple[Page, str]:
    """Follow the link of a letter; return the page with the button, and its address."""
    bare = shopper.client.get(link)
    assert bare.status_code == 303
    assert "key=" not in bare.location
    assert "HttpOnly" in bare.headers["Set-Cookie"]
    return shopper.get(bare.location), bare.location


def press(shopper: Shopper, link: str) -> Page:
    page, address = with_button(shopper, link)
    answer = shopper.send(address, {}, page)
    assert answer.status_code == 303
    return shopper.get(answer.location.partition("#")[0])


def opened(shopper: Shopper, order: Json) -> Page:
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return shopper.get(f"orders/{order['order']}/contact")


def change(shopper: Shopper, order: Json, **changed: str) -> Page:
    form = opened(shopper, order)
    fields = {"name": form.value("name"), "email": form.value("email"), **changed}
    answer = shopper.send(f"orders/{order['order']}/contact", fields, form)
    return shopper.get(answer.location) if answer.status_code == 303 else Page(answer)


def test_a_link_shows_all_orders_of_an_address(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    orders = [kassa.buy("s06", 1), kassa.buy("s10", 2)]
    elsewhere = another("en")
    assert "If this address has tickets" in ask(elsewhere, ADDRESS.upper()).words
    kassa.work()
    (letter,) = letters(kassa)
    assert letter["To"] == ADDRESS
    for language, subject in (("kk", "Билеттеріңізге сілтеме"), ("ru", "Ссылка на ваши билеты")):
        ask(another(language))
        kassa.work()
        assert any(subject in letter["Subject"] for letter in letters(kassa))
    page, address = with_button(elsewhere, link_in(letter))
    assert "key" not in address
    # A look uses nothing up: mail scanners follow links.
    page = elsewhere.get(address)
    answer = elsewhere.send(address, {}, page)
    own = elsewhere.get(answer.location)
    assert all(order["order"] in own.words for order in orders)
    assert elsewhere.get(f"orders/{orders[0]['order']}").all("svg", role="img")


def test_a_link_is_good_once(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    order, first, second = kassa.buy("s06", 1), another("en"), another("en")
    ask(first)
    kassa.work()
    link = link_in(letters(kassa)[0])
    assert order["order"] in press(first, link).words
    late = press(second, link)
    assert "This link was used already" in late.words
    assert order["order"] not in late.words


def test_a_link_is_good_for_half_an_hour(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    order, late = kassa.buy("s06", 1), another("en")
    ask(late)
    kassa.work()
    kassa.clock.forward(minutes=31)
    page = press(late, link_in(letters(kassa)[0]))
    assert "This link was used already, or is too old" in page.words
    assert order["order"] not in page.words


def test_nobody_learns_whose_an_address_is(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    kassa.buy("s06", 1)
    known, unknown = ask(another("en")), ask(another("en"), "nobody@example.kz")
    assert known.words == unknown.words
    kassa.work()
    assert [letter["To"] for letter in letters(kassa)] == [ADDRESS]
    with kassa.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OwnLink)) == 2


def test_no_address_is_flooded(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    kassa.buy("s06", 1)
    for number in range(MOST_AN_HOUR + 2):
        ask(another("en"), ADDRESS.upper() if number % 2 else ADDRESS)
        kassa.work()
    assert len(letters(kassa)) == MOST_AN_HOUR
    kassa.clock.forward(minutes=61)
    ask(another("en"))
    kassa.work()
    assert len(letters(kassa)) == MOST_AN_HOUR + 1


@pytest.mark.parametrize("typed", ["", "aigerim", "a@b", "x" * 300, "a@example.kz\nBcc: b@example.kz"])
def test_an_address_that_is_none(kassa: Kassa, shopper: Shopper, typed: str) -> None:
    assert "If this address has tickets" not in ask(shopper, typed).words
    with kassa.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OwnLink)) == 0


@pytest.mark.parametrize("key", ["", "?key=", "?key=" + "a" * 26, "?key=%00"])
def test_a_key_that_does_not_fit(kassa: Kassa, another: Callable[..., Shopper], key: str) -> None:
    kassa.buy("s06", 1)
    stranger = another("en")
    ask(stranger)
    kassa.work()
    path = link_in(letters(kassa)[0]).partition("?")[0]
    assert stranger.client.get(path + key).status_code == 404
    assert stranger.client.get("/en/tickets/link/not-a-uuid" + key).status_code == 404
    page = stranger.get("tickets/")
    assert stranger.send(path, {}, page).status_code == 404


def test_the_name_changes_at_once(kassa: Kassa, shopper: Shopper) -> None:
    order = kassa.buy("s06", 1)
    assert "The name is changed." in change(shopper, order, name="Дана Ахметова").words
    with kassa.database.reading() as session:
        name = session.scalars(select(Order.buyer_name).where(Order.code == order["order"])).one()
    assert name == "Дана Ахметова"
    assert not letters(kassa)


def test_a_new_address_counts_once_its_link_is_opened(
    kassa: Kassa, shopper: Shopper, another: Callable[..., Shopper]
) -> None:
    order = kassa.buy("s06", 2)
    after = change(shopper, order, email="dana@example.kz")
    assert "Open the link that was sent to the new address" in after.words
    assert address_of(kassa, order) == ADDRESS
    kassa.work()
    (letter,) = letters(kassa)
    assert letter["To"] == "dana@example.kz"
    assert order["order"] in letter["Subject"]
    at_home = another("en")
    page = press(at_home, link_in(letter))
    assert "Енді осы тапсырыс туралы хаттар осы адреске келеді." in page.words
    assert address_of(kassa, order) == "dana@example.kz"
    kassa.work()
    (told,) = letters(kassa, "address-changed")
    assert told["To"] == ADDRESS
    # The limit per buyer follows the order.
    with kassa.database.reading() as session:
        counts = session.scalars(select(BuyerCount.places)).all()
    assert sorted(counts) == [0, 2]
    # The next letter goes to the new address.
    kassa.refund(order, kassa.staff())
    kassa.work()
    assert letters(kassa, "refund")[-1]["To"] == "dana@example.kz"


def test_a_letter_that_waits_follows_the_order(
    kassa: Kassa, shopper: Shopper, another: Callable[..., Shopper]
) -> None:
    order = kassa.buy("s06", 1)
    change(shopper, order, email="dana@example.kz")
    kassa.work()
    kassa.refund(order, kassa.staff())
    while drain(kassa.database, handlers(kassa.runtime, kassa.desk.calls), kassa.clock.now()):
        continue
    press(another("en"), link_in(letters(kassa)[0]))
    kassa.work()
    assert [letter["To"] for letter in letters(kassa, "refund")] == ["dana@example.kz"]
    assert [letter["To"] for letter in letters(kassa, "order-paid")] == [ADDRESS], "what was sent stays"


@pytest.mark.parametrize(
    ("changed", "fault"), [({"name": " "}, "Fill in this field."), ({"email": "dana@"}, "Check the email")]
)
def test_a_change_that_is_refused(
    kassa: Kassa, shopper: Shopper, changed: dict[str, str], fault: str
) -> None:
    order = kassa.buy("s06", 1)
    page = change(shopper, order, **changed)
    assert page.status == 422
    assert fault in page.words
    assert page.all("input", **{"aria-invalid": "true"})
    assert address_of(kassa, order) == ADDRESS


def test_a_stranger_changes_nothing(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    order, stranger = kassa.buy("s06", 1), another("en")
    assert stranger.client.get(f"/en/orders/{order['order']}/contact").status_code == 404
    answer = stranger.send(
        f"orders/{order['order']}/contact", {"name": "X", "email": "x@example.kz"}, stranger.get("tickets/")
    )
    assert answer.status_code == 404


def address_of(kassa: Kassa, order: Json) -> str:
    with kassa.database.reading() as session:
        return session.scalars(select(Order.buyer_email).where(Order.code == order["order"])).one()


def test_a_friend_finds_a_ticket_whose_letter_is_lost(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    order, friend = kassa.buy("s06", 2), another("en")
    sent = send(kassa, order)
    ask(friend, FRIEND["email"])
    kassa.work()
    (letter,) = letters(kassa)
    assert letter["To"] == FRIEND["email"]
    page = press(friend, link_in(letter))
    assert [link["href"] for link in page.all("a", class_="mine__visit")] == [f"/en/sent/{sent['transfer']}"]
    assert order["order"] not in page.words
    taken = kassa.buy("s10", 1)
    send(kassa, taken)
    take_back(kassa, taken)
    assert len(press(friend, link_in(asked_again(kassa, friend))).all("a", class_="mine__visit")) == 1


def asked_again(kassa: Kassa, shopper: Shopper) -> EmailMessage:
    before = {letter["Message-ID"] for letter in letters(kassa)}
    ask(shopper, FRIEND["email"])
    kassa.work()
    (new,) = [letter for letter in letters(kassa) if letter["Message-ID"] not in before]
    return new


def test_a_calendar_follows_all_that_an_address_has(kassa: Kassa, another: Callable[..., Shopper]) -> None:
    first, mine = kassa.buy("s06", 1), another("en")
    assert not feeds(mine.get("tickets/"))
    ask(mine)
    kassa.work()
    (feed,) = feeds(press(mine, link_in(letters(kassa)[0])))
    second = kassa.buy("s10", 2)
    elsewhere = another("en").client
    answer = elsewhere.get(feed)
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (200, "text/calendar")
    events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    said = answer.get_data(as_text=True)
    assert len(events) == 2
    assert first["order"] in said.replace("\r\n ", "")
    assert second["order"] in said.replace("\r\n ", "")
    assert first["tickets"][0]["code"] not in said
    assert elsewhere.get(feed.replace(feed[-12], "a" if feed[-12] != "a" else "b")).status_code == 404


def feeds(page: Page) -> list[str]:
    return re.findall(r"http://kassa\.test(/\w\w/calendar/mine/[\w./-]+)", page.html)
