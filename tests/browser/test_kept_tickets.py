"""Tickets kept on a phone: only when asked for, without a network, no longer than they are good for."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.door import Json, code_of
from tests.browser.live import Live
from tests.browser.phone import becomes
from tests.browser.watch import Person
from tests.support.calls import API, order_key

pytestmark = pytest.mark.browser
SCREENING = "s07"
KEPT = "async () => (await caches.keys()).filter((name) => name.startsWith('kept-order-'))"
NONE_KEPT = "caches.keys().then((names) => !names.some((name) => name.startsWith('kept-order-')))"
# How many tickets the copy of this page has.
COPIES = """async (number) => {
  const page = await caches.match(location.pathname);
  return page && (await page.text()).split('class="pass ').length - 1 === number;
}"""
AGE = """async () => {
  const [name] = (await caches.keys()).filter((name) => name.startsWith("kept-order-"));
  const cache = await caches.open(name);
  const page = await cache.match(location.pathname);
  const headers = new Headers(page.headers);
  headers.set("x-kept-until", String(Date.now() - 1000));
  await cache.put(location.pathname, new Response(await page.blob(), { headers }));
}"""

KEPT_UNTIL = """async (until) => {
  const page = await caches.match(location.pathname);
  return page && Number(page.headers.get("x-kept-until")) === Date.parse(until);
}"""


def with_tickets(live: Live, somebody: Person, number: int = 1) -> tuple[Buyer, Json]:
    """Somebody who has opened the page of her tickets."""
    order = live.buy(SCREENING, number)
    buyer = Buyer(somebody, live)
    buyer.open(f"orders/{order['order']}?key={order['key']}")
    buyer.open(f"orders/{order['order']}/tickets")
    return buyer, order


def keep(page: Page) -> None:
    page.locator("[data-do=keep]").click()
    expect(page.locator("[data-do=remove]")).to_be_visible()
    # The worker answers from the next page on; it takes over none that is open.
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")


def test_kept_tickets_open_without_a_network(live: Live, person: Callable[..., Person]) -> None:
    somebody = person()
    bring_axe(somebody.context)
    buyer, order = with_tickets(live, somebody, 2)
    buyer.watch.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    assert buyer.page.evaluate(KEPT) == []
    keep(buyer.page)
    assert not violations(buyer.page, "kept tickets")
    buyer.page.reload()
    somebody.context.set_offline(True)
    for path in (f"orders/{order['order']}/tickets", f"orders/{order['order']}?key={order['key']}"):
        buyer.open(path)
        expect(buyer.page).to_have_url(re.compile(f"/orders/{order['order']}/tickets$"))
        expect(buyer.page.locator(".pass")).to_have_count(2)
        # Styled, and read by another decoder: what it is made of was kept too.
        with Image.open(BytesIO(buyer.page.locator(".pass .qr svg").first.screenshot())) as picture:
            assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(order)]
        assert (
            buyer.page.evaluate("getComputedStyle(document.querySelector('.entry__list')).display") == "grid"
        )
        expect(buyer.page.locator("[data-do=remove]")).to_be_visible()


def test_nothing_is_kept_unasked_or_after_removal(live: Live, person: Callable[..., Person]) -> None:
    buyer, _ = with_tickets(live, person())
    assert buyer.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    keep(buyer.page)
    assert len(buyer.page.evaluate(KEPT)) == 1
    buyer.page.locator("[data-do=remove]").click()
    expect(buyer.page.locator("[data-do=keep]")).to_be_visible()
    assert buyer.page.evaluate(KEPT) == []
    assert buyer.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_a_copy_goes_when_its_day_has_come(live: Live, person: Callable[..., Person]) -> None:
    buyer, _ = with_tickets(live, person())
    keep(buyer.page)
    buyer.page.evaluate(AGE)
    buyer.open("films/")
    becomes(buyer.page, NONE_KEPT)


def test_a_copy_follows_a_return(live: Live, person: Callable[..., Person]) -> None:
    buyer, order = with_tickets(live, person(), 2)
    keep(buyer.page)
    for left, ticket in ((1, 0), (0, 1)):
        give_back(live, order, ticket)
        buyer.page.goto(f"{live.base}/en/orders/{order['order']}/tickets")
        if left:
            expect(buyer.page.locator(".pass")).to_have_count(left)
            becomes(buyer.page, COPIES, left)
    expect(buyer.page).to_have_url(re.compile(f"/orders/{order['order']}$"))
    becomes(buyer.page, NONE_KEPT)


def give_back(live: Live, order: Json, ticket: int) -> None:
    body = {"tickets": [order["tickets"][ticket]["ticket"]]}
    answer = live.call("POST", f"{API}/orders/{order['order']}/returns", body, order_key(order))
    assert answer.status == 201, answer


def test_a_copy_stays_as_long_as_its_newest_page_says(live: Live, person: Callable[..., Person]) -> None:
    buyer, _ = with_tickets(live, person())
    keep(buyer.page)
    until = buyer.page.locator("[data-until]").get_attribute("data-until")
    buyer.page.evaluate(AGE.replace("- 1000", "+ 60000"))
    buyer.page.reload()
    becomes(buyer.page, KEPT_UNTIL, until)
