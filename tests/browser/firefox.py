"""Finds a Firefox and drives it by the same words as Chromium; a phone with one, and its camera."""

import json
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Playwright

from tests.browser import old_firefox
from tests.browser.phone import SCREEN, WAIT_MS
from tests.browser.watch import Person, Watch
from ticketing.tickets.qr import svg_path

_NAMES = ("firefox-esr", "firefox")
# A camera that says yes; scroll bars that lie over the page, as on phones; a page by day.
_WISHES: dict[str, str | float | bool] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "ui.useOverlayScrollbars": 1,
    "layout.css.prefers-color-scheme.content-override": 1,
}
_DARK: dict[str, str | float | bool] = {"layout.css.prefers-color-scheme.content-override": 0}
_SIZE = (1280, 720)
# Firefox takes no film as its camera: the page asks for one and gets it, then a drawing in its place.
_CAMERA = """
window.heldUp = %s;
const camera = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (camera) navigator.mediaDevices.getUserMedia = async (wanted) => {
  const own = await camera(wanted);
  for (const track of own.getTracks()) track.stop();
  const table = document.createElement("canvas");
  [table.width, table.height] = %s;
  const pen = table.getContext("2d");
  setInterval(() => {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = "#605c58";
    pen.fillRect(0, 0, table.width, table.height);
    if (!window.heldUp) return;
    const { size, path, side } = window.heldUp;
    const module = side / size;
    pen.setTransform(module, 0, 0, module, (table.width - side) / 2, (table.height - side) / 2);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, size, size);
    pen.fillStyle = "#000";
    pen.fill(new Path2D(path));
  }, 50);
  return table.captureStream();
};
"""


def firefox_path() -> str | None:
    """Return the machine's Firefox, None when it has none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def hold_up(page: Page, code: str | None) -> None:
    """Show a ticket's code to the camera of a phone, or an empty table."""
    page.evaluate(f"window.heldUp = {_held(code)}")


class Firefox:
    """The machine's Firefox. Each start is a new one; a profile given by its folder outlives it."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._firefox = playwright.firefox
        starter = folder / "firefox"
        starter.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{old_firefox.__file__}" "{firefox_path()}" "$@"\n'
        )
        starter.chmod(0o755)
        self._how: dict[str, Any] = {"channel": "moz-firefox", "executable_path": starter}

    def start(self, *, dark: bool = False) -> Browser:
        """Start one that forgets everything."""
        return self._firefox.launch(firefox_user_prefs={**_WISHES, **(_DARK if dark else {})}, **self._how)

    def phone(self, profile: Path, holds: str | None = None) -> Person:
        """Start one that remembers, with a ticket held up to its camera or none."""
        context = self._firefox.launch_persistent_context(
            profile, firefox_user_prefs=_WISHES, locale="en-GB", **SCREEN, **self._how
        )
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(_CAMERA % (_held(holds), list(_SIZE)))
        return Person(context=context, watch=Watch(context), page=context.pages[0])


def kill(person: Person, profile: Path) -> None:
    """End a phone's Firefox without a chance to finish anything, as an empty battery does."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if str(profile).encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
    with suppress(Error):
        person.context.close()


def _held(code: str | None, side: int = 480) -> str:
    if code is None:
        return "null"
    size, path = svg_path(code)
    return json.dumps({"size": size, "path": path, "side": side})
