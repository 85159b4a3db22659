"""Tickets as PDFs over HTTP: who gets them, in which language, and what a void one answers."""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from tests.support.kassa import Json, Kassa, expect
from tests.web.shop.conftest import Shopper
from ticketing.tickets.codes import in_groups

GONE = ("This ticket is no longer valid", "Бұл билет енді жарамсыз", "Этот билет больше не действует")


def bought(kassa: Kassa) -> Json:
    """A paid order of two, as its JSON says it."""
    order = kassa.buy()
    return {
        **expect(kassa.get(f"/api/v1/orders/{order['order']}", f"Order {order['key']}"), 200),
        "key": order["key"],
    }


def pages(body: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(body)).pages]


def test_the_orders_json_leads_to_each_ticket(kassa: Kassa) -> None:
    order = bought(kassa)
    for ticket in order["tickets"]:
        assert ticket["pdf"].startswith(kassa.runtime.settings.base_url)
        answer = kassa.client.get(
            urlsplit(ticket["pdf"]).path, headers={"Authorization": f"Order {order['key']}"}
        )
        assert answer.status_code == 200
        assert answer.content_type == "application/pdf"
        assert answer.headers["Cache-Control"] == "no-store"
        (page,) = pages(answer.data)
        assert in_groups(ticket["code"]) in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("query", ["", "?format=phone"])
def test_a_browser_gets_the_whole_order_in_its_language(
    kassa: Kassa, another: Callable[..., Shopper], language: str, query: str
) -> None:
    order, shopper = bought(kassa), another(language)
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    answer = shopper.client.get(f"/{language}/tickets/{order['order']}.pdf{query}")
    file = PdfReader(BytesIO(answer.data))
    assert file.trailer["/Root"]["/Lang"] == language
    read = zip(order["tickets"], pages(answer.data), strict=True)
    assert all(in_groups(ticket["code"]) in page for ticket, page in read)
    word = {"kk": "Тапсырыс", "ru": "Заказ", "en": "Order"}[language]
    assert all(f"{word} {order['order']}" in page for page in pages(answer.data))


def test_strangers_and_wrong_keys_get_nothing(kassa: Kassa, shopper: Shopper) -> None:
    order, other = bought(kassa), bought(kassa)
    path, single = f"/en/tickets/{order['order']}.pdf", urlsplit(order["tickets"][0]["pdf"]).path
    for address in (path, single):
        assert shopper.client.get(address).status_code == 404
        for key, status in ((f"Order {other['key']}", 404), ("Order x", 404), ("Basic x", 401)):
            assert shopper.client.get(address, headers={"Authorization": key}).status_code == status
    foreign = f"/en/tickets/{order['order']}-{other['tickets'][0]['ticket']}.pdf"
    assert shopper.client.get(foreign, headers={"Authorization": f"Order {order['key']}"}).status_code == 404


def test_a_void_ticket_is_gone_in_words(kassa: Kassa, shopper: Shopper) -> None:
    order = bought(kassa)
    first, *others = order["tickets"]
    staff = kassa.staff()
    kassa.refund({"order": order["order"]}, staff, tickets=[first["ticket"]])
    header = {"Authorization": f"Order {order['key']}"}
    gone = shopper.client.get(urlsplit(first["pdf"]).path, headers=header)
    assert gone.status_code == 410
    assert any(words in gone.get_data(as_text=True) for words in GONE)
    whole = shopper.client.get(f"/en/tickets/{order['order']}.pdf", headers=header)
    assert len(pages(whole.data)) == len(others)
    again = expect(kassa.get(f"/api/v1/orders/{order['order']}", header["Authorization"]), 200)
    assert [ticket["pdf"] is None for ticket in again["tickets"]] == [
        ticket["ticket"] == first["ticket"] for ticket in again["tickets"]
    ]
    kassa.refund({"order": order["order"]}, staff, tickets=[t["ticket"] for t in others])
    assert shopper.client.get(f"/en/tickets/{order['order']}.pdf", headers=header).status_code == 410


def test_an_unpaid_order_has_no_tickets_to_print(shopper: Shopper) -> None:
    shopper.choose_number("s06", 1, best="1")
    waiting = shopper.play(shopper.pay().location, "abandon")
    code = waiting.html.split("<title>", 1)[1].split("</title>", 1)[0].split()[1]
    assert shopper.client.get(f"/en/tickets/{code}.pdf").status_code == 404
