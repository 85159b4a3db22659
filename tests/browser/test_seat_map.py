"""The seat map in Chromium: by keyboard, by finger, spoken, beside other buyers, without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import Buyer
from tests.browser.live import Live
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
# s04: 346 seats; s05: sofas, free of charge; s01: 1,200 seats, of which 200 are public; s14: 346 seats.
NUMBERED, SOFAS, LARGE = "s04", "s05", "s01"
DESK = {"viewport": {"width": 1440, "height": 1000}, "has_touch": False, "device_scale_factor": 1}
SMALL = {"viewport": {"width": 360, "height": 780}}


def chosen(page: Page) -> list[str]:
    """The places that are checked."""
    found: list[str] = page.locator("input[name=place]:checked").evaluate_all(
        "boxes => boxes.map(b => b.value)"
    )
    return found


def tap(page: Page, place: str) -> None:
    """Press a seat, which its label is."""
    page.locator("label.seat").filter(has=page.locator(f'input[value="{place}"]')).click()


def sum_in(page: Page) -> str:
    """What the choice costs, as the button or the panel says."""
    return page.locator("[data-total]").first.inner_text().replace("\u00a0", " ")


def test_the_map_is_one_stop_and_arrows_go_from_seat_to_seat(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-12-10")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert chosen(page) == ["З-12-10", "З-12-11"]
    for key, place in [
        ("ArrowDown", "З-13-11"),
        ("ArrowLeft", "З-13-10"),
        ("ArrowUp", "З-12-10"),
        ("Home", "З-12-1"),
        ("End", "З-12-22"),
        ("ArrowRight", "З-12-22"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.value") == place
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") != "place"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.value") == "З-12-22"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/basket$"))


def test_prices_stand_beside_the_choice_and_go_on_to_the_basket(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-14-9")
    tap(page, "З-14-10")
    assert sum_in(page) == "3 600 ₸"
    page.get_by_label("Ticket type: Row 14, seat 10").select_option("student")
    assert sum_in(page) == "3 050 ₸"
    page.get_by_role("button", name="Remove: Row 14, seat 9").click()
    assert chosen(page) == ["З-14-10"]
    assert sum_in(page) == "1 250 ₸"
    tap(page, "З-14-9")
    page.locator("form[data-hall] .choice .btn--primary").click()
    expect(page).to_have_url(re.compile("/basket$"))
    kinds = page.locator(".held__places select").evaluate_all("all => all.map(s => s.value)")
    assert kinds == ["adult", "student"]


def test_no_more_than_an_order_may_have(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(**DESK), live)
    buyer.open(f"screenings/{NUMBERED}")
    for number in range(7, 16):
        tap(buyer.page, f"З-9-{number}")
    assert len(chosen(buyer.page)) == 8
    expect(buyer.page.locator("[data-say]")).to_have_text("Up to 8 places in an order.")


def test_pairs_come_together(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-1-1")
    assert chosen(page) == ["З-1-1", "З-1-2"]
    tap(page, "З-1-2")
    assert chosen(page) == ["З-1-1"]
    buyer.open(f"screenings/{SOFAS}")
    tap(page, "З-14-15")
    assert chosen(page) == ["З-14-15", "З-14-16"]
    tap(page, "З-14-16")
    assert chosen(page) == []


def test_what_others_take_is_seen_and_ones_own_choice_stays(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-5-9")
    tap(page, "З-5-10")
    free = live.screening(NUMBERED)["places"]["free"]
    live.buy(NUMBERED, ["З-6-9", "З-6-10"])
    expect(buyer.seat("З-6-9")).to_be_disabled(timeout=6000)
    assert chosen(page) == ["З-5-9", "З-5-10"]
    live.buy(NUMBERED, ["З-5-10", "З-5-11"])
    said = page.locator("[data-say]")
    expect(said).to_have_text("Just taken by someone else: Row 5, seat 10", timeout=6000)
    assert chosen(page) == ["З-5-9"]
    expect(page.locator("[data-free]")).to_have_text(f"Free places: {free - 4}")


def test_seats_in_ones_basket_are_told_from_those_of_others(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-7-9")
    tap(page, "З-7-10")
    page.locator("form[data-hall] .choice .btn--primary").click()
    expect(page).to_have_url(re.compile("/basket$"))
    live.buy(NUMBERED, ["З-7-11", "З-7-12"])
    buyer.open(f"screenings/{NUMBERED}")
    own = page.get_by_role("checkbox", name="Row 7, seat 10, in your basket")
    expect(own).to_be_disabled()
    expect(page.get_by_role("checkbox", name="Row 7, seat 11, taken")).to_be_disabled()
    colours = [
        buyer.seat(place).evaluate("box => getComputedStyle(box.nextElementSibling).backgroundColor")
        for place in ("З-7-10", "З-7-11")
    ]
    assert colours[0] != colours[1]
    page.context.clear_cookies()
    buyer.open(f"screenings/{NUMBERED}")
    expect(page.get_by_role("checkbox", name="Row 7, seat 10, taken")).to_be_disabled()


def test_a_seat_that_would_be_left_alone_is_shown_and_mended_in_one_click(
    live: Live, person: Callable[..., Person]
) -> None:
    somebody = person(**DESK)
    bring_axe(somebody.context)
    buyer = Buyer(somebody, live)
    page = buyer.page
    buyer.watch.expect("422")
    buyer.open(f"screenings/{NUMBERED}")
    tap(page, "З-10-8")
    tap(page, "З-10-9")
    page.locator("form[data-hall] .choice .btn--primary").click()
    expect(page.get_by_role("alert")).to_contain_text("leave a single seat alone: Row 10, seat 7.")
    expect(page.locator("input[data-lone]")).to_have_attribute("value", "З-10-7")
    assert chosen(page) == ["З-10-8", "З-10-9"]
    assert not violations(page, "single seat")
    page.get_by_role("button", name="Take instead").click()
    expect(page).to_have_url(re.compile("/basket$"))
    expect(page.locator(".held__places li")).to_have_count(2)


def test_a_screen_reader_hears_rows_and_seats(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(**DESK), live)
    buyer.open(f"screenings/{LARGE}")
    tree = buyer.page.locator(".map").aria_snapshot()
    assert '- group "Stalls, row 1":' in tree
    assert re.search(r'- checkbox "Row 1, seat 5, Stalls I, 6.000.₸"', tree)
    assert re.search(r'- checkbox "Row 20, seat 5, taken.*" \[disabled\]', tree)
    assert tree.count("- checkbox ") == 1200


def test_the_list_has_what_the_map_has(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(java_script_enabled=False, **SMALL), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    page.locator("label:has(#view-list)").click()
    expect(page.get_by_text("Row 16", exact=True)).to_be_visible()
    expect(page.locator(".map__drawing")).to_be_hidden()
    tap(page, "З-16-9")
    tap(page, "З-16-10")
    page.locator("label:has(#view-map)").click()
    expect(buyer.seat("З-16-10")).to_be_checked()
    page.locator("form[data-hall] .choice .btn--primary").click()
    expect(page).to_have_url(re.compile("/basket$"))


@pytest.mark.parametrize("screening", [NUMBERED, LARGE])
def test_a_thumb_on_a_small_phone(live: Live, person: Callable[..., Person], screening: str) -> None:
    buyer = Buyer(person(**SMALL), live, "kk")
    page = buyer.page
    buyer.open(f"screenings/{screening}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    seat = page.locator("label.seat").filter(has=page.locator("input:enabled")).first
    pitch = seat.evaluate("s => s.nextElementSibling.getBoundingClientRect().x - s.getBoundingClientRect().x")
    assert pitch >= 43
    page.locator("label:has(#view-all)").tap()
    box = page.locator(".map").bounding_box()
    assert box
    assert box["width"] <= 360
    # A tap on the small picture brings that part near instead of choosing a seat of seven pixels.
    page.locator(".map").tap(position={"x": 100, "y": 60})
    expect(page.locator("#view-map")).to_be_checked()
    assert chosen(page) == []


def test_two_fingers_zoom_the_map_and_not_the_page(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(**SMALL), live)
    page = buyer.page
    buyer.open(f"screenings/{LARGE}")
    page.locator(".mapbox").scroll_into_view_if_needed()
    box = page.locator(".mapbox").bounding_box()
    assert box
    width = page.locator(".map").evaluate("map => map.getBoundingClientRect().width")
    x, y = box["x"] + box["width"] / 2, max(box["y"], 0) + 60
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("Start", 60), ("Move", 50), ("Move", 40), ("Move", 30), ("End", 0)):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}] if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    expect(page.locator(".map")).not_to_have_attribute("style", re.compile("translate"))
    now = page.locator(".map").evaluate("map => map.getBoundingClientRect().width")
    assert now == pytest.approx(width / 2, rel=0.1)
    # What can be scrolled is as large as what is seen.
    assert page.locator(".mapbox").evaluate("box => box.scrollWidth") == pytest.approx(now, abs=2)
    assert page.evaluate("visualViewport.scale") == 1


def test_choosing_in_the_large_hall_touches_only_what_changes(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(**DESK), live)
    page = buyer.page
    buyer.open(f"screenings/{LARGE}")
    page.evaluate(
        "() => { window.touched = 0;"
        " new MutationObserver(all => { window.touched += all.length; })"
        ".observe(document.body, { subtree: true, childList: true, attributes: true }); }"
    )
    tap(page, "П-3-12")
    expect(page.locator("[data-list] li")).to_have_count(1)
    assert page.evaluate("window.touched") < 20
    page.evaluate("document.querySelector('.mapbox').scrollBy(0, 300)")
    assert page.evaluate("window.touched") < 20
