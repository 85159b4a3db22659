"""Eyes on every page of a browser profile: what it complains of, and whom it talks to."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

_LOOPBACK = {"127.0.0.1", "localhost"}
_COMPLAINTS = {"error", "warning", "assert"}


class Watch:
    """Collects script errors, broken policies, failed loads and requests to any other machine."""

    def __init__(self, context: BrowserContext) -> None:
        self._faults: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def expect(self, pattern: str) -> None:
        """Let complaints pass that a test brings about itself, such as a refused request."""
        self._expected.append(re.compile(pattern))

    def faults(self) -> list[str]:
        """Return what was seen and not expected."""
        return [fault for fault in self._faults if not any(known.search(fault) for known in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in _COMPLAINTS:
            self._faults.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self._faults.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in _LOOPBACK:
            self._faults.append(f"a request to {request.url}")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a browser profile of her own, one page open in it, and eyes on it."""

    context: BrowserContext
    page: Page
    watch: Watch


def settled(page: Page) -> None:
    """Wait until a page's scripts listen and its letters have their size: what is seen may come before."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready.then(() => true)")
