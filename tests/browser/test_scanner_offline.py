"""The scanner's page without a network, and from one version to the next, in Chromium behind a proxy."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, Playwright, expect

from tests.browser.camera import Camera
from tests.browser.door import Door, code_of, qr_picture
from tests.browser.front import Front
from tests.browser.live import Json, Live
from tests.browser.phone import NO_NETWORK, OPENS_OFFLINE, Phone, becomes
from tests.browser.watch import Person

pytestmark = pytest.mark.browser
HERE = "s04"
APP, READER = "/scanner/dist/app.js", "/scanner/dist/zxing_reader.wasm"
# Looks for a new version and tells how its installation ended.
LOOK = """async () => {
  const registration = await navigator.serviceWorker.ready;
  await registration.update();
  const version = registration.installing ?? registration.waiting;
  while (version?.state === "installing") await new Promise((go) => (version.onstatechange = go));
  return version?.state ?? "none";
}"""
# All files of the list that the server has now are kept, which only its own worker can bring about, and no
# other is left.
KEEPS_THE_SERVERS = """async () => {
  const list = await fetch("sw.js").then((file) => file.text());
  const kept = await caches.open("kassa-scanner").then((cache) => cache.keys());
  const hashes = kept.map(({ url }) => decodeURIComponent(new URL(url).search.slice(1)));
  const { installing, waiting, active } = await navigator.serviceWorker.ready;
  const wanted = list.match(/sha256-[\\w+/]+=*/g);
  return wanted.every((one) => hashes.includes(one))
    && !installing && !waiting && active.state === "activated";
}"""
# A page that never stops asking, as one that opens over a slow network: its worker cannot rest.
RESTLESS = """for (let i = 0; i < 3; i++) (async () => {
  for (;;) await fetch("sw.js").catch(() => new Promise((go) => setTimeout(go, 50)));
})()"""
IS_NEW = "fetch('dist/app.js').then((file) => file.text()).then((text) => text.includes('another version'))"


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, camera: Camera) -> Iterator[Phone]:
    """A phone with a camera."""
    one = Phone(playwright, tmp_path / "profile", *camera.flags)
    yield one
    one.close()


@pytest.fixture
def order(live: Live) -> Json:
    """An order that phones paired later know."""
    return live.buy(HERE)


@pytest.fixture
def door(live: Live, front: Front, person: Callable[..., Person]) -> Door:
    """A paired phone without a camera that would open without a network, before a screening is chosen."""
    one = Door(person(), live, front.base)
    one.watch.expect(NO_NETWORK)
    one.open()
    one.pair()
    expect(one.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    becomes(one.page, OPENS_OFFLINE)
    return one


def offer(page: Page) -> Locator:
    """Return the strip that offers a new version."""
    return page.locator(".strip").filter(has_text="new version")


def opens_without_network(door: Door, front: Front) -> None:
    """Fail unless the page can be loaded anew now."""
    front.go()
    door.page.reload()
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    front.come()


@pytest.mark.slow
def test_a_phone_that_is_switched_on_without_network_admits(
    order: Json, live: Live, front: Front, phone: Phone, camera: Camera, person: Callable[..., Person]
) -> None:
    before = live.inside(HERE)
    door = Door(phone.start(), live, front.base)
    door.ready(HERE)
    becomes(door.page, OPENS_OFFLINE)
    front.go()
    camera.show(qr_picture(person().page, code_of(order)))
    door = Door(phone.start(), live, front.base)
    door.open()
    door.sees("ok", "ok", "Admit")
    camera.show_nothing()
    assert live.inside(HERE) == before
    door = Door(phone.start(), live, front.base)
    door.open()
    unsent = door.page.locator(".strip").filter(has_text="1 not sent")
    expect(unsent).to_be_visible()
    expect(door.count).to_be_visible()
    front.come()
    unsent.get_by_role("button").evaluate_all("all => all.forEach((it) => it.click())")
    expect(unsent).to_have_count(0)
    assert live.inside(HERE) == before + 1


def test_a_new_version_takes_over_between_screenings_when_the_usher_says_so(
    order: Json, door: Door, front: Front, live: Live
) -> None:
    before = live.inside(HERE)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    door.page.on("dialog", answer)
    door.choose(HERE)
    front.api_is_away = True
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    expect(door.card).to_have_count(0)
    front.asked.clear()
    front.release("dist/app.js")
    assert door.page.evaluate(LOOK) == "installed"
    assert APP in front.asked
    assert READER not in front.asked
    # The doors are open and somebody was scanned a moment ago.
    door.page.wait_for_timeout(1_500)
    expect(offer(door.page)).to_have_count(0)
    door.page.locator(".keys .btn").last.click()
    door.page.get_by_role("button", name="Change screening").click()
    expect(offer(door.page)).to_be_visible()
    assert not door.page.evaluate(IS_NEW)
    with door.page.expect_navigation():
        offer(door.page).get_by_role("button", name="Reload").click()
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_be_visible()
    assert door.page.evaluate(IS_NEW)
    expect(offer(door.page)).to_have_count(0)
    assert not asked
    door.choose(HERE)  # the tickets' snapshot is there without a server
    door.type(code_of(order))
    expect(door.card).to_contain_text("Already in")
    front.api_is_away = False
    door.next()
    waiting = door.page.get_by_role("button", name=re.compile("Sync now"))
    waiting.evaluate_all("all => all.forEach((it) => it.click())")
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0)
    assert live.inside(HERE) == before + 1


@pytest.mark.parametrize("broken", [500, b"<html>another answer"])
def test_a_version_that_does_not_come_whole_changes_nothing(
    door: Door, front: Front, broken: int | bytes
) -> None:
    door.watch.expect("integrity")
    front.release("dist/app.js", broken=broken)
    assert door.page.evaluate(LOOK) == "redundant"
    expect(offer(door.page)).to_have_count(0)
    opens_without_network(door, front)
    assert not door.page.evaluate(IS_NEW)
    front.mend("dist/app.js")
    front.release("dist/app.js")
    assert door.page.evaluate(LOOK) == "installed"
    expect(offer(door.page)).to_be_visible()


def test_files_that_the_browser_threw_away_come_again(door: Door, front: Front) -> None:
    door.page.evaluate("caches.delete('kassa-scanner')")
    door.page.reload()
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    opens_without_network(door, front)


@pytest.mark.parametrize("meanwhile", ["", RESTLESS], ids=["quiet", "restless"])
def test_files_that_are_gone_everywhere_give_way_to_the_servers(
    door: Door, front: Front, meanwhile: str
) -> None:
    door.watch.expect("integrity")
    door.page.add_init_script(meanwhile)
    door.page.evaluate("caches.delete('kassa-scanner')")
    front.release("dist/app.js")
    door.page.reload()
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    assert door.page.evaluate(IS_NEW)
    # The new version's worker may only be on its way, and fetches its larger files last.
    becomes(door.page, KEEPS_THE_SERVERS)
    opens_without_network(door, front)
    assert door.page.evaluate(IS_NEW)


def test_a_second_page_that_keeps_the_old_worker_does_not_keep_the_servers_version_away(
    door: Door, front: Front
) -> None:
    door.watch.expect("integrity")
    second = door.page.context.new_page()
    second.goto(door.page.url)
    expect(second.get_by_role("heading", name="Choose a screening")).to_be_visible()
    door.page.evaluate("caches.delete('kassa-scanner')")
    front.release("dist/app.js")
    door.page.reload()
    expect(offer(door.page)).to_be_visible()
    assert door.page.evaluate(IS_NEW)
    with door.page.expect_navigation():
        offer(door.page).get_by_role("button", name="Reload").click()
    becomes(door.page, KEEPS_THE_SERVERS)
    opens_without_network(door, front)
    assert door.page.evaluate(IS_NEW)


def test_a_worker_that_was_thrown_away_comes_again(door: Door, front: Front) -> None:
    door.page.evaluate("navigator.serviceWorker.ready.then((it) => it.unregister())")
    door.page.reload()
    becomes(door.page, OPENS_OFFLINE)
    opens_without_network(door, front)


def test_the_page_can_be_installed(live: Live, phone: Phone) -> None:
    page = phone.start().page
    page.goto(f"{live.base}/scanner/")
    becomes(page, OPENS_OFFLINE)
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
    assert not session.send("Page.getAppManifest")["errors"]
