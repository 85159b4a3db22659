"""How long an usher waits whose phone was off and who has no network, and what the page weighs."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Playwright, sync_playwright

from bench.measure import Check, at_most
from tests.browser.camera import Camera
from tests.browser.door import Door, code_of, qr_picture
from tests.browser.festival import load_festival, running
from tests.browser.frames import SLOWER
from tests.browser.front import Front, in_front_of
from tests.browser.live import Live
from tests.browser.phone import OPENS_OFFLINE, Phone, becomes
from tests.chromium import launch
from tests.database import DatabaseFactory
from ticketing.foundation.migrations import upgrade

_SCANNER = Path(__file__).resolve().parents[1] / "scanner"
_HERE = "s04"
_LIVE_MS, _SHELL_KB = 2000.0, 60.0
_QUICK_STARTS, _STARTS = 3, 7
# Milliseconds since the navigation began, by the page's own clock.
_WATCH = """
document.addEventListener("playing", () => (window.liveAt ??= performance.now()), { capture: true });
document.addEventListener("DOMContentLoaded", () => {
  new MutationObserver(() => {
    if (document.querySelector(".verdict--ok")) window.greenAt ??= performance.now();
  }).observe(document.body, { childList: true, subtree: true });
});
"""


def measure_cold_start(folder: Path, *, quick: bool) -> Iterator[Check]:
    """Weigh the page; then start the browser again and again, without a server, before a new ticket."""
    yield from _weights()
    databases = DatabaseFactory(upgrade)
    url = databases.fresh("sqlite")
    load_festival(url, folder)
    with running(url, folder) as live, in_front_of(live.server.port) as front, sync_playwright() as driver:
        browser = launch(driver)
        starts = _Starts(driver, browser, live, front, folder)
        for slower in (1, SLOWER):
            yield from starts.measured(_QUICK_STARTS if quick else _STARTS, slower)
        browser.close()
    databases.close()


def _weights() -> Iterator[Check]:
    built = [path for path in (_SCANNER / "dist").rglob("*.*") if path.suffix != ".gz"]
    shell = [path for path in built if path.suffix in {".js", ".css"}]
    shell += [_SCANNER / "index.html", _SCANNER / "manifest.webmanifest", _SCANNER / "icons" / "icon.svg"]
    yield at_most("shell (HTML, CSS, JS), KB gzip", _kilobytes(shell, packed=True), _SHELL_KB)
    fonts = [path for path in built if path.suffix == ".woff2"]
    yield at_most("fonts, once, KB", _kilobytes(fonts, packed=False), None)
    reader = [path for path in built if path.suffix == ".wasm"]
    yield at_most("reader of codes, once, KB gzip", _kilobytes(reader, packed=True), None)


def _kilobytes(files: list[Path], *, packed: bool) -> float:
    contents = [path.read_bytes() for path in files]
    return sum(len(gzip.compress(one, 9) if packed else one) for one in contents) / 1024


class _Starts:
    """A paired phone whose browser is ended and started again."""

    def __init__(self, driver: Playwright, browser: Browser, live: Live, front: Front, folder: Path) -> None:
        self._browser, self._live, self._front = browser, live, front
        self._camera = Camera(folder / "held-up.mjpeg")
        self._phone = Phone(driver, folder / "profile", *self._camera.flags)

    def measured(self, starts: int, slower: int) -> Iterator[Check]:
        order = self._live.buy(_HERE, starts)
        door = Door(self._phone.start(), self._live, self._front.base)
        door.open()
        if slower == 1:
            door.pair()
            door.choose(_HERE)
        becomes(door.page, OPENS_OFFLINE)
        with door.page.expect_response("**/api/v1/door/sync*"):
            pass
        door.page.wait_for_timeout(1000)  # the answer goes to the disk
        self._front.go()
        times = [self._start(code_of(order, number), slower) for number in range(starts)]
        self._phone.close()
        self._front.come()
        what = "cold start offline" + (f", processor {slower}× slower" if slower > 1 else "")
        yield at_most(f"{what}, to live camera, ms", median(live for live, _ in times), _LIVE_MS)
        yield at_most(f"{what}, worst, ms", max(live for live, _ in times), None)
        yield at_most(f"{what}, to a green verdict, ms", median(green for _, green in times), None)

    def _start(self, code: str, slower: int) -> tuple[float, float]:
        drawing = self._browser.new_page()
        self._camera.show(qr_picture(drawing, code))
        drawing.close()
        usher = self._phone.start()
        usher.context.add_init_script(_WATCH)
        usher.context.new_cdp_session(usher.page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        usher.page.goto(f"{self._front.base}/scanner/")
        usher.page.wait_for_function("() => window.greenAt !== undefined")
        live, green = usher.page.evaluate("[window.liveAt, window.greenAt]")
        return float(live), float(green)
