"""What every test may ask for: databases, a browser, a folder for pictures."""

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.chromium import launch
from tests.database import BACKENDS, DatabaseFactory
from ticketing.foundation.db import Database
from ticketing.foundation.migrations import upgrade

_PAGES = Path(__file__).parent / "web"
_OUTPUT = Path(__file__).parent / "output"
# New objects before the youngest are looked through, and how seldom the older: tests make many and keep few.
_COLLECTIONS = (50_000, 20, 50)
_OWN_VARIABLES = ("TICKETING_", "STRIPE_", "HOST", "PORT", "WEB_CONCURRENCY")

hypothesis.settings.register_profile("default", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=[*BACKENDS, "both"], default="both", help="databases to test on")
    parser.addoption("--every-case", action="store_true", help="run each case of the pages on each database")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*_COLLECTIONS)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
    for name in [name for name in os.environ if name.startswith(_OWN_VARIABLES)]:
        del os.environ[name]  # a developer's own database must never be the one that is tested


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Share the cases of a page's test out among the databases, in turns: every test still meets each.

    A test without cases, and whatever is not in tests/web, runs on each database.
    """
    if config.getoption("--every-case"):
        return
    cases: dict[str, list[str]] = defaultdict(list)
    left_out = []
    for item in items:
        case, backend = _case_of(item)
        if case is None:
            continue
        test = item.nodeid.partition("[")[0]
        if case not in cases[test]:
            cases[test].append(case)
        if BACKENDS.index(backend) != cases[test].index(case) % len(BACKENDS):
            left_out.append(item)
    whole = {test for test, its_cases in cases.items() if len(its_cases) < len(BACKENDS)}
    left_out = [item for item in left_out if item.nodeid.partition("[")[0] not in whole]
    if left_out and config.getoption("--db") == "both":
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def _case_of(item: pytest.Item) -> tuple[str | None, str]:
    """Return what tells a test's case from its others, None if there are none, and the database it is for."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or "backend" not in callspec.params or item.get_closest_marker("each_database"):
        return None, ""
    if _PAGES not in item.path.parents or len(callspec.params) == 1:
        return None, ""
    backend = str(callspec.params["backend"])
    return "-".join(part for part in callspec._idlist if part != backend), backend


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass over what lives as long as the run: it took half of the tests' time."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--db")
    marks = {"postgres": [pytest.mark.postgres]}
    backends = [name for name in BACKENDS if chosen in (name, "both")]
    params = [pytest.param(name, id=name, marks=marks.get(name, [])) for name in backends]
    metafunc.parametrize("backend", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: asking for it, or for anything below, runs the test on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseFactory]:
    """The maker of databases, for fixtures with a wider scope than one test."""
    factory = DatabaseFactory(upgrade)
    try:
        yield factory
    finally:
        factory.close()


@pytest.fixture
def make_database_url(backend: str, databases: DatabaseFactory) -> Iterator[Callable[[], str]]:
    """A function that returns the URL of one more fresh, migrated database."""
    made: list[str] = []

    def make() -> str:
        made.append(databases.fresh(backend))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def database_url(make_database_url: Callable[[], str]) -> str:
    """The URL of a fresh, migrated, empty database."""
    return make_database_url()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated, empty database, open."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def launch_browser(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """A function that starts one more Chromium with flags of its own, such as a fake camera's."""
    started: list[Browser] = []

    def start(*flags: str) -> Browser:
        started.append(launch(playwright, *flags))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the session. Ask for `context` or `page` to have clean cookies."""
    started = launch(playwright)
    yield started
    started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A clean profile the size of a phone."""
    fresh = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page on a phone's screen."""
    return context.new_page()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder where browser tests leave what they saw; not kept in the repository."""
    _OUTPUT.mkdir(exist_ok=True)
    return _OUTPUT
