"""The desk by keyboard alone, and the pairing page that sees by itself that a phone has come."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.live import Live
from tests.browser.watch import Person, settled
from tests.support.calls import API
from ticketing.demo_run import DEMO_ACCOUNTS

CASHIER = DEMO_ACCOUNTS[1]
WIDE = {"viewport": {"width": 1440, "height": 900}, "has_touch": False}


def sign_in(page: Page, live: Live) -> None:
    """Sign in without touching a mouse."""
    page.goto(f"{live.base}/boxoffice/")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type(CASHIER.login)
    page.keyboard.press("Tab")
    page.keyboard.type(CASHIER.password)
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_focused()
    settled(page)


def test_an_order_is_found_opened_and_refunded_without_a_mouse(
    live: Live, person: Callable[..., Person]
) -> None:
    orders = [live.buy("s06", 2) for _ in range(3)]
    page = person(**WIDE).page
    sign_in(page, live)
    keys, links = page.keyboard, page.locator("table[data-arrows] a")
    keys.type("seitqali")
    keys.press("Enter")
    expect(page.locator(".desk__n")).to_have_text("3 found.")
    expect(links.nth(0)).to_have_text(orders[2]["order"])
    settled(page)

    keys.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    keys.press("ArrowUp")
    expect(page.locator("#search")).to_be_focused()
    for _ in range(2):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#order-title")).to_have_text(orders[1]["order"])
    settled(page)

    button = page.locator("#refund button")
    expect(button).to_be_disabled()
    keys.press("Control+Enter")  # nothing is chosen: nothing happens
    keys.press("r")
    keys.press("Space")
    expect(button).to_have_text("Refund 2\u00a0500\u00a0₸ Ctrl Enter", use_inner_text=True)
    page.locator("#fee").focus()
    keys.type("r500")  # in a field a letter is a letter
    expect(button).to_be_disabled()
    for _ in range(4):
        keys.press("Backspace")
    keys.type("500")
    expect(page.locator("[data-amount]")).to_have_text("2\u00a0000\u00a0₸")
    keys.press("Control+Enter")
    expect(page.locator(".banner--good")).to_have_text("Refunded: 2\u00a0000\u00a0₸")
    settled(page)
    read = live.read(orders[1])
    assert [(one["amount"]["minor"], one["fee"]["minor"]) for one in read["refunds"]] == [(200000, 50000)]

    keys.press("/")
    keys.type("nobody")
    keys.press("Enter")
    expect(page.locator(".desk__n")).to_contain_text("Nothing found")


def test_the_pairing_page_notices_the_phone(live: Live, person: Callable[..., Person]) -> None:
    page = person(**WIDE).page
    sign_in(page, live)
    page.goto(f"{live.base}/staff/scanners/")
    page.locator("#name").fill("Door 7")
    page.keyboard.press("Enter")
    code = page.locator(".pair__code").inner_text().replace(" ", "")
    assert live.call("POST", f"{API}/door/devices", {"pairing_code": code}).status == 201
    expect(page.get_by_text("The scanner is paired")).to_be_visible()
    expect(page.locator(".pair__code")).to_have_count(0)
