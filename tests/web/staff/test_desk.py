"""Finding an order, and what its page tells."""

from collections.abc import Callable
from html import unescape

import pytest

from tests.support.kassa import Json, Kassa
from tests.support.statements import statements
from tests.web.staff.conftest import Desk
from ticketing.tickets.codes import in_groups

SPELLINGS = (
    "Айгерім", "айгерим", "AIGERIM", "aygerim", "Сәдуақасова Айгерім", "saduakasova", "Садуакасова",
    "aigerim@example.kz", "Aigerim@Example.KZ", "aigerim@",
    "+7 701 555 12 34", "8 (701) 555-12-34", "87015551234", "7015551234", "555 12 34", "1234",
)  # fmt: skip
NASTY = '<script>alert(1)</script> O\'Brien & "Co"'


@pytest.fixture
def order(kassa: Kassa) -> Json:
    """An order of Айгерім Сәдуақасова, and another person's."""
    bought = kassa.order(kassa.hold(), phone="8 701 555 12 34")
    assert kassa.play(bought, "approve").status_code == 200
    kassa.clock.forward(seconds=1)
    other = kassa.order(kassa.hold(), name="Дмитрий Цой", email="tsoy@example.com", phone="+7 777 000 11 22")
    assert kassa.play(other, "approve").status_code == 200
    return {**kassa.read(bought), "key": bought["key"], "other": other["order"]}


def test_an_order_is_found_by_any_spelling(desk: Desk, order: Json) -> None:
    for query in SPELLINGS:
        page = desk.page("/boxoffice/", q=query)
        assert order["order"] in page, query
        assert order["other"] not in page, query
        assert "1 found" in page, query


def test_an_order_is_found_by_its_code_and_by_a_ticket_s(desk: Desk, order: Json) -> None:
    code, ticket = order["order"], order["tickets"][1]["code"]
    typed = [code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("-", "–")]
    for query in [*typed, ticket, ticket.lower(), in_groups(ticket)]:
        page = desk.page("/boxoffice/", q=query)
        assert f'id="order-title" class="num">{code}<' in page
        assert order["other"] not in page


def test_what_is_not_there_is_not_found(desk: Desk, order: Json) -> None:
    for query in ("Бауыржан", "aigerim tsoy", "9999999", "%", "_", "ZZZ-ZZZZ", "K1" + "A" * 26):
        page = desk.page("/boxoffice/", q=query)
        assert order["order"] not in page, query
        assert "Nothing found" in page, query


def test_without_a_query_the_latest_orders_stand_there(desk: Desk, order: Json) -> None:
    page = desk.page("/boxoffice/")
    assert page.index(order["other"]) < page.index(order["order"])


def test_the_order_s_page_tells_tickets_money_scans_and_history(
    kassa: Kassa, desk: Desk, order: Json
) -> None:
    kassa.work()
    device = kassa.device("esentai", "Phone 3")
    kassa.open_doors()
    first, second = order["tickets"]
    assert kassa.scan(device, first["code"], gate="A")["verdict"] == "admit"
    assert kassa.scan(device, first["code"], gate="B")["reason"] == "already_in"
    assert desk.sign_in("saule").status_code == 303
    page = desk.plain(f"/boxoffice/orders/{order['order']}")
    place = f"Row {second['row']}, seat {second['number']}"
    for word in ("Айгерім Сәдуақасова", "+7 701 555 12 34", "aigerim@example.kz", place, "Phone 3",
                 "already in", "In, 19:05, A", "Not in yet", second["code"][:8], "Payment received",
                 "Mail with the tickets", "2 tickets issued", "5 000 ₸"):  # fmt: skip
        assert word in page, word
    assert second["code"] not in page
    assert page.count("disabled") == 1


def test_an_order_that_waits_or_has_ended_is_told(kassa: Kassa, desk: Desk) -> None:
    waiting = kassa.order(kassa.hold())
    page = desk.page(f"/boxoffice/orders/{waiting['order']}")
    assert "Awaiting payment" in page
    assert "no tickets" in page
    kassa.clock.forward(minutes=30)
    kassa.work()
    assert "Expired" in desk.page(f"/boxoffice/orders/{waiting['order']}")


def test_a_free_order_is_told(kassa: Kassa, desk: Desk) -> None:
    free = kassa.buy("s05", 1)
    page = desk.page(f"/boxoffice/orders/{free['order']}")
    assert 'class="tag tag--free">Free<' in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_names_are_shown_as_they_are_typed(kassa: Kassa, staff: Callable[..., Desk], language: str) -> None:
    order = kassa.order(kassa.hold(), name=NASTY)
    desk = staff(language=language)
    for path in (f"/boxoffice/orders/{order['order']}", "/boxoffice/?q=brien"):
        page = desk.page(path)
        assert "<script>alert" not in page
        assert NASTY in unescape(page)
    assert "Saule <b>" not in desk.page("/boxoffice/")


@pytest.mark.parametrize("code", ["AAA-AAAA", "ZZZ-0000"])
def test_an_unknown_order_is_a_page_that_says_so(desk: Desk, code: str) -> None:
    answer = desk.get(f"/boxoffice/orders/{code}")
    assert answer.status_code == 404
    assert "To the start page" in answer.get_data(as_text=True)


def test_no_query_breaks_the_desk(desk: Desk, order: Json) -> None:
    odd = (
        "\x00",
        "%00",
        "\ud800",
        "'; DROP TABLE orders; --",
        "%" * 500,
        "9" * 5000,
        "\\",
        " ",
        "🎫",
        "a b " * 9,
    )
    for query in odd:
        raw = query.encode("utf-8", "surrogatepass")
        assert desk.client.get("/boxoffice/", query_string={"q": raw}).status_code == 200, query
    assert order["order"] in desk.page("/boxoffice/")


def test_the_list_costs_the_same_however_long_it_is(kassa: Kassa, desk: Desk) -> None:
    kassa.buy()
    kassa.buy()
    asked(kassa, desk)  # the first look reads what the process then remembers
    few = asked(kassa, desk)
    for _ in range(3):
        kassa.buy()
    assert asked(kassa, desk) == few


def asked(kassa: Kassa, desk: Desk) -> int:
    """Return how many statements a search takes."""
    with statements(kassa.database) as seen:
        assert "found" in desk.page("/boxoffice/", q="айг saduaqasova")
    return len(seen)
