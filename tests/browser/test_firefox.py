"""The scanner and the shop in the machine's own Firefox, against a real server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.buyer import Buyer, neighbours
from tests.browser.door import Door, code_of
from tests.browser.firefox import Firefox, firefox_path, hold_up, kill
from tests.browser.front import Front
from tests.browser.live import Live
from tests.browser.phone import OPENS_OFFLINE, becomes
from tests.browser.test_signed_tickets import WITHOUT_ED25519
from tests.browser.watch import Person
from tests.support.signing import flipped

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(firefox_path() is None, reason="no Firefox on this machine (Debian: firefox-esr)"),
]
HERE, ELSEWHERE = "s04", "s03"
CAPACITY = 346
NO_NETWORK = "NetworkError|Failed to fetch|Load failed"


@pytest.fixture(scope="module")
def firefox(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Firefox:
    """The machine's Firefox."""
    return Firefox(playwright, tmp_path_factory.mktemp("firefox"))


@pytest.fixture(scope="module")
def firefox_browser(firefox: Firefox) -> Iterator[Browser]:
    """One that forgets everything, for people with a context of their own."""
    started = firefox.start()
    yield started
    started.close()


@pytest.fixture
def pins(live: Live) -> Iterator[tuple[str, str]]:
    """The PINs of the day of HERE: the usher's and the supervisor's."""
    yield live.door_pins(live.screening(HERE)["starts_at"][:10])
    live.forget_pins()


def unsent(page: Page) -> Locator:
    """Return the strip that says that one scan was not sent."""
    return page.locator(".strip").filter(has_text="1 not sent")


def sends(page: Page) -> None:
    """Send what waits, whoever is quicker: the page by itself or the strip's button."""
    strip = page.locator(".strip").filter(has_text="not sent")
    strip.get_by_role("button").evaluate_all("all => all.forEach((it) => it.click())")
    expect(strip).to_have_count(0)


def test_tickets_before_the_camera_with_and_without_a_network(
    live: Live, front: Front, firefox: Firefox, pins: tuple[str, str], tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    order, student, other = live.buy(HERE, 2), live.buy(HERE, 1, any="student"), live.buy(ELSEWHERE)
    before, incidents = live.inside(HERE), live.value("SELECT count(*) FROM incident")
    usher = firefox.phone(profile, code_of(order))
    door = Door(usher, live, front.base)
    door.open()
    door.pair()
    door.pick(HERE)
    door.page.locator("#pin").fill(pins[0])
    door.page.locator("#pin").press("Enter")
    door.sees("ok", "ok", "Admit")
    door.admitted(before + 1, CAPACITY)
    hold_up(door.page, code_of(other))
    assert "Hall 2" in door.sees("wrong_screening", "go", "Hall 2")
    hold_up(door.page, None)
    door.next()
    door.scan_by_cable(code_of(student))
    assert "student card" in door.sees("ok_attention", "att", "Check card")
    door.card.get_by_role("button", name="Card seen, admit").click()
    door.admitted(before + 2, CAPACITY)
    hold_up(door.page, code_of(order))
    assert "this phone" in door.sees("already_in", "no", "Already in").lower()
    becomes(door.page, OPENS_OFFLINE)
    assert not usher.watch.faults()
    usher.context.close()

    front.go()
    usher = firefox.phone(profile, code_of(order, 1))
    door = Door(usher, live, front.base)
    door.open()
    door.sees("ok", "ok", "Admit")
    expect(unsent(door.page)).to_be_visible()
    kill(usher, profile)
    assert live.inside(HERE) == before + 2

    usher = firefox.phone(profile)
    usher.watch.expect(NO_NETWORK)
    door = Door(usher, live, front.base)
    door.open()
    expect(unsent(door.page)).to_be_visible()
    door.type(code_of(order, 1))
    assert "this phone" in door.sees("already_in", "no", "Already in").lower()
    door.next()
    front.come()
    sends(door.page)
    assert not usher.watch.faults()
    usher.context.close()
    assert live.inside(HERE) == before + 3
    assert live.value("SELECT count(*) FROM incident") == incidents


def test_signed_codes_by_its_own_cryptography_and_by_our_file(
    signing: Live, front: Front, firefox_browser: Browser, person: Callable[..., Person]
) -> None:
    before = signing.inside(HERE)
    usher = person(firefox_browser)
    door = Door(usher, signing, front.base)
    door.ready(HERE)
    front.api_is_away = True
    one, another = (code_of(signing.buy(HERE)) for _ in range(2))
    door.type(one)
    assert "Sold after the last sync" in door.sees("ok_unlisted", "ok", "Admit")
    ours = "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/ed25519.js'))"
    assert not door.page.evaluate(ours)
    usher.context.add_init_script(WITHOUT_ED25519)
    door = Door(usher, signing, front.base)
    door.open()
    door.type(flipped(one, 79))
    door.sees("bad_signature", "no", "Not our ticket")
    door.next()
    door.type(another)
    door.sees("ok_unlisted", "ok", "Admit")
    assert door.page.evaluate(ours)
    front.api_is_away = False
    sends(door.page)
    assert signing.inside(HERE) == before + 2


def test_from_the_programme_to_the_tickets(
    live: Live, firefox_browser: Browser, person: Callable[..., Person]
) -> None:
    buyer = Buyer(person(firefox_browser), live)
    seats = neighbours(live, HERE, "5", ["10", "11"])
    buyer.open()
    buyer.find(HERE)
    buyer.choose(seats)
    buyer.concession(1, "student")
    buyer.check_out()
    buyer.sign()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(2)
    expect(buyer.page.locator(".qr svg").first).to_be_visible()
    assert not live.free_places(HERE) & set(seats)
    assert all(re.fullmatch("K1[A-Z0-9]{26}", code) for code in buyer.codes())
