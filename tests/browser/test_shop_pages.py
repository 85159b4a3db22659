"""The shop in Chromium: without JavaScript, without a mouse, and after a declined payment."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import EMAIL, NAME, Buyer, neighbours
from tests.browser.door import code_of
from tests.browser.live import Live
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
# s08: a numbered hall; s05: numbered and free; s07: seats without numbers.
NUMBERED, FREE, UNNUMBERED = "s08", "s05", "s07"
MOST_TABS = 60


def press_until(page: Page, selector: str) -> None:
    """Press Tab until something has the focus. Fails when it cannot be reached."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.locator(f":is({selector}):focus").count():
            return
    pytest.fail(f"{selector} is not reached by {MOST_TABS} presses of Tab")


@pytest.mark.parametrize(
    ("language", "row", "paid"), [("kk", "5", "Төленді"), ("ru", "6", "Оплачено"), ("en", "7", "Paid")]
)
def test_tickets_are_bought_without_javascript(
    live: Live, person: Callable[..., Person], language: str, row: str, paid: str
) -> None:
    buyer = Buyer(person(java_script_enabled=False), live, language)
    seats = neighbours(live, NUMBERED, row, ["1", "2"])
    buyer.find(NUMBERED)
    expect(buyer.page.locator("html")).to_have_attribute("lang", language)
    buyer.choose(seats)
    buyer.concession(1, "student")
    buyer.page.locator('button[value="update"]').click()
    expect(buyer.page.locator("[data-total]")).to_have_text("3\u00a0050\u00a0₸")
    buyer.check_out()
    buyer.sign(email=f"{language}@example.kz")
    expect(buyer.page.locator("html")).to_have_attribute("lang", language)
    buyer.bank("approve")
    expect(buyer.page.locator("html")).to_have_attribute("lang", language)
    expect(buyer.page.locator(".order__ok .tag")).to_have_text(paid)
    expect(buyer.tickets()).to_have_count(2)
    assert not live.free_places(NUMBERED) & set(seats)
    buyer.open("tickets/")
    expect(buyer.page.locator("main")).to_contain_text(live.screening(NUMBERED)["title"][language])


def test_a_free_ticket_without_javascript_needs_no_bank(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(java_script_enabled=False), live, "kk")
    buyer.find(FREE)
    buyer.choose(neighbours(live, FREE, "3", ["1", "2"]))
    buyer.check_out()
    buyer.sign()
    expect(buyer.page).to_have_url(re.compile("/kk/orders/"))
    expect(buyer.tickets()).to_have_count(2)


def test_unnumbered_places_without_javascript(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(java_script_enabled=False), live, "ru")
    free = live.screening(UNNUMBERED)["places"]["free"]
    buyer.find(UNNUMBERED)
    buyer.choose_number(3)
    buyer.concession(0, "student")
    buyer.check_out()
    expect(buyer.page.locator(".bill .sum b")).to_have_text("5\u00a0400\u00a0₸")
    buyer.sign()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(3)
    assert live.screening(UNNUMBERED)["places"]["free"] == free - 3


def test_best_seats_without_javascript(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(java_script_enabled=False), live)
    buyer.open(f"screenings/{NUMBERED}")
    buyer.page.locator(".best summary").click()
    buyer.page.locator(".best select[name=quantity]").select_option("4")
    buyer.page.locator(".best button").click()
    expect(buyer.page).to_have_url(re.compile("/basket$"))
    expect(buyer.page.locator(".held__places li")).to_have_count(4)


@pytest.mark.parametrize("script", [True, False])
def test_a_declined_payment_is_paid_again(live: Live, person: Callable[..., Person], *, script: bool) -> None:
    buyer = Buyer(person(java_script_enabled=script), live)
    buyer.open(f"screenings/{NUMBERED}")
    buyer.choose(neighbours(live, NUMBERED, "8" if script else "9", ["1", "2"]))
    buyer.check_out()
    buyer.sign()
    buyer.bank("decline")
    expect(buyer.page.get_by_role("alert")).to_contain_text("You were not charged")
    expect(buyer.tickets()).to_have_count(0)
    buyer.page.get_by_role("button", name="Try payment again").click()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(2)


def test_the_card_owner_is_asked_and_the_bank_left_and_found_again(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(), live)
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    buyer.check_out()
    buyer.sign()
    buyer.bank("abandon")
    expect(buyer.tickets()).to_have_count(0)
    buyer.page.locator(".order__next .btn").click()
    buyer.page.locator('button[name="outcome"][value="check"]').click()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(1)


def test_the_checkout_says_what_is_missing(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(), live)
    buyer.watch.expect("422")
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    buyer.check_out()
    buyer.page.locator("#email").fill("aigerim")
    buyer.page.locator(".pay__go .btn--primary").click()
    expect(buyer.page.locator("#faults")).to_be_focused()
    for field in ("email", "name", "terms"):
        expect(buyer.page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    expect(buyer.page.locator("#email")).to_have_value("aigerim")


def test_seats_and_checkout_by_the_keyboard_alone(live: Live, person: Callable[..., Person]) -> None:
    buyer = Buyer(person(has_touch=False), live)
    page = buyer.page
    buyer.open(f"screenings/{NUMBERED}")
    press_until(page, "input[name=place]")
    # The first row begins with a wheelchair space, which brings the seat beside it.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("input[name=place]:checked")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/basket$"))
    press_until(page, "button[value=checkout]")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/checkout$"))
    for field, text in (("#email", EMAIL), ("#name", NAME)):
        press_until(page, field)
        page.keyboard.type(text)
    press_until(page, "#terms")
    page.keyboard.press("Space")
    press_until(page, ".pay__go .btn--primary")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/demo-bank/"))
    press_until(page, "button[value=approve]")
    page.keyboard.press("Enter")
    expect(buyer.tickets()).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_another_reader_reads_the_codes_on_the_order_page(
    live: Live, person: Callable[..., Person], scheme: str
) -> None:
    order = live.buy(NUMBERED, 2)
    buyer = Buyer(person(color_scheme=scheme), live)
    buyer.open(f"orders/{order['order']}?key={order['key']}")
    expect(buyer.page).to_have_url(re.compile(f"/orders/{order['order']}$"))
    expect(buyer.tickets()).to_have_count(2)
    codes = buyer.codes()
    assert codes == [code_of(order, 0), code_of(order, 1)]
    for ticket, code in zip(buyer.tickets().all(), codes, strict=True):
        with Image.open(BytesIO(ticket.locator(".qr").screenshot())) as picture:
            assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 568), (390, 844), (844, 390), (1280, 900)])
def test_another_reader_reads_the_codes_held_up_at_the_door(
    live: Live, person: Callable[..., Person], scheme: str, size: tuple[int, int]
) -> None:
    order = live.buy(UNNUMBERED, 1)
    somebody = person(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    bring_axe(somebody.context)
    buyer = Buyer(somebody, live)
    buyer.open(f"orders/{order['order']}?key={order['key']}")
    buyer.page.locator("main .acts-row .btn--primary").click()
    expect(buyer.page).to_have_url(re.compile(f"/orders/{order['order']}/tickets$"))
    code = buyer.page.locator(".pass .qr svg")
    with Image.open(BytesIO(code.screenshot())) as picture:
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(order)]
    shown = code.bounding_box()
    assert shown is not None
    assert shown["width"] >= 0.45 * min(size)
    assert shown["height"] <= size[1] + 1
    # Nothing sticks out sideways, and nothing keeps a reader out.
    assert buyer.page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert not violations(buyer.page, f"tickets at the door, {scheme}, {size[0]}")
