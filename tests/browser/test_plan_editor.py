"""The plan editor: a hall built by the keyboard alone; seats banded by a rectangle, previewed, published."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.live import Live
from tests.browser.test_staff_places import MANAGER, WIDE
from tests.browser.watch import Person, settled

pytestmark = pytest.mark.browser
LARGE, SMALL, RETRO = "esentai-1", "esentai-3", "arman-retro"


def come(somebody: Person, live: Live, path: str) -> Page:
    """Sign in and open a hall's page."""
    page = somebody.page
    page.goto(f"{live.base}/staff/sign-in?next=/staff/halls/{path}")
    page.locator("#login").fill(MANAGER.login)
    page.locator("#password").fill(MANAGER.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#main h1")).to_be_visible()
    settled(page)
    return page


def tab_to(page: Page, field: str) -> None:
    """Press Tab until a field or a button has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{field}:focus").count():
            return
    raise AssertionError(field)


def pick(page: Page, field: str, text: str) -> None:
    """Tab to a list and type until its entry is chosen: a browser that waits forgets what was typed."""
    tab_to(page, field)
    for _ in range(5):
        page.keyboard.type(text)
        if page.locator(f"{field} option:checked").inner_text().startswith(text):
            return
        page.wait_for_timeout(1500)
    raise AssertionError(field)


def fill(page: Page, fields: dict[str, str], end: str) -> None:
    """Fill fields in the order of Tab, and press the button at their end."""
    for field, text in fields.items():
        tab_to(page, field)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
    tab_to(page, end)
    page.keyboard.press("Enter")


def test_a_hall_is_built_by_the_keyboard_alone(live: Live, person: Callable[..., Person]) -> None:
    page = come(person(**WIDE), live, f"{SMALL}/")
    first = {"#new-section": "Stalls", "#new-rows": "4", "#new-seats": "10", "#new-aisles": "5",
             "#new-new_band": "Стандарт"}  # fmt: skip
    fill(page, first, "button[value=build]")
    expect(page.get_by_role("status").first).to_have_text("The draft is begun.")
    more = {"#block-section": "Balcony", "#block-rows": "2", "#block-seats": "6"}
    fill(page, more, "form[action$=blocks] button")
    expect(page.get_by_role("status").first).to_have_text("The seats are added.")
    expect(page.locator(".map .row")).to_have_count(6)
    settled(page)
    page.get_by_role("checkbox", name="Row 5, seat 1, Standard").focus()
    page.keyboard.press("r")
    expect(page.locator("[data-marked]")).to_have_text("6")
    pick(page, "#band", "a new")
    tab_to(page, "#seat-new_band")
    page.keyboard.type("Балкон")
    tab_to(page, "button[value=band]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Balcony 6")).to_be_visible()
    settled(page)
    page.get_by_role("checkbox", name="Row 1, seat 1, Standard").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    pick(page, "#kind", "Wheelchair space, companion on the r")
    tab_to(page, "button[value=kind]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Row 1, seat 1, Standard, wheelchair space")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Row 1, seat 2, Standard, companion seat")).to_be_visible()
    # Nobody's prices know this band: a warning, and the plan may be published all the same.
    expect(page.locator(".doubts")).to_contain_text("Balcony")
    tab_to(page, "button[value=publish]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("The plan is published")
    expect(page.locator("table").first).to_contain_text("stays: no price for: Balcony")


def test_a_rectangle_is_banded_previewed_published_and_shown_to_buyers(
    live: Live, person: Callable[..., Person]
) -> None:
    page = come(person(**WIDE), live, f"{LARGE}/")
    page.get_by_role("button", name="Begin with version 1").click()
    expect(page.get_by_role("status").first).to_be_visible()
    settled(page)
    seats = page.locator("label.seat")
    first, last = (
        seats.filter(has=page.get_by_role("checkbox", name=name, exact=False)).first.bounding_box()
        for name in ("Row 3, seat 8, ", "Row 4, seat 10, ")
    )
    assert first
    assert last
    page.mouse.move(first["x"] - 2, first["y"] - 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] + 2, last["y"] + last["height"] + 2, steps=6)
    page.mouse.up()
    expect(page.locator("[data-marked]")).to_have_text("6")
    page.locator("#band").select_option(label="Centre")
    page.get_by_role("button", name="Set the band").click()
    expect(page.get_by_role("status").first).to_have_text("The band is set.")
    banded = page.get_by_role("checkbox", name="Row 3, seat 9, Centre")
    expect(banded).to_be_visible()
    page.get_by_role("link", name="Preview as the audience sees it").click()
    expect(page.get_by_role("checkbox", name="Row 3, seat 9, Centre")).to_be_enabled()
    page.locator("label.seat").filter(has=page.get_by_role("checkbox", name="Row 3, seat 9, ")).click()
    expect(page.locator("[data-picks] li")).to_have_count(1)
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    page.get_by_role("link", name="Back to the editor").click()
    page.get_by_role("button", name="Publish as version 2").click()
    expect(page.get_by_role("status").first).to_contain_text("The plan is published")
    page.get_by_role("checkbox").first.check()
    code = page.get_by_role("checkbox").first.get_attribute("value")
    page.get_by_role("button", name="Move the ticked screenings").click()
    expect(page.get_by_role("status").first).to_have_text("1 screening moved.")
    places = live.call("GET", f"/api/v1/screenings/{code}/places").body["places"]
    assert {place["place"]: place["band"] for place in places}["З-3-9"] == "Центр"


def test_two_windows_do_not_overwrite_each_other(live: Live, person: Callable[..., Person]) -> None:
    somebody = person(java_script_enabled=False, **WIDE)
    somebody.watch.expect("409")
    page = come(somebody, live, f"{RETRO}/")
    page.get_by_role("button", name="Begin with version 1").click()
    other = somebody.context.new_page()
    other.goto(page.url)
    for window in (page, other):
        window.locator("label.seat").nth(20).click()
        window.get_by_role("button", name="Remove the seats").click()
    expect(page.get_by_role("status").first).to_have_text("The seats are removed.")
    expect(other.get_by_role("alert")).to_contain_text("Somebody else has changed or ended this draft")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_anybody(live: Live, person: Callable[..., Person], scheme: str) -> None:
    somebody = person(color_scheme=scheme, **WIDE)
    bring_axe(somebody.context)
    somebody.watch.expect("422")
    hall = f"{live.base}/staff/halls/palace-grand/"
    page = come(somebody, live, "")
    found = violations(page, "list of halls")
    page.goto(hall)
    page.locator("#plan").set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": b"{}"})
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#faults")).to_be_visible()
    found += violations(page, "faults of a file")
    page.get_by_role("button", name="Begin with version 1").click()
    expect(page).to_have_url(f"{hall}draft/?done=started")
    found += violations(page, "editor")
    page.locator("label:has(#view-list)").click()
    found += violations(page, "editor as a list")
    page.locator("#kind").select_option(value="sofa")
    page.get_by_role("button", name="Set the kind").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += violations(page, "editor with a refusal")
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page, "editor on a phone")
    page.goto(f"{hall}draft/preview")
    found += violations(page, "preview")
    page.goto(f"{hall}draft/")
    page.get_by_role("button", name="Throw the draft away").click()
    expect(page.get_by_role("status").first).to_have_text("The draft is thrown away.")
    found += violations(page, "hall")
    assert not found, "\n".join(found)
