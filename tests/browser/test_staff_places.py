"""Setting places aside on the staff map: by mouse, by keyboard alone, without JavaScript; what buyers see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.live import Live
from tests.browser.watch import Person, settled
from ticketing.demo_run import DEMO_ACCOUNTS

pytestmark = pytest.mark.browser
MANAGER = DEMO_ACCOUNTS[0]
WIDE = {"viewport": {"width": 1440, "height": 1000}, "has_touch": False, "device_scale_factor": 1}
NUMBERED, LARGE = "s04", "s01"


def come(somebody: Person, live: Live, screening: str) -> Page:
    """Sign in and open a screening's places."""
    page = somebody.page
    page.goto(f"{live.base}/staff/sign-in?next=/staff/screenings/{screening}/places")
    page.locator("#login").fill(MANAGER.login)
    page.locator("#password").fill(MANAGER.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".places h1")).to_be_visible()
    settled(page)
    return page


def marked(page: Page) -> list[str]:
    """The places that are marked."""
    found: list[str] = page.locator("input[name=place]:checked").evaluate_all(
        "boxes => boxes.map(b => b.value)"
    )
    return found


def box_of(page: Page, place: str) -> dict[str, float]:
    found = page.locator("label.seat").filter(has=page.locator(f'input[value="{place}"]')).bounding_box()
    assert found
    return dict(found)


def test_a_rectangle_a_row_a_range_and_all_of_a_kind(live: Live, person: Callable[..., Person]) -> None:
    page = come(person(**WIDE), live, NUMBERED)
    first, last = box_of(page, "З-5-8"), box_of(page, "З-7-10")
    page.mouse.move(first["x"] - 2, first["y"] - 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] + 2, last["y"] + last["height"] + 2, steps=6)
    page.mouse.up()
    assert marked(page) == [f"З-{row}-{number}" for row in (5, 6, 7) for number in (8, 9, 10)]
    expect(page.locator("[data-marked]")).to_have_text("9")
    expect(page.locator("[data-rows]")).to_have_text("Row 5: 3; Row 6: 3; Row 7: 3")

    page.keyboard.down("Alt")
    page.mouse.move(first["x"] - 2, first["y"] - 2)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] + 2, last["y"] + last["height"] + 2, steps=6)
    page.mouse.up()
    page.keyboard.up("Alt")
    assert len(marked(page)) == 6

    seat = page.locator("label.seat").filter(has=page.locator('input[value="З-9-17"]'))
    seat.click()
    page.locator("label.seat").filter(has=page.locator('input[value="З-9-20"]')).click(modifiers=["Shift"])
    assert {"З-9-17", "З-9-18", "З-9-19", "З-9-20"} <= set(marked(page))
    page.locator("#r12 .rown").first.click()
    assert sum(place.startswith("З-12-") for place in marked(page)) == 22
    seat.locator("input").press("Escape")
    assert marked(page) == []
    page.get_by_role("button", name="Kept for wheelchair users 12").click()
    assert len(marked(page)) == 12


def test_seats_are_kept_by_the_keyboard_alone(live: Live, person: Callable[..., Person]) -> None:
    page = come(person(**WIDE), live, NUMBERED)
    keys = page.keyboard
    page.locator('input[value="З-15-17"]').focus()
    keys.press("Space")
    # A slow machine draws after the keys.
    expect(page.locator("input[name=place]:checked")).to_have_count(1)
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowRight")
    expect(page.locator("input[name=place]:checked")).to_have_count(3)
    assert marked(page) == ["З-15-17", "З-15-18", "З-15-19"]
    keys.press("ArrowUp")
    keys.press("r")
    assert len(marked(page)) == 3 + 22
    keys.press("r")
    assert len(marked(page)) == 3
    page.locator("#reason").focus()
    keys.type("Kazakh delegation")
    keys.press("Tab")
    keys.type("Spon")
    page.get_by_role("button", name="Keep", exact=True).press("Enter")
    expect(page.get_by_role("status").first).to_have_text("3 places are kept now.")
    kept = page.get_by_role("checkbox", name="Row 15, seat 18, kept: Sponsors, Kazakh delegation")
    expect(kept).to_be_enabled()
    assert "З-15-18" not in live.free_places(NUMBERED)


def test_the_page_works_without_javascript_and_buyers_see_what_was_done(
    live: Live, person: Callable[..., Person]
) -> None:
    page = come(person(java_script_enabled=False, **WIDE), live, NUMBERED)
    for number in (7, 8):
        page.locator("label.seat").filter(has=page.locator(f'input[value="З-14-{number}"]')).click()
    page.locator("#reason").fill("a camera stands here")
    page.get_by_role("button", name="Withdraw from sale").click()
    expect(page.get_by_role("status").first).to_have_text("2 places are withdrawn.")
    buyer = person(**WIDE).page
    buyer.goto(f"{live.base}/en/screenings/{NUMBERED}")
    expect(buyer.locator('input[value="З-14-7"]')).to_be_disabled()
    expect(buyer.locator('input[value="З-14-9"]')).to_be_enabled()


def test_the_house_seats_of_the_opening_are_released_at_once(
    live: Live, person: Callable[..., Person]
) -> None:
    page = come(person(**WIDE), live, LARGE)
    before = live.screening(LARGE)["places"]["free"]
    row = page.get_by_role("row").filter(has_text="House seats")
    row.get_by_placeholder("Reason").fill("the palace is ours")
    row.get_by_role("button", name="Release all").click()
    expect(page.get_by_role("status").first).to_contain_text("1000 places are on sale again.")
    assert live.screening(LARGE)["places"]["free"] == before + 1000 == 1200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_anybody(live: Live, person: Callable[..., Person], scheme: str) -> None:
    somebody = person(color_scheme=scheme, **WIDE)
    bring_axe(somebody.context)
    found: list[str] = []
    for screening in (NUMBERED, "s07"):
        page = come(somebody, live, screening)
        found += violations(page, f"places of {screening}")
        somebody.context.clear_cookies()
    page = come(somebody, live, NUMBERED)
    page.locator("label:has(#view-list)").click()
    found += violations(page, "places as a list")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "places on a phone")
    page.goto(f"{live.base}/staff/screenings/")
    found += violations(page, "list of screenings")
    assert not found, "\n".join(found)
