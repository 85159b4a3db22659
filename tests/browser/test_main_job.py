"""The whole house in one go: a ticket from the programme to the hall, and another one back into the shop."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.buyer import NAME, Buyer, neighbours
from tests.browser.camera import Camera
from tests.browser.door import Door
from tests.browser.live import Live
from tests.browser.watch import Person
from ticketing.demo_run import DEMO_ACCOUNTS
from ticketing.reports.invariants import check_invariants

pytestmark = pytest.mark.browser
# Hall 1, 346 seats, on the second day; nobody is asked for his age.
SCREENING, CAPACITY = "s04", 346
CASHIER = DEMO_ACCOUNTS[1]


class Album:
    """Numbered pictures of what was seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken = 0

    def take(self, page: Page, name: str) -> None:
        """Keep what is in view."""
        self._taken += 1
        page.screenshot(path=self._folder / f"main-job-{self._taken:02}-{name}.png")


def buy_three(buyer: Buyer, seats: list[str], album: Album) -> None:
    """From the programme to the tickets: two for adults, the last one for a student."""
    buyer.open()
    album.take(buyer.page, "programme")
    buyer.find(SCREENING)
    album.take(buyer.page, "screening")
    buyer.choose(seats)
    buyer.concession(2, "student")
    expect(buyer.page.locator("[data-total]")).to_have_text("4\u00a0850\u00a0₸")
    album.take(buyer.page, "basket")
    buyer.check_out()
    album.take(buyer.page, "checkout")
    buyer.sign()
    album.take(buyer.page, "bank")
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(3)
    album.take(buyer.page, "order")


def see_twice(door: Door, album: Album) -> None:
    """Hold one ticket before the camera until it has been read a second time."""
    door.open()
    album.take(door.page, "pairing")
    door.pair()
    door.choose(SCREENING)
    assert "12" in door.sees("ok", "ok", "Admit")
    album.take(door.page, "green")
    door.admitted(1, CAPACITY)
    assert "this phone" in door.sees("already_in", "no", "Already in")
    album.take(door.page, "red")
    door.page.close()


def refund(desk: Page, live: Live, order: str, place: str, album: Album) -> None:
    """Find an order by its buyer's name in Latin letters, and refund one ticket."""
    desk.goto(f"{live.base}/boxoffice/")
    desk.locator("#login").fill(CASHIER.login)
    desk.locator("#password").fill(CASHIER.password)
    desk.get_by_role("button", name="Sign in").click()
    desk.locator("#search").fill("Aigerim Seitkali")
    desk.locator("#search").press("Enter")
    expect(desk.locator("#order-title")).to_have_text(order)
    expect(desk.locator(".desk__oh")).to_contain_text(NAME)
    desk.get_by_role("checkbox", name=place).check()
    desk.locator("#why").select_option(index=1)
    desk.locator("#note").fill("she is ill")
    album.take(desk, "desk")
    desk.locator("#refund .btn--bad").click()
    expect(desk.locator(".banner--good, .banner--warn").first).to_contain_text("1\u00a0800\u00a0₸")
    expect(desk.get_by_role("checkbox", name=place)).to_be_disabled()
    album.take(desk, "refunded")


def test_from_the_programme_to_a_green_scan_to_a_refund_to_a_red_one(
    live: Live,
    person: Callable[..., Person],
    camera: Camera,
    camera_browser: Browser,
    pictures: Path,
) -> None:
    album = Album(pictures)
    buyer = Buyer(person(), live)
    seats = neighbours(live, SCREENING, "12", ["10", "11", "12"])
    buy_three(buyer, seats, album)
    codes, order = buyer.codes(), buyer.order_code()
    assert not live.free_places(SCREENING) & set(seats)

    # The camera sees the first ticket as the buyer's own phone draws it.
    camera.show(buyer.page.locator(".qr svg").first.screenshot())
    see_twice(Door(person(camera_browser, permissions=["camera"]), live), album)

    # At the hall's other door the student's ticket is typed: amber, until the card was seen.
    door = Door(person(), live)
    door.ready(SCREENING)
    door.admitted(1, CAPACITY)
    door.type(codes[2])
    assert "student card" in door.sees("ok_attention", "att", "Check card")
    album.take(door.page, "amber")
    door.card.get_by_role("button", name="Card seen, admit").click()
    door.admitted(2, CAPACITY)

    cashier = person(viewport={"width": 1440, "height": 900}, device_scale_factor=1)
    refund(cashier.page, live, order, "Row 12, seat 11", album)

    # The refunded place is free again in the shop, and its code is refused at the door.
    assert live.free_places(SCREENING) & set(seats) == {seats[1]}
    stranger = Buyer(person(), live)
    stranger.open(f"screenings/{SCREENING}")
    expect(stranger.seat(seats[1])).to_be_enabled()
    expect(stranger.seat(seats[0])).to_be_disabled()
    door.type(codes[1])
    door.sees("refunded", "no", "Refunded")
    album.take(door.page, "refused")
    door.next()
    door.type(codes[0])
    assert "another phone" in door.sees("already_in", "no", "Already in")
    door.admitted(2, CAPACITY)
    buyer.page.reload()
    expect(buyer.tickets()).to_have_count(2)
    expect(buyer.page.locator(".ticket.is-void")).to_contain_text("Refunded")

    with live.runtime.database.reading() as session:
        assert not [one for one in check_invariants(session, live.runtime.clock.now()) if one.broken]
