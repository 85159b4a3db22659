"""A real server with the demo festival, and browsers whose every complaint fails the test."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect
from sqlalchemy import make_url

from tests.browser.camera import Camera
from tests.browser.festival import load_festival, running
from tests.browser.front import Front, in_front_of
from tests.browser.live import Live
from tests.browser.phone import SCREEN, WAIT_MS
from tests.browser.watch import Person, Watch
from tests.chromium import launch
from tests.database import DatabaseFactory
from tests.support.signing import sign_codes
from ticketing.catalogue.programme.values import TicketCodeKind

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def demo_festival(databases: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite database with the demo festival and its accounts. To be copied only."""
    url = databases.fresh("sqlite")
    load_festival(url, tmp_path_factory.mktemp("demo"))
    return url


@pytest.fixture(scope="module")
def live(
    databases: DatabaseFactory, demo_festival: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """Kassa on a port of its own, with its worker; nothing is sold when a module begins."""
    url = databases.blank("sqlite", demo_festival)
    shutil.copyfile(make_url(demo_festival).database or "", make_url(url).database or "")
    folder = tmp_path_factory.mktemp("live")
    with running(url, folder) as here:
        yield here
    log = (folder / "server.log").read_text()
    assert "unhandled" not in log, log
    databases.drop(url)


@pytest.fixture
def front(live: Live) -> Iterator[Front]:
    """A proxy that the phones of a test talk to."""
    with in_front_of(live.server.port) as here:
        yield here


@pytest.fixture
def signing(live: Live) -> Iterator[Live]:
    """A festival that signs its codes; the tests after this one get it back as it was."""
    sign_codes(live.runtime, live.runtime.clock)
    yield live
    sign_codes(live.runtime, live.runtime.clock, TicketCodeKind.OPAQUE)


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """A function that brings somebody with a phone that speaks English, or whatever the options say.

    Give `of` for another browser. When the test ends nobody's pages may have complained of anything.
    """
    there: list[Person] = []

    def come(of: Browser = browser, **options: Any) -> Person:
        context = of.new_context(**{**SCREEN, "locale": "en-GB", **options})
        context.set_default_timeout(WAIT_MS)
        there.append(Person(context=context, watch=Watch(context), page=context.new_page()))
        return there[-1]

    yield come
    for one in there:
        one.context.close()
    assert not [fault for one in there for fault in one.watch.faults()]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """What the fake camera of `camera_browser` sees."""
    return Camera(tmp_path_factory.mktemp("camera") / "held-up.mjpeg")


@pytest.fixture(scope="module")
def camera_browser(playwright: Playwright, camera: Camera) -> Iterator[Browser]:
    """A Chromium whose camera plays a film."""
    started = launch(playwright, *camera.flags)
    yield started
    started.close()
