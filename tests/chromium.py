"""Finds a Chromium and starts it so that it talks to nobody but this machine."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def chromium_path(playwright: Playwright) -> str | None:
    """Return the machine's Chromium, else Playwright's own; None when there is neither."""
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium with more `flags`. Raises RuntimeError when there is none: tests never skip."""
    path = chromium_path(playwright)
    if path is None:
        raise RuntimeError("no Chromium here: install one, or run .venv/bin/playwright install chromium")
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
