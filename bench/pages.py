"""Every page as validators see it: `python -m bench.pages`.

The whole shop in three languages, the staff's pages and the scanner go through the Nu HTML checker, four
pages through Lighthouse as on a slow phone. It needs npm and Java, and installs the validators. The exit code
is 1 when a page is not valid or a score is below its target.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import APIRequestContext, Playwright, sync_playwright

from tests.browser.festival import load_festival, running
from tests.browser.live import Json, Live
from tests.chromium import FLAGS, chromium_path
from tests.database import DatabaseFactory
from ticketing.demo_run import DEMO_ACCOUNTS
from ticketing.foundation.i18n import LANGUAGES
from ticketing.foundation.migrations import upgrade

_TOOLS = Path(__file__).parent / "validators"
_TARGETS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
# The order is its buyer's alone, so search engines are kept out of it, which costs points.
_NOT_ASKED_OF_ORDERS = ("is-crawlable",)
_LINK = re.compile(r'<a\b[^>]*\shref="([^"]*)"')
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')
# So many pages of one kind, as a kind is told by its address without codes and numbers.
_MOST_OF_A_KIND = 12
_CODE = re.compile(r"/(?=[^/]*[0-9-])[^/]+|(?<=/films)/[^/]+")


def main() -> int:
    """Check everything; print what was found."""
    subprocess.run(["npm", "ci", "--silent"], cwd=_TOOLS, check=True)  # noqa: S607
    databases = DatabaseFactory(upgrade)
    try:
        with tempfile.TemporaryDirectory(prefix="kassa-pages-") as name, sync_playwright() as driver:
            folder = Path(name)
            url = databases.fresh("sqlite")
            load_festival(url, folder)
            with running(url, folder) as live:
                order = live.buy("s06", 2)
                faults = _invalid(live, order, driver, folder)
                missed = _below_target(live, order, driver, folder)
    finally:
        databases.close()
    return 1 if faults or missed else 0


def _invalid(live: Live, order: Json, driver: Playwright, folder: Path) -> int:
    """Keep every page as a file, and return how many faults the checker finds in them."""
    pages = folder / "pages"
    pages.mkdir()
    kinds: Counter[str] = Counter()
    with _visitor(driver, live) as shopper, _visitor(driver, live) as staff:
        _hold(shopper, live)
        starts = [f"/{language}/orders/{order['order']}?key={order['key']}" for language in LANGUAGES]
        starts += [
            f"/{language}/{path}" for language in LANGUAGES for path in ("", "basket", "checkout", "nowhere")
        ]
        _sign_in(staff, live)
        found = [
            *_crawl(shopper, live.base, starts),
            *_crawl(staff, live.base, ["/boxoffice/", "/staff/style", "/scanner/"]),
        ]
    for path, html in found:
        kinds[_kind(path)] += 1
        (pages / f"{re.sub(r'[^a-z0-9A-Z-]+', '_', path)}.html").write_text(html)
    command = ["java", "-jar", str(_TOOLS / "node_modules/vnu-jar/build/dist/vnu.jar"), "--format", "json"]
    ran = subprocess.run(
        [*command, "--skip-non-html", str(pages)], capture_output=True, text=True, check=False
    )
    messages = json.loads(ran.stderr)["messages"]
    for one in messages:
        print(f"  {Path(one.get('url', '')).stem}:{one.get('lastLine', '')} {one['message']}")
    print(f"HTML: {len(found)} pages of {len(kinds)} kinds, {len(messages)} faults", flush=True)
    return len(messages)


def _crawl(visitor: APIRequestContext, base: str, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pages that links lead to from here, each kind of them some times."""
    seen, kinds, waiting = set[str](), Counter[str](), deque(starts)
    while waiting:
        path = waiting.popleft()
        answer = visitor.get(base + path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        html = answer.text()
        yield urlsplit(answer.url).path, html
        for link in _LINK.findall(html):
            to = urlsplit(urldefrag(urljoin(answer.url, link.replace("&amp;", "&"))).url)
            if f"{to.scheme}://{to.netloc}" != base or to.path in seen or to.path.endswith("/sign-out"):
                continue
            seen.add(to.path)
            kinds[_kind(to.path)] += 1
            if kinds[_kind(to.path)] <= _MOST_OF_A_KIND:
                waiting.append(to.path)


def _kind(path: str) -> str:
    return _CODE.sub("/…", path)


@contextmanager
def _visitor(driver: Playwright, live: Live) -> Iterator[APIRequestContext]:
    visitor = driver.request.new_context(base_url=live.base)
    try:
        yield visitor
    finally:
        visitor.dispose()


def _hold(shopper: APIRequestContext, live: Live) -> None:
    """Put two seats into the basket, so that it and the checkout have something to show."""
    page = f"{live.base}/en/screenings/s04"
    token = _TOKEN.search(shopper.get(page).text())
    assert token is not None
    shopper.post(page, form={"csrf_token": token[1], "quantity": "2"})


def _sign_in(staff: APIRequestContext, live: Live) -> None:
    manager = DEMO_ACCOUNTS[0]
    page = staff.get(f"{live.base}/boxoffice/")
    token = _TOKEN.search(page.text())
    assert token is not None
    form = {"csrf_token": token[1], "login": manager.login, "password": manager.password}
    assert "sign-in" not in staff.post(page.url, form=form).url


def _below_target(live: Live, order: Json, driver: Playwright, folder: Path) -> int:
    """Print Lighthouse's scores of four pages, and return how many are below their target."""
    headers = folder / "headers.json"
    with _visitor(driver, live) as buyer:
        buyer.get(f"{live.base}/kk/orders/{order['order']}?key={order['key']}")
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in buyer.storage_state()["cookies"])
    headers.write_text(json.dumps({"Cookie": cookies}))
    missed = 0
    for path in ("kk/", "ru/films/ninth-well", "en/screenings/s06", f"kk/orders/{order['order']}"):
        own = path.startswith("kk/orders/")
        scores = _lighthouse(f"{live.base}/{path}", driver, headers, _NOT_ASKED_OF_ORDERS if own else ())
        below = {name for name, target in _TARGETS.items() if scores[name] < target}
        said = ", ".join(
            f"{name} {scores[name]:.0f}{' NOT MET' if name in below else ''}" for name in _TARGETS
        )
        print(f"Lighthouse: {'order' if own else path:<22} {said}", flush=True)
        missed += len(below)
    return missed


def _lighthouse(url: str, driver: Playwright, headers: Path, skipped: tuple[str, ...]) -> dict[str, float]:
    flags = " ".join(flag for flag in FLAGS if "=" not in flag)
    command = [
        str(_TOOLS / "node_modules/.bin/lighthouse"),
        url,
        "--quiet",
        "--output=json",
        "--output-path=stdout",
    ]
    command += [
        f"--chrome-flags={flags}",
        f"--extra-headers={headers}",
        f"--only-categories={','.join(_TARGETS)}",
    ]
    command += [f"--skip-audits={','.join(skipped)}"] if skipped else []
    environment = {**os.environ, "CHROME_PATH": chromium_path(driver) or ""}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return {name: 100 * one["score"] for name, one in json.loads(ran.stdout)["categories"].items()}


if __name__ == "__main__":
    sys.exit(main())
