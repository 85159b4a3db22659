"""The time that seats are held for: counted in the page, spoken seldom, given once more."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import bring_axe, violations
from tests.browser.buyer import EMAIL, NAME, Buyer
from tests.browser.live import Live
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
UNNUMBERED = "s07"
WORDS = {
    "kk": ("Орындар сізге сақталды", "Қалған уақыт: {} минут", "Уақыт бітті, орындар босады."),
    "ru": ("Места за вами ещё", "Осталось времени: {} минут", "Время вышло, места освободились."),
    "en": ("Your seats are held for", "Time left: {} minute", "Time is up. The seats are free again;"),
}


def spoken(page: Page) -> Locator:
    """What a screen reader is told of the time."""
    return page.locator(".timer + [role=status]")


def with_a_stopped_clock(buyer: Buyer) -> Page:
    """Come to the basket with one place, in a page whose time passes only when the test says so."""
    buyer.page.clock.install()
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    return buyer.page


@pytest.mark.parametrize("language", list(WORDS))
def test_the_time_is_spoken_at_few_moments(live: Live, person: Callable[..., Person], language: str) -> None:
    held, left, ended = WORDS[language]
    page = with_a_stopped_clock(Buyer(person(), live, language))
    timer = page.get_by_role("timer")
    expect(timer).to_contain_text(re.compile(rf"{held}.*\b(10|9):\d\d"))
    expect(spoken(page)).to_have_text("")
    page.evaluate(
        "() => { window.said = [];"
        " const place = document.querySelector('.timer + [role=status]');"
        " new MutationObserver(() => window.said.push(place.textContent))"
        ".observe(place, { childList: true }); }"
    )
    page.clock.run_for("09:58")
    assert page.evaluate("window.said.length") == 3
    for minutes, text in zip((5, 2, 1), page.evaluate("window.said"), strict=True):
        assert text.replace("\u00a0", " ").startswith(left.format(minutes)), text
    page.clock.run_for("00:05")
    expect(spoken(page)).to_contain_text(ended)
    expect(timer).to_contain_text(ended)
    assert page.evaluate("window.said.length") == 4


def test_a_page_that_slept_says_only_what_is_true_now(live: Live, person: Callable[..., Person]) -> None:
    page = with_a_stopped_clock(Buyer(person(), live))
    page.clock.fast_forward("08:30")
    expect(spoken(page)).to_have_text("Time left: 2 minutes")


@pytest.mark.parametrize("script", [True, False])
def test_time_is_given_once_more_in_the_basket(
    live: Live, person: Callable[..., Person], *, script: bool
) -> None:
    buyer = Buyer(person(java_script_enabled=script), live)
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    button = buyer.page.get_by_role("button", name="Keep seats 10 more minutes")
    button.click()
    expect(buyer.page.get_by_text("Kept for 10 more minutes.")).to_be_visible()
    expect(button).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_time_is_given_in_the_checkout_and_its_fields_stay(
    live: Live, person: Callable[..., Person], *, script: bool
) -> None:
    somebody = person(java_script_enabled=script)
    if script:
        bring_axe(somebody.context)
    buyer = Buyer(somebody, live)
    page = buyer.page
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    buyer.check_out()
    page.locator("#email").fill(EMAIL)
    page.locator("#name").fill(NAME)
    page.locator("#terms").check()
    page.get_by_role("button", name="Keep seats 10 more minutes").click()
    expect(page.get_by_text("Kept for 10 more minutes.")).to_be_visible()
    expect(page.locator("#email")).to_have_value(EMAIL)
    expect(page.locator("#terms")).to_be_checked()
    expect(page.get_by_role("button", name="Keep seats")).to_have_count(0)
    if script:
        assert not violations(page, "checkout")
    page.locator("#name").press("Enter")
    expect(page).to_have_url(re.compile("/demo-bank/"))


def test_enter_in_the_checkout_pays_and_does_not_ask_for_time(
    live: Live, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(), live)
    buyer.open(f"screenings/{UNNUMBERED}")
    buyer.choose_number(1)
    buyer.check_out()
    buyer.page.locator("#email").fill(EMAIL)
    buyer.page.locator("#name").fill(NAME)
    buyer.page.locator("#terms").check()
    buyer.page.locator("#name").press("Enter")
    expect(buyer.page).to_have_url(re.compile("/demo-bank/"))
