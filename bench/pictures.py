"""How many hard pictures of tickets the scanner reads, and whether it ever reads what is not there."""

from collections import Counter
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import sync_playwright

from bench.hard_pictures import hard_pictures, pictures_without
from bench.measure import Check, at_least, at_most
from tests.browser.decoding import decoder
from tests.chromium import launch

_READ_PERCENT = 85.0
_QUICK_EACH, _EACH = 5, 30
_QUICK_WITHOUT, _WITHOUT = 2, 12


def measure_pictures(*, quick: bool) -> Iterator[Check]:
    """Let the scanner's decoder, in Chromium, look at each picture once; at a door it looks again."""
    shown: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong, times = 0, []
    with sync_playwright() as driver:
        browser = launch(driver)
        with decoder(browser) as reader:
            for picture in hard_pictures(_QUICK_EACH if quick else _EACH):
                text, milliseconds = reader.timed(picture.jpeg)
                times.append(milliseconds)
                shown[picture.kind] += 1
                right[picture.kind] += text == picture.text
                wrong += text not in {None, picture.text}
            others = list(pictures_without(_QUICK_WITHOUT if quick else _WITHOUT))
            wrong += sum(reader.read(picture.jpeg) not in {None, picture.text} for picture in others)
        browser.close()
    for kind, number in shown.items():
        yield at_least(f"{kind}, {number} pictures, read %", 100 * right[kind] / number, None)
    total = shown.total()
    yield at_least(f"all {total} hard pictures, read %", 100 * right.total() / total, _READ_PERCENT)
    yield at_most(f"false reads, {len(others)} pictures without a ticket included", wrong, 0)
    yield at_most("one look, median ms", median(times), None)
