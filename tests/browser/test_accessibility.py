"""axe-core finds nothing on any page, by day and by night."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.door import Door, code_of
from tests.browser.live import Live
from tests.browser.watch import Person
from ticketing.demo_run import DEMO_ACCOUNTS

pytestmark = pytest.mark.browser
SCHEMES = ["light", "dark"]
MANAGER = DEMO_ACCOUNTS[0]
NUMBERED, UNNUMBERED, CEREMONY = "s04", "s07", "s18"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_shop(live: Live, person: Callable[..., Person], scheme: str) -> None:
    somebody = person(color_scheme=scheme)
    bring_axe(somebody.context)
    buyer, page = Buyer(somebody, live), somebody.page
    buyer.watch.expect("40[14]|422")
    found: list[str] = []
    for path in (
        "", "?places=1&day=1999-01-01", "films/", "films/ninth-well", f"screenings/{CEREMONY}", "terms",
        "basket", "screenings/nowhere", "orders/KX7-4M2Q",
    ):  # fmt: skip
        buyer.open(path)
        found += violations(page, path or "programme")
    buyer.open(f"screenings/{UNNUMBERED}")
    found += violations(page, "screening without seat numbers")
    buyer.choose_number(1)
    buyer.open(f"screenings/{NUMBERED}")
    page.locator(".best summary").click()
    found += violations(page, "screening, choose for me")
    page.locator(".best button").click()
    expect(page.locator(".held")).to_have_count(2)
    found += violations(page, "basket")
    buyer.open(f"screenings/{NUMBERED}")
    page.locator("label.seat").filter(has=page.locator("input:enabled")).first.click()
    found += violations(page, "screening with a choice")
    for view in ("view-all", "view-list"):
        page.locator(f"label:has(#{view})").click()
        found += violations(page, f"screening, {view}")
    buyer.open("basket")
    buyer.check_out()
    found += violations(page, "checkout")
    page.locator(".pay__go .btn--primary").click()
    expect(page.locator("#faults")).to_be_visible()
    found += violations(page, "checkout with faults")
    buyer.sign()
    expect(page).to_have_url(re.compile("/demo-bank/"))
    found += violations(page, "bank")
    buyer.bank("decline")
    found += violations(page, "declined order")
    page.get_by_role("button", name="Try payment again").click()
    buyer.bank("approve")
    found += violations(page, "order")
    order = page.url
    page.locator("a[href$='/contact']").click()
    page.locator("#email").fill("dana@")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".err")).to_be_visible()
    found += violations(page, "name and email")
    page.goto(order)
    page.locator(".ticket__return a").first.click()
    expect(page.locator("[data-back]")).to_be_visible()
    found += violations(page, "return tickets")
    buyer.open("tickets/")
    page.locator("#email").fill("nobody@example.kz")
    page.get_by_role("button", name="Send me the link").click()
    found += violations(page, "own tickets")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_staff_pages(live: Live, person: Callable[..., Person], scheme: str) -> None:
    order = live.buy(NUMBERED, 2)
    somebody = person(color_scheme=scheme, viewport={"width": 1440, "height": 900}, has_touch=False)
    bring_axe(somebody.context)
    page, found = somebody.page, list[str]()
    page.goto(f"{live.base}/boxoffice/")
    found += violations(page, "sign-in")
    page.locator("#login").fill(MANAGER.login)
    page.locator("#password").fill(MANAGER.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#search")).to_be_visible()
    found += violations(page, "desk")
    page.locator("#search").fill(order["order"])
    page.locator("#search").press("Enter")
    page.locator("[data-every]").check()
    found += violations(page, "desk with an order")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "desk on a phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#refund .btn--bad").click()
    expect(page.locator("#refund")).to_have_count(0)
    found += violations(page, "desk after a refund")
    for path in (
        "boxoffice/money", "boxoffice/refund-rules", f"boxoffice/refund-rules/{NUMBERED}",
        "staff/scanners", "staff/scanners/pins", "staff/scanners/samples/", "staff/scanners/quarantine",
        "staff/mails", "staff/audit", "staff/style",
        f"staff/rush/{NUMBERED}", f"staff/rush/{NUMBERED}/slips?first=1&last=1",
        f"en/standby?slip={live.slip(NUMBERED)}",
    ):  # fmt: skip
        page.goto(f"{live.base}/{path}")
        expect(page.locator("h1")).to_be_attached()
        found += violations(page, path)
    assert not found, "\n".join(found)


def test_scanner(live: Live, person: Callable[..., Person]) -> None:
    orders = [live.buy(NUMBERED), live.buy(NUMBERED, 1, any="student"), live.buy("s03")]
    usher = person()
    bring_axe(usher.context)
    door, page, found = Door(usher, live), usher.page, list[str]()
    door.open()
    found += violations(page, "pairing")
    door.pair()
    expect(page.locator(".pick").first).to_be_visible()
    found += violations(page, "choosing")
    door.choose(NUMBERED)
    found += violations(page, "scanning")
    door.page.locator(".keys .btn").nth(1).click()
    found += violations(page, "typing")
    page.keyboard.press("Escape")
    door.page.locator(".keys .btn").last.click()
    found += violations(page, "menu")
    page.keyboard.press("Escape")
    door.type(code_of(orders[0]))
    door.sees("ok", "ok", "Admit")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    found += violations(page, "last admission")
    for code, reason, tone, title in (
        (code_of(orders[0]), "already_in", "no", "Already in"),
        (code_of(orders[2]), "wrong_screening", "go", "Hall 2"),
        (code_of(orders[1]), "ok_attention", "att", "Check card"),
    ):
        door.type(code)
        door.sees(reason, tone, title)
        found += violations(page, reason)
        if reason != "ok_attention":
            door.next()
    assert not found, "\n".join(found)
