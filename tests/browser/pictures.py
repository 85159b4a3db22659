"""Makes the pictures of the README: `python -m tests.browser.pictures` writes docs/pictures anew."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.buyer import Buyer, neighbours
from tests.browser.camera import Camera
from tests.browser.door import Door
from tests.browser.festival import load_festival, running
from tests.browser.live import Live
from tests.browser.watch import Person, Watch
from tests.chromium import launch
from tests.database import DatabaseFactory
from ticketing.demo_run import DEMO_ACCOUNTS
from ticketing.foundation.migrations import upgrade

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_PHONE, _DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
_COLOURS = 128
_HEAVIEST = 150_000
_MANAGER, _CASHIER = DEMO_ACCOUNTS
SCREENING = "s04"
# How much of the demo is sold before the pictures are taken, in orders of up to eight places.
_SOLD = {"s04": 9, "s05": 12, "s06": 12, "s08": 9, "s13": 20, "s01": 19}
_SIZES = cycle((2, 8, 1, 8, 4, 8, 2, 8))
_NAMES = cycle(
    ("Нұрлан Есенов", "Ольга Ким", "Әсел Оразбаева", "Тимур Ахметов", "Ingrid Haug", "Дана Сейітова")
)


def main() -> None:
    """Start everything, take the pictures, end everything."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        databases = DatabaseFactory(folder, upgrade)
        url = databases.fresh("sqlite")
        load_festival(url, folder)
        with running(url, folder) as live:
            _sell(live)
            _take_all(driver, live, folder)
        databases.close()


def _sell(live: Live) -> None:
    """Sell enough for a festival that people go to."""
    for screening, orders in _SOLD.items():
        for _ in range(orders):
            free = live.screening(screening)["places"]["free"]
            if free:
                live.buy(screening, min(next(_SIZES), free), next(_NAMES))


def _take_all(driver: Playwright, live: Live, folder: Path) -> None:
    browser = launch(driver)
    with _person(browser, viewport={"width": 1440, "height": 1300}) as visitor:
        Buyer(visitor, live).open()
        _keep(visitor.page, "programme")
    with _person(browser, viewport=_PHONE, has_touch=True) as somebody:
        buyer = Buyer(somebody, live)
        seats = neighbours(live, SCREENING, "9", ["8", "9"])
        _choose_seats(buyer, seats)
        code = _buy(buyer)
        qr = somebody.page.locator(".qr svg").first.screenshot()
    with _person(browser, viewport=_DESK) as cashier:
        _desk(cashier.page, live, code)
    with _person(browser, viewport=_DESK) as manager:
        _plan_editor(manager.page, live)
    browser.close()
    camera = Camera(folder / "ticket.mjpeg")
    camera.show(qr)
    phone = launch(driver, *camera.flags)
    with _person(phone, viewport=_PHONE, permissions=["camera"]) as usher:
        door = Door(usher, live)
        door.ready(SCREENING)
        door.sees("ok", "ok", "Admit")
        _keep(door.page, "scanner")
    phone.close()


def _choose_seats(buyer: Buyer, seats: list[str]) -> None:
    buyer.open(f"screenings/{SCREENING}")
    for place in seats:
        buyer.page.locator("label.seat").filter(has=buyer.seat(place)).click()
    buyer.page.locator("label.seat").filter(has=buyer.seat(seats[0])).evaluate(
        "seat => seat.scrollIntoView({ block: 'center', inline: 'center' })"
    )
    _keep(buyer.page, "seats")


def _buy(buyer: Buyer) -> str:
    buyer.page.locator("form[data-hall] .choice .btn--primary").click()
    buyer.check_out()
    buyer.sign()
    buyer.bank("approve")
    expect(buyer.tickets()).to_have_count(2)
    _keep(buyer.page, "ticket")
    return buyer.order_code()


def _desk(page: Page, live: Live, order: str) -> None:
    page.goto(f"{live.base}/boxoffice/")
    page.locator("#login").fill(_CASHIER.login)
    page.locator("#password").fill(_CASHIER.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f'a[href*="{order}"]').first.click()
    page.locator("input[name=ticket]:enabled").first.check()
    _keep(page, "boxoffice")


def _plan_editor(page: Page, live: Live) -> None:
    page.goto(f"{live.base}/staff/sign-in?next=/staff/halls/esentai-1/")
    page.locator("#login").fill(_MANAGER.login)
    page.locator("#password").fill(_MANAGER.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Begin with version 1").click()
    for row in ("#r9", "#r10"):
        page.locator(f"{row} .rown").first.click()
    page.locator("#band").select_option(label="Centre")
    _keep(page, "plan-editor")


@contextmanager
def _person(browser: Browser, **options: object) -> Iterator[Person]:
    context = browser.new_context(locale="en-GB", color_scheme="light", **options)  # type: ignore[arg-type]
    yield Person(context=context, page=context.new_page(), watch=Watch(context))
    context.close()


def _keep(page: Page, name: str) -> None:
    """Write what is in view as a small PNG. Raises ValueError when it would be a heavy one."""
    page.evaluate("document.fonts.ready.then(() => null)")
    page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(page.screenshot())) as seen:
        few = seen.convert("RGB").quantize(
            _COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    path = FOLDER / f"{name}.png"
    few.save(path, optimize=True)
    if path.stat().st_size > _HEAVIEST:
        message = f"{path.name} has {path.stat().st_size} bytes"
        raise ValueError(message)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    main()
