"""What goes wrong at a door: cameras, disks, clocks, batteries and servers that give up, in Chromium."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.door import Door, code_of
from tests.browser.front import Front
from tests.browser.live import Live
from tests.browser.phone import NO_NETWORK, Phone
from tests.browser.watch import Person
from tests.support.calls import OverHttp

pytestmark = pytest.mark.browser
HERE = "s04"
WRITTEN_MS = 6_000
API_CALLS = "**/api/v1/door/**"
TEN_MINUTES_FAST = "{ const right = Date.now; Date.now = () => right() + 600_000; }"
# Chromium asks after a quota only every half minute; this refuses at once.
FULL = """() => {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}"""
# What a large festival's tickets take: Chromium keeps texts of this size as files of their own.
MANY_TICKETS = 4_000_000
QUOTA_SECONDS = 60
# How long after the last key each word stood in the camera's picture.
NOTE_WORDS = """() => {
  const said = document.querySelector(".cam__said");
  window.words = [];
  let begin = 0;
  addEventListener("keydown", ({ key }) => key === "Enter" && (begin = performance.now()), true);
  new MutationObserver(() => words.push([said.textContent, performance.now() - begin]))
    .observe(said, { childList: true });
}"""
SLOW_MS = 150
PUT = """([name, size]) => new Promise((done) => {
  const opening = indexedDB.open("kassa-door");
  opening.onsuccess = () => {
    const putting = opening.result.transaction(["kept"], "readwrite");
    putting.objectStore("kept").put("a".repeat(size), name);
    putting.oncomplete = () => { opening.result.close(); done(true); };
    putting.onabort = () => { opening.result.close(); done(false); };
  };
})"""
TAKEN_AWAY = """() => {
  const [track] = document.querySelector("video").srcObject.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event("ended"));
}"""
SEES = """() => {
  const video = document.querySelector("video");
  return video.srcObject?.active && video.videoWidth > 0;
}"""


@pytest.fixture
def door(live: Live, person: Callable[..., Person]) -> Door:
    """A scanner that is not paired yet, on a phone without a camera."""
    return Door(person(), live)


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path) -> Iterator[Phone]:
    """A phone that remembers."""
    one = Phone(playwright, tmp_path / "profile")
    yield one
    one.close()


def test_a_camera_that_is_taken_away_is_said_and_comes_back(
    live: Live, person: Callable[..., Person], camera_browser: Browser
) -> None:
    door = Door(person(camera_browser, permissions=["camera"]), live)
    door.ready(HERE)
    door.page.wait_for_function(SEES)
    door.page.evaluate(TAKEN_AWAY)
    lost = door.page.locator(".strip", has_text="The camera is not available")
    lost.get_by_role("button", name="Turn on").click()
    expect(lost).to_have_count(0)
    door.page.wait_for_function(SEES)


def test_a_check_says_so_only_when_it_takes_long(
    live: Live, front: Front, person: Callable[..., Person]
) -> None:
    codes = [code_of(live.buy(HERE)) for _ in range(4)]
    door = Door(person(), live, front.base)
    door.ready(HERE)
    door.page.evaluate(NOTE_WORDS)
    for code in codes[1:]:
        door.type(code)
        door.sees("ok", "ok", "Admit")
        expect(door.card).to_have_count(0)
    front.answers_scans_after = 1.0
    door.type(codes[0])
    door.sees("ok", "ok", "Admit")
    waits = [after for word, after in door.page.evaluate("window.words") if word == "Checking"]
    assert waits
    assert min(waits) >= SLOW_MS


def test_a_full_disk_is_said_and_what_was_scanned_still_arrives(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door.watch.expect(NO_NETWORK)
    door.watch.expect("net::ERR_")
    door.ready(HERE)
    door.page.route(API_CALLS, lambda route: route.abort())
    door.page.evaluate(FULL)
    door.type(code_of(order))
    assert "keep this page open" in door.sees("unsaved", "att", "Not saved")
    unsaved = door.page.locator(".strip", has_text=re.compile(r"Not saved: \d"))
    expect(unsaved).to_be_visible()
    door.next()
    door.type(code_of(order))
    door.sees("already_in", "no", "Already in")
    door.page.unroute(API_CALLS)
    unsent = door.page.locator(".strip", has_text="not sent")
    unsent.get_by_role("button").evaluate_all("all => all.forEach((it) => it.click())")
    expect(unsent).to_have_count(0)
    expect(unsaved).to_have_count(0)
    assert live.inside(HERE) == before + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "shown"), [(True, ("ok", "ok", "Admit")), (False, ("unsaved", "att", "Not saved"))]
)
def test_a_quota_that_is_used_up_costs_tickets_of_other_screenings_not_the_scan(
    live: Live, phone: Phone, *, room: bool, shown: tuple[str, str, str]
) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    usher = phone.start()
    door = Door(usher, live)
    door.ready(HERE)
    door.page.route(API_CALLS, lambda route: route.abort())
    door.page.wait_for_timeout(WRITTEN_MS)
    assert door.page.evaluate(PUT, ["tickets", MANY_TICKETS])
    used = door.page.evaluate("navigator.storage.estimate().then(({ usage }) => usage)")
    devtools = usher.context.new_cdp_session(door.page)
    quota = {"origin": live.base, "quotaSize": used - MANY_TICKETS // 100 if room else 1}
    devtools.send("Storage.overrideQuotaForOrigin", quota)
    until = monotonic() + QUOTA_SECONDS
    while door.page.evaluate(PUT, [f"probe{monotonic()}", 500]):
        assert monotonic() < until
        door.page.wait_for_timeout(1_000)
    door.type(code_of(order))
    door.sees(*shown)
    phone.kill()
    # With room, the phone goes on where it was; without, it had said that only the open page knew.
    door = Door(phone.start(), live)
    with door.page.expect_response("**/api/v1/door/sync*"):
        door.open()
    expect(door.count).to_be_visible()
    expect(door.page.locator(".strip", has_text="not sent")).to_have_count(0)
    assert live.inside(HERE) == before + int(room)


@pytest.mark.slow
def test_a_browser_that_dies_right_after_green_has_the_scan_on_disk(live: Live, phone: Phone) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door = Door(phone.start(), live)
    door.ready(HERE)
    door.page.route(API_CALLS, lambda route: route.abort())
    # Chromium writes what makes the pairing (localStorage) to the disk within some seconds, the log at once.
    door.page.wait_for_timeout(WRITTEN_MS)
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    phone.kill()
    assert live.inside(HERE) == before
    door = Door(phone.start(), live)
    with door.page.expect_response("**/api/v1/door/scans") as answered:
        door.open()
    assert answered.value.ok
    assert live.inside(HERE) == before + 1


@pytest.mark.slow
def test_a_server_that_dies_in_a_queue_is_missed_by_nobody(door: Door, live: Live) -> None:
    codes = [code_of(live.buy(HERE)) for _ in range(3)]
    before, incidents = live.inside(HERE), live.value("SELECT count(*) FROM incident")
    door.watch.expect(NO_NETWORK)
    door.watch.expect("net::ERR_|50[0-9]")
    door.ready(HERE)
    for number, code in enumerate(codes):
        if number == 1:
            live.server.kill()
        door.type(code)
        door.sees("ok", "ok", "Admit")
        expect(door.card).to_have_count(0)
    unsent = door.page.locator(".strip", has_text="not sent")
    expect(unsent).to_be_visible()
    live.server.start(worker=True)
    unsent.get_by_role("button").evaluate_all("all => all.forEach((it) => it.click())")
    expect(unsent).to_have_count(0)
    assert (live.inside(HERE), live.value("SELECT count(*) FROM incident")) == (before + 3, incidents)


def test_a_wrong_clock_is_said_and_does_not_open_the_doors(live: Live, person: Callable[..., Person]) -> None:
    live = replace(live, call=OverHttp(live.server.port))  # the server is another one since
    order = live.buy(HERE)
    live.bring_forward(HERE, minutes=35)  # the doors open in five, and are open by the phone's clock
    usher = person()
    usher.context.add_init_script(TEN_MINUTES_FAST)
    door = Door(usher, live)
    door.watch.expect("net::ERR_")
    door.ready(HERE, training=False)
    expect(door.page.locator(".strip", has_text="clock is off by 10 min")).to_be_visible()
    door.page.route(API_CALLS, lambda route: route.abort())
    door.type(code_of(order))
    door.sees("too_early", "att", "Too early")
    live.call.close()
