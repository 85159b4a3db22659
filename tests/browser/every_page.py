"""A picture of every kind of page: `python -m tests.browser.every_page` fills tests/output/pages.

Each page in three languages, on a phone and on a wide screen, by day and by night; beside them
`sheets/<page>.png` with all twelve, to look at at once. It also says which pages are wider than a screen of
360 px, and returns 1 when there are any.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.crowd import busy_festival
from tests.browser.live import Live
from tests.browser.sights import Sight, Visit
from tests.chromium import launch
from ticketing.foundation.i18n import LANGUAGES

FOLDER = Path(__file__).resolve().parents[1] / "output" / "pages"
NARROWEST: ViewportSize = {"width": 360, "height": 740}
_OPENED: ViewportSize = {"width": 1280, "height": 720}
_SIZES: dict[int, ViewportSize] = {390: {"width": 390, "height": 844}, 1440: {"width": 1440, "height": 900}}
_SCHEMES = ("light", "dark")
# A picture ends here: the programme of a week is 20,000 px long on a phone.
_LONGEST = 4000
# How wide one of twelve is on a sheet, and how much of it is shown.
_THUMBS = {390: (330, 1100), 1440: (660, 560)}
_GAP = 8


def main() -> int:
    """Take the pictures asked for; print which pages are too wide."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=LANGUAGES, action="append", help="only this one")
    parser.add_argument("--page", action="append", help="only pages whose name begins so")
    asked = parser.parse_args()
    languages, wanted = asked.language or list(LANGUAGES), tuple(asked.page or [""])
    wide: list[str] = []
    names: list[str] = []
    with sync_playwright() as driver, busy_festival() as (live, folder):
        browser = launch(driver)
        for language in languages:
            for sight, page in looked_at(live, browser, folder, language):
                if sight.name.startswith(wanted):
                    names.append(sight.name)
                    wide += [f"{language}: {fault}" for fault in overflows(page, sight)]
                    _take(page, FOLDER / sight.name, language)
        browser.close()
    for name in dict.fromkeys(names):
        _sheet(name)
    sys.stdout.write(f"{len(set(names))} pages; wider than {NARROWEST['width']} px: {len(wide)}\n")
    sys.stdout.writelines(f"  {one}\n" for one in wide)
    return 1 if wide else 0


def looked_at(live: Live, browser: Browser, folder: Path, language: str) -> Iterable[tuple[Sight, Page]]:
    """Yield every page of a language, open as its reader sees it: each reader has one window for all."""
    visit = Visit(live, browser, folder, language)
    windows: dict[str, Page] = {}
    for sight in visit.sights():
        page = windows.get(sight.who) or visit.page(sight.who)
        windows[sight.who] = page
        try:
            page.set_viewport_size(_OPENED)
            page.goto(visit.address(sight.path))
            if sight.deed is not None:
                sight.deed(page)
                page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready.then(() => null)")
            yield sight, page
        except Exception as error:
            error.add_note(f"at {sight.name} in {language}")
            raise
    visit.end()


def overflows(page: Page, sight: Sight) -> Sequence[str]:
    """Return what sticks out of the narrowest phone, with the elements that do."""
    page.set_viewport_size(NARROWEST)
    found: list[str] = page.evaluate(
        """() => {
          const { scrollWidth, clientWidth } = document.scrollingElement;
          if (scrollWidth <= clientWidth) return [];
          const out = [...document.querySelectorAll("body *")].filter(
            (one) => one.getBoundingClientRect().right > clientWidth + 1);
          const names = out.slice(0, 4).map((one) => `${one.tagName}.${one.className}`);
          return [`${scrollWidth} px: ${names.join(", ")}`];
        }"""
    )
    return [f"{sight.name}, {one}" for one in found]


def _take(page: Page, folder: Path, language: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for width, size in _SIZES.items():
        page.set_viewport_size(size)
        # Posters come when one scrolls to them.
        page.evaluate("document.querySelectorAll('img').forEach(one => { one.loading = 'eager' })")
        page.wait_for_load_state("networkidle")
        height = min(page.evaluate("document.scrollingElement.scrollHeight"), _LONGEST)
        clip = {"x": 0, "y": 0, "width": width, "height": max(height, size["height"])}
        for scheme in _SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            path = folder / f"{language}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]


def _sheet(name: str) -> None:
    """Put the twelve pictures of a page onto one: six phones above six wide screens."""
    rows = [
        *([(lang, 390, scheme) for scheme in _SCHEMES for lang in LANGUAGES],),
        *([(lang, 1440, scheme) for lang in LANGUAGES] for scheme in _SCHEMES),
    ]
    total = Image.new("RGB", (6 * (330 + _GAP), 1100 + 2 * 560 + 3 * 24), "#888")
    pen, top = ImageDraw.Draw(total), 0
    for row in rows:
        left = 0
        for language, width, scheme in row:
            path = FOLDER / name / f"{language}-{width}-{scheme}.png"
            across, most = _THUMBS[width]
            if path.exists():
                with Image.open(path) as seen:
                    whole = seen.convert("RGB").resize((across, round(seen.height * across / seen.width)))
                total.paste(whole.crop((0, 0, across, min(whole.height, most))), (left, top + 20))
            pen.text((left + 4, top + 4), f"{name} {language} {width} {scheme}", fill="#fff")
            left += across + _GAP + (_GAP if width == 1440 else 0)
        top += _THUMBS[row[0][1]][1] + 24
    folder = FOLDER / "sheets"
    folder.mkdir(parents=True, exist_ok=True)
    total.save(folder / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
