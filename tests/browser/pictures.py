"""Makes the pictures of the manuals: `python -m tests.browser.pictures` writes docs/pictures anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, expect, sync_playwright

from tests.browser.buyer import Buyer, neighbours
from tests.browser.camera import Camera
from tests.browser.crowd import busy_festival
from tests.browser.door import Door, code_of
from tests.browser.every_page import looked_at
from tests.browser.live import Json, Live
from tests.browser.sights import Visit
from tests.browser.watch import Person, Watch
from tests.chromium import launch
from tests.support.calls import API, OverHttp, a_scan, scan

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
_PHONE: ViewportSize = {"width": 390, "height": 844}
_DESK: ViewportSize = {"width": 1440, "height": 900}
_TALL: ViewportSize = {"width": 1440, "height": 1300}
_COLOURS = 128
_BATCH = 20
_HEAVIEST, _HEAVIEST_ALL = 150_000, 2_000_000
SCREENING, NEXT = "s04", "s06"
# Of the pages that are looked at anyway: the picture's name, how large, how much of the page is above it.
_KEPT = {
    "film": ("film", _DESK, 0),
    "screening-numbered": ("hall", _TALL, 0),
    "plan": ("plan", _TALL, 0),
    "checkout": ("checkout", _TALL, 0),
    "tickets-at-the-door": ("ticket-at-the-door", _PHONE, 0),
    "return": ("return", _PHONE, 0),
    "letter-1": ("letter", {"width": 600, "height": 640}, 0),
    "desk-order": ("boxoffice", _DESK, 0),
    "places": ("places", _DESK, 0),
    "plan-editor": ("plan-editor", _DESK, 0),
    "settlement": ("settlement", _DESK, 0),
    "voucher-new": ("voucher", _DESK, 0),
    "mails": ("mails", _DESK, 0),
    "style": ("style", _TALL, 1690),
}


def main() -> None:
    """Start everything, take the pictures, end everything."""
    with sync_playwright() as driver, busy_festival() as (live, folder):
        browser = launch(driver)
        qr = _shop(browser, live)
        for sight, page in looked_at(live, browser, folder, "en"):
            if sight.name in _KEPT:
                name, size, above = _KEPT[sight.name]
                page.set_viewport_size(size)
                page.evaluate("top => scrollTo(0, top)", above)
                _keep(page, name)
        browser.close()
        _doors(driver, live, folder, qr)
    heavy = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    if heavy > _HEAVIEST_ALL:
        message = f"all pictures together have {heavy} bytes"
        raise ValueError(message)


def _shop(browser: Browser, live: Live) -> bytes:
    """Go from the programme to a ticket; return the picture of its code."""
    for name, language, path, options in (
        ("programme", "en", "", {"viewport": _TALL}),
        ("programme-phone", "kk", "", {"viewport": _PHONE}),
        ("programme-dark", "ru", "", {"viewport": _TALL, "color_scheme": "dark"}),
    ):
        with _person(browser, **options) as visitor:
            Buyer(visitor, live, language).open(path)
            _keep(visitor.page, name)
    with _person(browser, viewport=_PHONE, has_touch=True) as somebody:
        buyer = Buyer(somebody, live)
        _choose_seats(buyer, neighbours(live, SCREENING, "9", ["10", "11"]))
        buyer.page.locator("form[data-hall] .choice .btn--primary").click()
        buyer.check_out()
        buyer.sign()
        buyer.bank("approve")
        expect(buyer.tickets()).to_have_count(2)
        buyer.page.locator(".order__head h2").evaluate("title => title.scrollIntoView()")
        _keep(buyer.page, "ticket")
        return somebody.page.locator(".qr svg").first.screenshot()


def _choose_seats(buyer: Buyer, seats: list[str]) -> None:
    buyer.open(f"screenings/{SCREENING}")
    for place in seats:
        buyer.page.locator("label.seat").filter(has=buyer.seat(place)).click()
    buyer.page.locator("label.seat").filter(has=buyer.seat(seats[0])).evaluate(
        "seat => seat.scrollIntoView({ block: 'center', inline: 'center' })"
    )
    _keep(buyer.page, "seats")


def _doors(driver: Playwright, live: Live, folder: Path, qr: bytes) -> None:
    """Let the doors open now: three verdicts on a phone, and all doors on the wall."""
    here = replace(live, call=OverHttp(live.server.port))
    student = here.buy(SCREENING, 1, any="student")
    crowd = [here.buy(SCREENING, 8) for _ in range(6)]
    elsewhere = here.buy(NEXT, 1)
    here.bring_forward(SCREENING, minutes=12)
    camera = Camera(folder / "ticket.mjpeg")
    camera.show(qr)
    browser = launch(driver, *camera.flags)
    with _person(browser, viewport=_PHONE, permissions=["camera"]) as usher:
        door = Door(usher, here)
        door.ready(SCREENING, training=False)
        door.sees("ok", "ok", "Admit")
        _keep(door.page, "scanner")
    camera.show_nothing()
    with _person(browser, viewport=_PHONE, permissions=["camera"]) as usher:
        door = Door(usher, here)
        door.ready(SCREENING, training=False)
        _admit(here, crowd)
        door.type(code_of(student))
        door.sees("ok_attention", "att", "Check card")
        _keep(door.page, "scanner-card")
        door.page.locator(".verdict__act .btn").first.click()
        door.type(code_of(elsewhere))
        door.sees("wrong_screening", "go", "Another time")
        _keep(door.page, "scanner-elsewhere")
        door.next()
        door.type(code_of(student))
        door.sees("already_in", "no", "Already in")
        _keep(door.page, "scanner-refused")
    with _person(browser, viewport=_DESK) as manager:
        Visit(here, browser, folder, "en", people={"manager": manager.context}).sign_in()
        manager.page.goto(f"{here.base}/staff/door/")
        _keep(manager.page, "door-board")
    browser.close()
    here.call.close()


def _admit(live: Live, orders: list[Json]) -> None:
    """Let most of them in, by another phone."""
    paired = live.call("POST", f"{API}/door/devices", {"pairing_code": live.pairing_code("esentai")})
    now = live.runtime.clock.now().isoformat()
    codes = [ticket["code"] for order in orders for ticket in order["tickets"]]
    scans = [a_scan(uuid4(), code, SCREENING, now, seq) for seq, code in enumerate(codes[:-4], start=1)]
    for first in range(0, len(scans), _BATCH):
        scan(live.call, paired.body["token"], now, *scans[first : first + _BATCH])


@contextmanager
def _person(browser: Browser, **options: object) -> Iterator[Person]:
    context = browser.new_context(**{"locale": "en-GB", "color_scheme": "light", **options})  # type: ignore[arg-type]
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
