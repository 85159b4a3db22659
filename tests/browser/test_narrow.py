"""No page is wider than the narrowest phone, in the language with the longest words."""

import pytest
from playwright.sync_api import Browser

from tests.browser.every_page import looked_at, overflows
from tests.browser.live import Live

pytestmark = pytest.mark.browser


def test_nothing_sticks_out(live: Live, browser: Browser) -> None:
    folder = live.runtime.settings.data_dir
    seen, wide = set[str](), list[str]()
    for sight, page in looked_at(live, browser, folder, "kk"):
        seen.add(sight.name)
        wide += overflows(page, sight)
    assert {"programme", "order", "desk-order", "letter-1"} <= seen
    assert not wide, "\n".join(wide)
