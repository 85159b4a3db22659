"""How smooth the seat map is on a phone whose processor is four times slower than this one, in Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.measure import Check, at_most
from tests.browser.festival import load_festival, load_great_hall, running
from tests.browser.frames import Frames, Slowed
from tests.browser.live import Live
from tests.chromium import launch
from tests.database import DatabaseFactory
from tests.support.great_hall import GREAT
from ticketing.foundation.migrations import upgrade

_PHONE = {"width": 360, "height": 780}
_HALLS = {"1,200": "s18", "3,000": GREAT}
_FRAME_MS, _TASK_MS = 34.0, 200.0
_OTHERS = 5
_SETTLED_MS = 1000


def measure_frames(folder: Path) -> Iterator[Check]:
    """Pan, zoom, choose, let others buy 40 seats and change the view, in both large halls."""
    databases = DatabaseFactory(upgrade)
    url = databases.fresh("sqlite")
    load_festival(url, folder)
    load_great_hall(url, folder)
    with running(url, folder) as live, sync_playwright() as driver:
        browser = launch(driver)
        for size, screening in _HALLS.items():
            page = browser.new_context(viewport=_PHONE, device_scale_factor=2, has_touch=True).new_page()
            page.goto(f"{live.base}/kk/screenings/{screening}")
            page.locator(".mapbox").evaluate("box => box.scrollIntoView({ block: 'start' })")
            slowed = Slowed(page)
            page.wait_for_timeout(_SETTLED_MS)
            for what, deed in _deeds(slowed, page, live, screening):
                yield from _checks(f"{size} seats, {what}", slowed.frames(deed))
            page.context.close()
        browser.close()
    databases.close()


def _deeds(
    slowed: Slowed, page: Page, live: Live, screening: str
) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "panning", slowed.pan
    yield "zooming out", lambda: slowed.pinch(0.6)
    yield "zooming in", lambda: slowed.pinch(1.6)
    place = page.locator("input[name=place]:enabled").nth(200).get_attribute("value") or ""
    page.locator(f'label.seat:has(input[value="{place}"])').scroll_into_view_if_needed()
    spot = slowed.spot(place)
    yield "choosing", lambda: page.touchscreen.tap(*spot)
    before = page.locator("input[name=place]:disabled").count()
    for _ in range(_OTHERS):
        live.buy(screening, 8)
    taken = page.locator("input[name=place]:disabled")
    yield "40 seats greyed out", lambda: taken.nth(before + 39).wait_for(state="attached")
    yield "whole hall", lambda: page.locator("label:has(#view-all)").tap()
    yield "list", lambda: page.locator("label:has(#view-list)").tap()


def _checks(what: str, frames: Frames) -> Iterator[Check]:
    crowded = f" (others: {frames.crowded:.1f}×)" if frames.crowded > 1 else ""
    yield at_most(f"{what}, median frame ms{crowded}", frames.median, _FRAME_MS)
    yield at_most(f"{what}, worst frame ms", frames.worst, None)
    yield at_most(f"{what}, longest task ms", frames.longest_task, _TASK_MS)
