"""A buyer's receipts: in her language, as a page and as a PDF, and nobody else's."""

from io import BytesIO
from urllib.parse import urlsplit

import pikepdf
import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from tests.support.kassa import Json, Kassa, expect, order_auth
from tests.web.shop.conftest import Page, Shopper
from ticketing.sales.receipt_models import Receipt
from ticketing.tickets.qr import link_path

WORDS = {
    "kk": ("№ 1 чек", "Оның ішінде ҚҚС 12", "Бұл фискалдық чек емес", "Қайтару чегі, № 2"),
    "ru": ("Чек № 1", "В том числе НДС 12", "Это не фискальный чек", "Чек возврата № 2"),
    "en": ("Receipt No. 1", "Including VAT 12", "Not a fiscal receipt", "Receipt of a return, No. 2"),
}


def opened(shopper: Shopper, order: Json) -> Page:
    shopper.get(f"orders/{order['order']}?key={order['key']}", 303)
    return shopper.get(f"orders/{order['order']}")


def sold_and_returned(kassa: Kassa) -> Json:
    order = kassa.buy("s06", 2)
    kassa.work()
    fee = {"minor": 50_000, "currency": "KZT"}
    expect(kassa.refund(order, kassa.staff(), tickets=[order["tickets"][0]["ticket"]], fee=fee), 201)
    kassa.work()
    return order


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("language", WORDS)
def test_the_order_leads_to_its_receipts_in_each_language(kassa: Kassa, language: str) -> None:
    order = sold_and_returned(kassa)
    shopper = Shopper(kassa, language)
    page = opened(shopper, order)
    title, tax, standing, back = WORDS[language]
    assert title in page.words
    assert back in page.words
    receipt = shopper.get(f"orders/{order['order']}/receipts/1")
    for words in (title, tax, standing, order["order"]):
        assert words in receipt.words
    assert "5\u00a0000\u00a0₸" in receipt.html
    returned = shopper.get(f"orders/{order['order']}/receipts/2")
    assert "2\u00a0000\u00a0₸" in returned.html
    assert "−500\u00a0₸" in returned.html


def test_it_says_where_it_was_sold_and_whose_till_cash_went_through(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    kassa.work()
    expect(kassa.refund(order, kassa.staff(), method="cash"), 201)
    kassa.work()
    shopper = Shopper(kassa, "en")
    opened(shopper, order)
    sale = shopper.get(f"orders/{order['order']}/receipts/1")
    assert urlsplit(kassa.settings.base_url).netloc in sale.words
    assert "Cashier" not in sale.words
    assert "1 × 2\u00a0500\u00a0₸" in sale.html
    with kassa.database.reading() as session:
        cashier = session.scalars(select(Receipt.cashier).where(Receipt.number == 2)).one()
    back = shopper.get(f"orders/{order['order']}/receipts/2")
    assert cashier
    assert cashier in back.words
    assert "Box office, Almaty" in back.words


@pytest.mark.parametrize("language", WORDS)
def test_the_pdf_says_the_same_and_can_be_read_by_machines(kassa: Kassa, language: str) -> None:
    order = sold_and_returned(kassa)
    address = f"/{language}/orders/{order['order']}/receipts/1.pdf"
    answer = kassa.get(address, order_auth(order))
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    text = text_of(answer.data)
    for words in (*WORDS[language][:3], order["order"], "5 000 ₸"):
        assert words in text.replace("\u00a0", " ")
    with pikepdf.open(BytesIO(answer.data)) as document:
        assert document.check_pdf_syntax() == []
        assert str(document.Root.Lang) == language
    assert len(answer.data) < 40_000


def test_a_long_order_takes_several_pages(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 8), kassa.hold("s03", 8))
    assert kassa.play(order, "approve").status_code == 200
    kassa.work()
    pdf = kassa.get(f"/ru/orders/{order['order']}/receipts/1.pdf", order_auth(order)).data
    assert len(PdfReader(BytesIO(pdf)).pages) == 2
    assert text_of(pdf).count("место") == 16


def test_what_a_register_has_signed_stands_on_it(shopper: Shopper, kassa: Kassa) -> None:
    order = sold_and_returned(kassa)
    signed = {
        "sign": "FS1",
        "register": "SWK1",
        "operator": "OFD",
        "check_url": "https://ofd.example.kz/?i=FS1",
    }
    with kassa.database.transaction() as session:
        session.execute(update(Receipt).values(registered_at=kassa.clock.now(), **signed))
    opened(shopper, order)
    page = shopper.get(f"orders/{order['order']}/receipts/1")
    for words in ("FS1", "SWK1", "OFD", "Fiscal receipt"):
        assert words in page.words
    assert "Not a fiscal" not in page.words
    assert signed["check_url"] in [link.get("href") for link in page.all("a")]
    size, path = link_path(signed["check_url"])
    assert f'viewBox="0 0 {size} {size}"' in page.html
    assert path in page.html
    pdf = kassa.get(f"/en/orders/{order['order']}/receipts/1.pdf", order_auth(order)).data
    assert "https://ofd.example.kz/?i=FS1" in text_of(pdf)


def test_receipts_are_their_buyers_own(shopper: Shopper, kassa: Kassa) -> None:
    mine, other = kassa.buy("s06", 1), kassa.buy("s06", 1)
    kassa.work()
    shopper.get(f"orders/{mine['order']}/receipts/1", 404)
    opened(shopper, mine)
    shopper.get(f"orders/{mine['order']}/receipts/1")
    shopper.get(f"orders/{mine['order']}/receipts/2", 404)
    shopper.get(f"orders/{mine['order']}/receipts/99999999999999999999", 404)
    shopper.get(f"orders/{other['order']}/receipts/2", 404)
    path = f"/en/orders/{mine['order']}/receipts/1.pdf"
    # Another order's key opens nothing.
    assert kassa.get(path, order_auth(other)).status_code == 404


def test_the_api_lists_them(kassa: Kassa) -> None:
    order = sold_and_returned(kassa)
    sale, back = kassa.read(order)["receipts"]
    assert (sale["number"], sale["kind"], sale["amount"]) == (1, "sale", order["total"])
    assert (back["number"], back["kind"], back["amount"]["minor"]) == (2, "return", 200_000)
    assert sale["fiscal_sign"] is None
