"""The festival planner in Chromium: marking with and without JavaScript, the plan on the narrowest phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.live import Live
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
# s04 until 17:40 at the main venue and s05 from 17:00 elsewhere overlap; s06 follows; s07 is another day.
OVERLAPPING, NEXT, UNNUMBERED = ("s04", "s05"), "s06", "s07"
NARROW = {"width": 360, "height": 740}


def press(page: Page, code: str) -> None:
    page.locator(f"#s-{code} .mark").click()


def test_marking_stays_where_one_is(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(), live)
    page = buyer.page
    buyer.open()
    button = page.locator(f"#s-{UNNUMBERED} .mark")
    button.scroll_into_view_if_needed()
    at = page.evaluate("scrollY")
    assert at > 0
    page.evaluate("window.stayed = true")
    press(page, UNNUMBERED)
    expect(button).to_have_class(re.compile("is-in"))
    expect(button).to_have_accessible_name(re.compile("^In my plan Master class"))
    expect(page.locator("[data-plan-count]")).to_have_text("1")
    expect(page.locator("#plan [role=status]")).to_contain_text("Added to your plan: Master class")
    assert page.evaluate("[scrollY, window.stayed]") == [at, True]
    expect(button).to_be_focused()
    page.reload()
    expect(button).to_have_attribute("name", "remove")
    press(page, UNNUMBERED)
    expect(button).to_have_accessible_name(re.compile("^Add to plan Master class"))
    expect(page.locator("[data-plan-count]")).to_be_hidden()


def test_a_plan_that_the_script_cannot_change_is_changed_by_the_form(
    live: Live, person: Callable[..., Person]
) -> None:
    somebody = person()
    buyer = Buyer(somebody, live)
    buyer.watch.expect("net::ERR_FAILED|Failed to fetch")
    buyer.open()
    # The first request, the script's, is lost on its way.
    somebody.page.route("**/plan", lambda route: route.abort(), times=1)
    press(buyer.page, NEXT)
    expect(buyer.page).to_have_url(re.compile(f"/en/#s-{NEXT}$"))
    expect(buyer.page.locator("[data-plan-count]")).to_have_text("1")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_from_marking_to_one_basket_without_javascript(
    live: Live, person: Callable[..., Person], language: str
) -> None:
    buyer = Buyer(person(java_script_enabled=False, viewport=NARROW), live, language)
    page = buyer.page
    buyer.open()
    for code in (*OVERLAPPING, NEXT, UNNUMBERED):
        press(page, code)
        expect(page).to_have_url(re.compile(f"/{language}/#s-{code}$"))
        expect(page.locator(f"#s-{code}")).to_be_in_viewport()
    page.locator(".mast__plan").click()
    expect(page.locator(".stop")).to_have_count(4)
    expect(page.locator(".stop__break.is-clash")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    expect(page.locator("[data-share]")).to_be_hidden()
    page.locator(f"#s-{NEXT} button[name=remove]").click()
    expect(page.locator(".stop")).to_have_count(3)
    expect(page.locator(".planner__buy input:checked")).to_have_count(2)
    page.locator("#quantity").select_option("2")
    page.locator(".planner__buy button").click()
    expect(page).to_have_url(re.compile("/basket$"))
    expect(page.locator(".held")).to_have_count(2)
    buyer.open(f"screenings/{OVERLAPPING[1]}?from=plan")
    page.locator(".best summary").click()
    page.locator(".best select[name=quantity]").select_option("1")
    page.locator(".best button").click()
    expect(page).to_have_url(re.compile("/plan$"))
    buyer.open("basket")
    expect(page.locator(".planner__conflicts li")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    buyer.check_out()
    buyer.watch.expect("422")
    buyer.sign()
    expect(page.locator("#overlap-error")).to_be_visible()
    page.locator("#overlap").check()
    page.locator(".pay__go .btn--primary").click()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(5)


def test_a_plan_reaches_a_friend(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(), live)
    buyer.open()
    for code in (NEXT, UNNUMBERED):
        press(buyer.page, code)
        expect(buyer.page.locator(f"#s-{code} .mark")).to_have_class(re.compile("is-in"))
    buyer.open("plan")
    address = buyer.page.locator(".planner__share .order__address").inner_text()
    friend = person(locale="kk-KZ")
    friend.page.goto(re.sub(r"^https?://[^/]+", live.base, address))
    expect(friend.page.locator(".stop")).to_have_count(2)
    friend.page.locator(".planner__take button").click()
    expect(friend.page).to_have_url(re.compile("/plan$"))
    expect(friend.page.locator("[data-plan-count]")).to_have_text("2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_the_plan(
    live: Live, person: Callable[..., Person], scheme: str, width: int
) -> None:
    somebody = person(color_scheme=scheme, viewport={"width": width, "height": 800})
    bring_axe(somebody.context)
    buyer, found = Buyer(somebody, live), list[str]()
    page = buyer.page
    buyer.open("plan")
    found += violations(page, "empty plan")
    buyer.open()
    for code in (*OVERLAPPING, NEXT, UNNUMBERED, "s18"):
        press(page, code)
        expect(page.locator(f"#s-{code} .mark")).to_have_class(re.compile("is-in"))
    found += violations(page, "programme with marks")
    buyer.open("films/glass-orchard")
    found += violations(page, "film with a mark")
    buyer.open(f"screenings/{NEXT}?from=plan")
    found += violations(page, "screening with a mark")
    buyer.open("plan")
    found += violations(page, "plan")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    buyer.open("plan?s=s03.s04.s05")
    found += violations(page, "shared plan")
    buyer.open("plan")
    for box in page.locator(".planner__buy input[type=checkbox]").all():
        box.check()
    page.locator(".planner__buy button").click()
    expect(page).to_have_url(re.compile("/basket$"))
    found += violations(page, "basket with an overlap")
    buyer.check_out()
    found += violations(page, "checkout with an overlap")
    buyer.open("plan")
    found += violations(page, "plan with a basket")
    assert not found, "\n".join(found)
