"""Makes pictures of the five demo halls: `python -m tests.browser.hall_pictures` fills tests/output.

Each at 360 and 1440 px, by day and by night, partly sold and with two seats chosen; the files are called
`hall-<hall>-<width>-<mode>.png`. They are for eyes, beside those of the design.
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.festival import load_festival, running
from tests.browser.live import Live
from tests.chromium import launch
from tests.database import DatabaseFactory
from ticketing.foundation.migrations import upgrade

FOLDER = Path(__file__).resolve().parents[1] / "output"
# A screening in each hall with seats.
HALLS = {
    "palace-grand": "s18",
    "esentai-1": "s04",
    "esentai-2": "s03",
    "esentai-3": "s13",
    "arman-retro": "s12",
}
_SIZES = {"360": {"width": 360, "height": 780}, "1440": {"width": 1440, "height": 1000}}
_ORDERS, _PLACES = 5, 8
_VIEWS = ("map", "all", "list")


def main() -> None:
    """Start everything, take the pictures, end everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=["kk", "ru", "en"], default="kk")
    parser.add_argument("--view", choices=_VIEWS, default="map")
    parser.add_argument("--hall", choices=HALLS, action="append", help="only this one; may be repeated")
    asked = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        databases = DatabaseFactory(upgrade)
        url = databases.fresh("sqlite")
        load_festival(url, folder)
        with running(url, folder) as live:
            browser = launch(driver)
            halls = asked.hall or list(HALLS)
            for hall in halls:
                sell(live, HALLS[hall])
            for hall in halls:
                for width in _SIZES:
                    for mode in ("light", "dark"):
                        page = _open(browser, live, HALLS[hall], asked.language, width, mode)
                        _choose_two(page)
                        page.locator(f"label:has(#view-{asked.view})").click()
                        page.wait_for_load_state("networkidle")
                        path = FOLDER / f"hall-{hall}-{width}-{mode}.png"
                        page.screenshot(path=path, full_page=width == "1440")
                        page.context.close()
            browser.close()
        databases.close()


def sell(live: Live, screening: str) -> None:
    """Sell a few dozen places, the best and some in the front."""
    for _ in range(_ORDERS):
        live.buy(screening, _PLACES)


def _open(browser: Browser, live: Live, screening: str, language: str, width: str, mode: str) -> Page:
    phone = width == "360"
    context = browser.new_context(
        viewport=_SIZES[width],
        device_scale_factor=2 if phone else 1,
        has_touch=phone,
        color_scheme=mode,
        locale=language,
    )
    page = context.new_page()
    page.goto(f"{live.base}/{language}/screenings/{screening}")
    page.evaluate("document.fonts.ready.then(() => null)")
    return page


def _choose_two(page: Page) -> None:
    """Choose the third and the fourth free seat of a row that has many."""
    row = page.locator(".map .row").filter(has=page.locator("input:enabled").nth(6)).nth(2)
    for number in (2, 3):
        row.locator("label.seat:has(input:enabled)").nth(number).click()


if __name__ == "__main__":
    main()
