"""A phone with a browser that remembers: closed and started again, it has what it had."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Page, Playwright

from tests.browser.watch import Person, Watch
from tests.chromium import FLAGS, chromium_path

NO_NETWORK = "Failed to load resource|ERR_CONNECTION_REFUSED"
OPENS_OFFLINE = "() => navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"
SCREEN = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
WAIT_MS = 15_000
_LOOK_EVERY_MS = 50


def becomes(page: Page, question: str, arg: object = None) -> None:
    """Wait until a page's own answer is yes, at most WAIT_MS.

    For a question that is answered by a promise: Playwright's `wait_for_function` asks such a one once, and
    takes a no as well.
    """
    deadline = time.monotonic() + WAIT_MS / 1000
    while not _answer(page, question, arg):
        if time.monotonic() > deadline:
            message = f"never so: {question}"
            raise AssertionError(message)
        page.wait_for_timeout(_LOOK_EVERY_MS)


def _answer(page: Page, question: str, arg: object) -> bool:
    try:
        return bool(page.evaluate(question, arg))
    except Error as gone:
        if "context was destroyed" in str(gone):
            return False  # the page is on its way to another one, which is asked next
        raise


class Phone:
    """A phone whose browser keeps its profile when it is closed."""

    def __init__(self, playwright: Playwright, profile: Path, *flags: str) -> None:
        self._playwright, self._profile, self._flags = playwright, profile, flags
        self._person: Person | None = None

    def start(self) -> Person:
        """Start the browser, ending the one before."""
        self.close()
        context = self._playwright.chromium.launch_persistent_context(
            self._profile,
            executable_path=chromium_path(self._playwright),
            args=[*FLAGS, *self._flags],
            permissions=["camera"],
            locale="en-GB",
            **SCREEN,
        )
        context.set_default_timeout(WAIT_MS)
        watch = Watch(context)
        watch.expect(NO_NETWORK)
        self._person = Person(context=context, watch=watch, page=context.pages[0])
        return self._person

    def kill(self) -> None:
        """End the browser without a chance to finish anything, as an empty battery does."""
        ours = f"--user-data-dir={self._profile}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                if ours in (process / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
        if self._person:
            with suppress(Error):
                self._person.context.close()
        self._person = None

    def close(self) -> None:
        """End the browser; it may have complained of nothing but the network."""
        if self._person:
            self._person.context.close()
            faults = self._person.watch.faults()
            assert not faults, faults
        self._person = None
