"""What an usher does on the scanner's page."""

import re
from contextlib import suppress
from itertools import pairwise
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.live import Json, Live
from tests.browser.watch import Person
from ticketing.tickets.qr import svg_path

# A green card clears by itself, on a busy machine before a test looks: so each card is written down.
# Another door of the same person finds it begun.
_DIARY = """
if (!window.cards) {
  window.cards = [];
  document.addEventListener("DOMContentLoaded", () => {
    let shown = null;
    new MutationObserver(() => {
      const card = document.querySelector(".verdict");
      if (card && card !== shown) {
        const tone = card.className.match(/verdict--(\\w+)/)[1];
        const { dataset: { reason }, ariaLabel: title, textContent: text } = card;
        window.cards.push({ reason, tone, title, text });
      }
      shown = card;
    }).observe(document.body, { childList: true, subtree: true });
  });
}
"""
_HAS_CARD = "seen => window.cards.length > seen"
_PULLS, _PULL_AGAIN_MS = 3, 10_000
_NOTE_KEYS = "addEventListener('keydown', (event) => window.keyTimes.push(event.timeStamp), true)"
# The scanner takes slower keys for a person's (wedge.js).
_CABLE_GAP_MS = 150


class Door:
    """The scanner on one phone, in English unless the phone speaks otherwise."""

    def __init__(self, usher: Person, live: Live, base: str | None = None) -> None:
        self.base = base or live.base
        self.page: Page = usher.page
        self.watch = usher.watch
        self.live = live
        self.card: Locator = usher.page.locator(".verdict")
        self.count: Locator = usher.page.locator(".door__occ")
        self._seen = 0
        usher.context.add_init_script(_DIARY)

    def open(self) -> None:
        """Open the page."""
        self.page.goto(f"{self.base}/scanner/")

    def pair(self, code: str | None = None) -> None:
        """Type a pairing code, a fresh one if none is given."""
        self.page.locator("#pair-code").fill(self.live.pairing_code() if code is None else code)
        self.page.locator("form.pair button").click()

    def choose(self, screening: str, *, training: bool = True) -> None:
        """Choose a screening from the list, with the training clock at the moment its doors open."""
        self.pick(screening, training=training)
        expect(self.count).to_be_visible()

    def pick(self, screening: str, *, training: bool = True) -> None:
        """Tap a screening in the list."""
        wanted = self.live.screening(screening)
        start = re.search(r"T(\d\d:\d\d)", wanted["starts_at"])
        assert start is not None
        language = self.page.evaluate("document.documentElement.lang")
        pick = self.page.locator(".pick", has_text=wanted["title"][language]).filter(has_text=start[1])
        expect(pick.first).to_be_visible()
        if training:
            self.page.locator(".check input").check()
        pick.first.click()

    def ready(self, screening: str, *, training: bool = True) -> None:
        """Do everything that comes before the first ticket."""
        self.open()
        self.pair()
        self.choose(screening, training=training)

    def type(self, code: str) -> None:
        """Enter a code by hand."""
        self.page.locator(".keys .btn").nth(1).click()
        self.page.locator("#type-code").fill(code)
        self.page.locator("#type-code").press("Enter")

    def scan_by_cable(self, code: str) -> None:
        """Let a scanner on a cable type a code, wherever the focus is.

        A crowded machine may type slower than any cable: then, and only then, the trigger is pulled again.
        """
        self.page.evaluate(_NOTE_KEYS)
        for _ in range(_PULLS):
            self.page.evaluate("window.keyTimes = []")
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")
            with suppress(Error):
                self.page.wait_for_function(_HAS_CARD, arg=self._seen, timeout=_PULL_AGAIN_MS)
                return
            times = self.page.evaluate("window.keyTimes")
            gap = max(later - earlier for earlier, later in pairwise(times))
            assert gap > _CABLE_GAP_MS, f"no card, though no key came later than {gap:.0f} ms after another"

    def sees(self, reason: str, tone: str, title: str) -> str:
        """Fail unless the next card says this; return its whole text.

        When a busy machine answers too late, do what the card says: try again.
        """
        card = self._next_card()
        while card["reason"] == "no_answer" != reason:
            self.card.locator(".btn").first.click()
            card = self._next_card()
        assert (card["reason"], card["tone"], card["title"]) == (reason, tone, title), card
        return str(card["text"])

    def any_card(self) -> dict[str, Any]:
        """Return the next card, whatever it says."""
        return self._next_card()

    def next(self) -> None:
        """Dismiss a card that waits for it."""
        self.card.locator(".verdict__act .btn", has_text=re.compile("^(Next|Келесі|Следующий)")).click()
        expect(self.card).to_have_count(0)

    def admitted(self, number: int, capacity: int) -> None:
        """Fail unless the corner says how many are in."""
        expect(self.count).to_have_text(f"{number} / {capacity}")

    def _next_card(self) -> dict[str, Any]:
        try:
            self.page.wait_for_function(_HAS_CARD, arg=self._seen)
        except Error as late:
            message = f"no card; the page says {self.page.locator('body').inner_text()!r}"
            raise AssertionError(message) from late
        card: dict[str, Any] = self.page.evaluate("seen => window.cards[seen]", self._seen)
        self._seen += 1
        return card


def code_of(order: Json, ticket: int = 0) -> str:
    """Return a ticket's code."""
    return str(order["tickets"][ticket]["code"])


def qr_picture(page: Page, code: str) -> bytes:
    """Return a picture of a ticket's QR code as a phone draws it."""
    size, path = svg_path(code)
    page.set_content(
        f'<svg width="500" height="500" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}"/></svg>'
    )
    return page.locator("svg").screenshot()
