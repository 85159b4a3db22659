"""A voucher from the manager's form to the buyer's bill, and places given away; axe looks at every page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.live import Live
from tests.browser.watch import Person
from ticketing.demo_run import DEMO_ACCOUNTS

pytestmark = pytest.mark.browser
MANAGER = DEMO_ACCOUNTS[0]
WIDE = {"viewport": {"width": 1440, "height": 1000}, "has_touch": False, "device_scale_factor": 1}
NUMBERED = "s06"
CHOSEN = {"light": "З-5-7", "dark": "З-7-7"}


def come(somebody: Person, live: Live, path: str) -> Page:
    page = somebody.page
    page.goto(f"{live.base}/staff/sign-in?next={path}")
    page.locator("#login").fill(MANAGER.login)
    page.locator("#password").fill(MANAGER.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#main h1")).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_form_to_the_bill(live: Live, person: Callable[..., Person], scheme: str) -> None:
    staff = person(color_scheme=scheme, **WIDE)
    bring_axe(staff.context)
    page, found = come(staff, live, "/boxoffice/vouchers/new"), list[str]()
    found += violations(page, "form")
    page.locator("#name").fill("Press")
    page.locator("#reason").fill("Journalists")
    page.locator("#value").fill("50")
    page.locator("#value").press("Enter")  # the keyboard alone is enough
    expect(page.locator(".banner--good")).to_be_visible()
    code = page.locator(".vcodes b").inner_text()

    buyer = person(color_scheme=scheme)
    bring_axe(buyer.context)
    shop, shopper = buyer.page, Buyer(buyer, live)
    shopper.open(f"screenings/{NUMBERED}")
    shopper.choose([CHOSEN[scheme]])
    full = shop.locator("[data-total]").inner_text()
    shop.locator("#voucher").fill("NO-SUCH-CODE")
    shop.locator("#voucher").press("Enter")
    expect(shop.locator("[role=alert]")).to_be_visible()
    found += violations(shop, "basket, refused")
    shop.locator("#voucher").fill(code.lower())
    shop.locator("#voucher").press("Enter")
    expect(shop.locator(".sum--less")).to_be_visible()
    assert shop.locator("[data-total]").inner_text() != full
    found += violations(shop, "basket")
    shop.goto(f"{live.base}/en/checkout")
    found += violations(shop, "checkout")

    page.reload()
    found += violations(page, "series")
    page.goto(f"{live.base}/boxoffice/vouchers/")
    found += violations(page, "list")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_places_given_away(live: Live, person: Callable[..., Person], scheme: str) -> None:
    staff = person(color_scheme=scheme, **WIDE)
    bring_axe(staff.context)
    page, found = come(staff, live, "/boxoffice/comps/"), list[str]()
    page.goto(f"{live.base}/boxoffice/comps/screenings/{NUMBERED}")
    seat = page.locator("input[name=place]:not([disabled])").first
    seat.check(force=True)
    expect(page.locator("[data-marked]")).to_have_text("1")
    found += violations(page, "giving")
    page.locator("#reason").fill("The jury's family")
    page.locator("#name").fill("Ермек")
    page.locator("#name").press("Enter")
    expect(page.locator(".banner--good a")).to_be_visible()
    found += violations(page, "given")
    assert not found, "\n".join(found)
