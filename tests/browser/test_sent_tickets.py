"""A ticket sent to a friend, from the buyer's page to the friend's phone, with JavaScript and without."""

import re
from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.door import code_of
from tests.browser.live import Json, Live
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
SCREENING = "s07"


def link_of(live: Live, order: Json, language: str) -> str:
    """Return the address that the friend's mail has (tests/integration/test_transfers.py reads the mail)."""
    (sent,) = [ticket["transfer"] for ticket in live.read(order)["tickets"] if ticket["transfer"]]
    key = live.runtime.keys.key("transfer", UUID(sent["transfer"]))
    return f"{live.base}/{language}/sent/{sent['transfer']}?key={key}"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("language", "scheme"), [("kk", "light"), ("ru", "dark"), ("en", "light")])
def test_a_ticket_goes_to_a_friend(
    live: Live, person: Callable[..., Person], language: str, scheme: str, *, script: bool
) -> None:
    order = live.buy(SCREENING, 2)
    address = f"{language}.{script}@example.kz".lower()
    mine = person(java_script_enabled=script, color_scheme=scheme)
    theirs = person(java_script_enabled=script, color_scheme=scheme, viewport={"width": 390, "height": 800})
    for somebody in (mine, theirs) if script else ():
        bring_axe(somebody.context)
    buyer, friend = Buyer(mine, live, language), Buyer(theirs, live, language)
    broken = []

    buyer.open(f"orders/{order['order']}?key={order['key']}")
    buyer.page.locator('a[href$="/send"]').first.click()
    if script:
        broken += violations(buyer.page, "send")
    buyer.page.locator("#name").fill("Дана Ахметова")
    buyer.page.locator("#email").fill(address)
    buyer.page.locator(".sent__form .btn--primary").click()
    expect(buyer.page).to_have_url(re.compile(f"/orders/{order['order']}$"))
    expect(buyer.page.locator(".ticket__sent")).to_contain_text(address)
    expect(buyer.page.locator(".ticket .qr")).to_have_count(1)
    if script:
        broken += violations(buyer.page, "order with a sent ticket")

    friend.page.goto(link_of(live, order, language))
    expect(friend.page).to_have_url(re.compile(f"/{language}/sent/[0-9a-f-]+$"))
    expect(friend.page.locator(".qr")).to_have_count(0)
    if script:
        broken += violations(friend.page, "sent ticket")
    friend.page.locator("main form .btn--primary").click()
    expect(friend.page.locator(".pass")).to_have_count(1)
    if script:
        broken += violations(friend.page, "friend's ticket")
    assert broken == []
    with Image.open(BytesIO(friend.page.locator(".pass .qr svg").screenshot())) as picture:
        (code,) = [found.text for found in zxingcpp.read_barcodes(picture)]
    assert code not in (code_of(order, 0), code_of(order, 1))
    shown = friend.page.locator(".pass__code").inner_text()
    assert "".join(shown.split()) == code

    buyer.page.reload()
    expect(buyer.page.locator('form[action$="/take-back"]')).to_have_count(0)


def test_a_ticket_is_taken_back(live: Live, person: Callable[..., Person]) -> None:
    order = live.buy(SCREENING, 1)
    buyer = Buyer(person(java_script_enabled=False), live)
    buyer.open(f"orders/{order['order']}?key={order['key']}")
    buyer.page.locator('a[href$="/send"]').click()
    buyer.page.locator("#name").fill("Dana")
    buyer.page.locator("#email").fill("back@example.kz")
    buyer.page.locator(".sent__form .btn--primary").click()
    buyer.page.locator('form[action$="/take-back"] button').click()
    expect(buyer.page.locator(".ticket .qr")).to_have_count(1)
    shown = buyer.page.locator(".ticket__code").inner_text()
    assert "".join(shown.split()) != code_of(order)
