"""How long a phone without a network thinks about a ticket, from the code that was read to the card."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import sync_playwright

from bench.measure import Check, at_most
from tests.browser.door import Door, code_of
from tests.browser.festival import load_festival, running
from tests.browser.frames import SLOWER
from tests.browser.phone import SCREEN
from tests.browser.watch import Person, Watch
from tests.chromium import launch
from tests.database import DatabaseFactory
from ticketing.foundation.migrations import upgrade

_HERE = "s04"
_P95_MS = 50.0
_PERCENT = 20
# Of fewer the 95th percentile would be the time of the first, whose code is compiled on the way, or the next.
_QUICK_TICKETS, _TICKETS, _AT_ONCE = 8, 80, 8
# A scanner that types: the clock runs from its Enter, which ends a code, to the card in the page.
_TYPED = """async (code) => {
  const card = new Promise((resolve) => {
    new MutationObserver((_changes, observer) => {
      if (!document.querySelector(".verdict")) return;
      observer.disconnect();
      resolve(performance.now());
    }).observe(document.body, { childList: true, subtree: true });
  });
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  for (const letter of code) press(letter);
  const begin = performance.now();
  press("Enter");
  const taken = (await card) - begin;
  return { taken, reason: document.querySelector(".verdict").dataset.reason };
}"""


class VerdictsFailedError(Exception):
    """A phone did not admit a ticket that it knew."""


def measure_verdicts(folder: Path, *, quick: bool) -> Iterator[Check]:
    """Let in one ticket after the other on a slowed phone that has synced and lost the network."""
    databases = DatabaseFactory(upgrade)
    url = databases.fresh("sqlite")
    load_festival(url, folder)
    with running(url, folder) as live, sync_playwright() as driver:
        wanted = _QUICK_TICKETS if quick else _TICKETS
        orders = [live.buy(_HERE, _AT_ONCE) for _ in range(wanted // _AT_ONCE)]
        codes = [code_of(order, number) for order in orders for number in range(_AT_ONCE)]
        browser = launch(driver)
        context = browser.new_context(**SCREEN, locale="en-GB")
        door = Door(Person(context=context, watch=Watch(context), page=context.new_page()), live)
        door.ready(_HERE)
        context.new_cdp_session(door.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        context.set_offline(True)
        door.page.locator(".strip", has_text="No network").wait_for()
        times = [_time(door, code) for code in codes]
        browser.close()
    databases.close()
    what = f"{len(times)} tickets without a network, processor {SLOWER}× slower, code to card"
    yield at_most(f"{what}, median ms", median(times), None)
    yield at_most(f"{what}, p95 ms", quantiles(times, n=_PERCENT)[-1], _P95_MS)


def _time(door: Door, code: str) -> float:
    told = door.page.evaluate(_TYPED, code)
    if told["reason"] != "ok":
        raise VerdictsFailedError(told["reason"])
    door.card.wait_for(state="detached")
    return float(told["taken"])
