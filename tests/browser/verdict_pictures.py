"""A picture of every verdict: `python -m tests.browser.verdict_pictures` fills tests/output/verdicts.

Each in three languages, on a phone as small as they come and on an ordinary one; beside them a sheet of each
language and size, to look at at arm's length. It also says which cards have to be scrolled, and returns 1
when there are any: an usher sees a card whole.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.camera import Camera
from tests.browser.door import Door
from tests.browser.festival import load_festival, running
from tests.browser.live import Live
from tests.browser.watch import Person, Watch
from tests.chromium import launch
from tests.database import DatabaseFactory
from ticketing.door.samples import SAMPLES
from ticketing.foundation.i18n import LANGUAGES
from ticketing.foundation.migrations import upgrade

FOLDER = Path(__file__).resolve().parents[1] / "output" / "verdicts"
_SIZES: dict[str, ViewportSize] = {
    "small": {"width": 360, "height": 640},
    "phone": {"width": 390, "height": 844},
}
_HERE = "s04"
_COLUMNS, _THUMB = 7, 260
_REAL = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4"
_SCROLLS = (
    "() => { const it = document.querySelector('.verdict'); return it.scrollHeight > it.clientHeight + 1; }"
)


def main() -> int:
    """Take the pictures; print which cards are too long."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    databases = DatabaseFactory(upgrade)
    long: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kassa-verdicts-") as name, sync_playwright() as driver:
        folder = Path(name)
        url = databases.fresh("sqlite")
        load_festival(url, folder)
        with running(url, folder) as live:
            browser = launch(driver, *Camera(folder / "table.mjpeg").flags)
            for language in LANGUAGES:
                for size, viewport in _SIZES.items():
                    taken = []
                    for path, scrolls in _cards(live, browser, language, size, viewport):
                        taken.append(path)
                        long += [path.stem] if scrolls else []
                    _sheet(taken, FOLDER / f"sheet-{language}-{size}.png")
            browser.close()
    databases.close()
    sys.stdout.write(f"{len(SAMPLES) + 1} cards; to be scrolled: {', '.join(long) or 'none'}\n")
    return 1 if long else 0


def _cards(
    live: Live, browser: Browser, language: str, size: str, viewport: ViewportSize
) -> Iterator[tuple[Path, bool]]:
    """Show each card in turn to a practising usher."""
    context = browser.new_context(
        viewport=viewport,
        device_scale_factor=2,
        has_touch=True,
        locale=f"{language}-KZ",
        permissions=["camera"],
    )
    door = Door(Person(context=context, watch=Watch(context), page=context.new_page()), live)
    door.ready(_HERE)
    page = door.page
    page.locator(".keys .btn").last.click()
    page.locator("dialog .btn--line").nth(2).click()
    page.locator(".door--practice").wait_for()
    for name, code in [*((str(reason), code) for reason, code in SAMPLES.items()), ("practice", _REAL)]:
        door.type(code)
        page.locator(f'.verdict[data-reason="{name}"]').wait_for()
        path = FOLDER / f"{name}-{language}-{size}.png"
        page.screenshot(path=path)
        scrolls = page.locator(".verdict").count() > 0 and bool(page.evaluate(_SCROLLS))
        yield path, scrolls
        _dismiss(page)
    context.close()


def _dismiss(page: Page) -> None:
    """Answer the card, where it does not clear by itself."""
    answers = page.locator(".verdict__act .btn")
    if answers.count():
        answers.last.click()
    card = page.locator(".verdict")
    card.wait_for(state="detached")


def _sheet(taken: list[Path], path: Path) -> None:
    pictures = []
    for one in taken:
        with Image.open(one) as picture:
            pictures.append(picture.convert("RGB").resize((_THUMB, picture.height * _THUMB // picture.width)))
    height = pictures[0].height
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * (_THUMB + 8), rows * (height + 8)), "#888")
    for n, picture in enumerate(pictures):
        sheet.paste(picture, ((n % _COLUMNS) * (_THUMB + 8), (n // _COLUMNS) * (height + 8)))
    sheet.save(path)


if __name__ == "__main__":
    sys.exit(main())
