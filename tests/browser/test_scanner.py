"""The ushers' page in Chromium, against a real server."""

from collections.abc import Callable
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.camera import Camera
from tests.browser.door import Door, code_of, qr_picture
from tests.browser.live import Live
from tests.browser.phone import becomes
from tests.browser.watch import Person
from ticketing.door.rules import Reason
from ticketing.door.samples import SAMPLES
from ticketing.tickets.codes import new_code

pytestmark = pytest.mark.browser
SCANS = "**/api/v1/door/scans"
API_CALLS = "**/api/v1/door/**"
# s04 plays in hall 1 on the second day and asks nobody for his age; s03 earlier in hall 2 of the same house.
HERE, ELSEWHERE = "s04", "s03"
CAPACITY = 346
SOON_SECONDS = 5
GUESTS = "**/api/v1/door/guests"
HAND_OVER = "**/api/v1/door/quarantine"
QUARANTINED = "SELECT count(DISTINCT scan_id) FROM quarantined_scan"
DEVICE = "JSON.parse(localStorage.getItem('kassa.device')).device"
# Neither tickets nor programme nor a line of the log.
KEPT_NOTHING = """() => new Promise((resolve) => {
  const opening = indexedDB.open("kassa-door");
  opening.onsuccess = () => {
    const stores = opening.result.transaction(["kept", "log"]);
    const kept = stores.objectStore("kept").count(), log = stores.objectStore("log").count();
    stores.oncomplete = () => {
      opening.result.close();
      resolve(kept.result + log.result === 0);
    };
  };
})"""


@pytest.fixture
def door(live: Live, person: Callable[..., Person]) -> Door:
    """A scanner that is not paired yet, on a phone without a camera."""
    return Door(person(), live)


def inside_becomes(live: Live, number: int) -> None:
    """Fail unless the server counts so many soon: the phone counts at once and sends behind it."""
    until = monotonic() + SOON_SECONDS
    while live.inside(HERE) != number and monotonic() < until:
        sleep(0.05)
    assert live.inside(HERE) == number


def test_a_used_pairing_code_is_refused(door: Door, live: Live, person: Callable[..., Person]) -> None:
    code = live.pairing_code()
    door.open()
    door.pair(code)
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    late = Door(person(), live)
    late.watch.expect("410")
    late.open()
    late.pair(code)
    expect(late.page.get_by_role("alert").filter(has_text="The code has expired")).to_be_visible()
    expect(late.page.locator("#pair-code")).to_be_focused()


def test_an_expired_pairing_code_is_refused(door: Door, live: Live) -> None:
    door.watch.expect("410")
    code = live.pairing_code()
    live.expire_pairings()
    door.open()
    door.pair(code)
    expect(door.page.get_by_role("alert").filter(has_text="Ask staff for a new one")).to_be_visible()


def test_letters_that_are_no_pairing_code_never_leave_the_phone(door: Door) -> None:
    door.open()
    door.pair("ABC")
    expect(door.page.get_by_role("alert").filter(has_text="eight letters are needed")).to_be_visible()


def test_a_pairing_link_fills_the_code_in_and_forgets_it(door: Door, live: Live) -> None:
    code = live.pairing_code()
    door.page.goto(f"{live.base}/scanner/#pair={code}")
    expect(door.page.locator("#pair-code")).to_have_value(code)
    expect(door.page).to_have_url(f"{live.base}/scanner/")
    door.page.locator("form.pair button").click()
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()


def test_a_typed_code_is_admitted_and_undone(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door.ready(HERE)
    door.type(code_of(order).lower())
    door.sees("ok", "ok", "Admit")
    expect(door.card).to_have_count(0)  # it clears by itself
    door.admitted(before + 1, CAPACITY)
    door.page.get_by_role("button", name="Undo").click()
    expect(door.page.get_by_text("Admission undone")).to_be_visible()
    door.admitted(before, CAPACITY)
    inside_becomes(live, before)
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    door.admitted(before + 1, CAPACITY)


def test_no_card_takes_the_admission_back(door: Door, live: Live) -> None:
    order = live.buy(HERE, 1, any="student")
    before = live.inside(HERE)
    door.ready(HERE)
    door.type(code_of(order))
    assert "student card" in door.sees("ok_attention", "att", "Check card")
    door.card.get_by_role("button", name="No card").click()
    door.admitted(before, CAPACITY)
    door.type(code_of(order))
    door.sees("ok_attention", "att", "Check card")
    door.card.get_by_role("button", name="Card seen, admit").click()
    expect(door.card).to_have_count(0)
    door.admitted(before + 1, CAPACITY)


def test_a_ticket_for_the_other_hall_is_sent_there(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    door.ready(ELSEWHERE)
    door.type(code_of(order))
    assert "15:30" in door.sees("wrong_screening", "go", "Hall 1")
    door.next()
    door.admitted(0, live.screening(ELSEWHERE)["places"]["capacity"])


def test_too_early_without_the_training_clock(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    door.ready(HERE, training=False)
    door.type(code_of(order))
    assert "Doors open at" in door.sees("too_early", "att", "Too early")


def test_a_code_that_nobody_sold(door: Door, live: Live) -> None:
    live.buy(HERE)
    door.ready(HERE)
    door.type(new_code(bytes(range(16))))
    door.sees("unknown", "no", "Not found")
    door.card.get_by_role("button", name="Type code").click()
    door.page.keyboard.type("https://example.com/\n")
    expect(door.page.locator("#type-error")).to_have_text("Not a ticket code")
    door.page.keyboard.press("Escape")
    expect(door.page.locator(".keys").get_by_role("button", name="Type code")).to_be_focused()


def test_without_network_the_phone_decides_and_the_log_arrives_once(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before, incidents = live.inside(HERE), live.value("SELECT count(*) FROM incident")
    door.watch.expect("Failed to load resource: net::ERR_")
    door.ready(HERE)
    door.page.route(API_CALLS, lambda route: route.abort())
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    door.admitted(before + 1, CAPACITY)
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_be_visible()
    expect(door.card).to_have_count(0)
    door.type(code_of(order))
    assert "this phone" in door.sees("already_in", "no", "Already in").lower()
    door.next()
    assert live.inside(HERE) == before
    # What a page that is loaded anew has taken up from the disk arrives.
    door.page.unroute(API_CALLS)
    door.page.reload()
    expect(door.count).to_be_visible()
    door.admitted(before + 1, CAPACITY)
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0)
    inside_becomes(live, before + 1)
    assert live.value("SELECT count(*) FROM incident") == incidents


def test_usher_and_supervisor_have_pins(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    day = live.screening(HERE)["starts_at"][:10]
    usher, supervisor = live.door_pins(day)
    try:
        door.open()
        door.pair()
        door.pick(HERE)
        pin = door.page.locator("#pin")
        pin.fill("12345")
        pin.press("Enter")
        expect(door.page.locator("#pin-error")).to_contain_text("not the PIN")
        pin.fill(usher)
        pin.press("Enter")
        expect(door.count).to_be_visible()
        door.type(code_of(order))
        door.sees("ok", "ok", "Admit")
        expect(door.card).to_have_count(0)
        door.type(code_of(order))
        door.sees("already_in", "no", "Already in")
        door.card.get_by_role("button", name="Supervisor").click()
        door.page.get_by_text("Guest of the festival").click()
        pin.fill(supervisor)
        pin.press("Enter")
        door.sees("ok", "ok", "Admit")
        expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0)
    finally:
        live.forget_pins()
    inside_becomes(live, before + 1)
    found = live.value("SELECT details FROM incident ORDER BY at DESC LIMIT 1")
    assert "guest" in str(found)


def test_practice_shows_verdicts_and_changes_nothing(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before, scans = live.inside(HERE), live.value("SELECT count(*) FROM scan")
    door.ready(HERE)
    page = door.page
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Practise").click()
    banner = page.locator(".strip", has_text="Practice: nothing counts")
    expect(banner).to_be_visible()
    door.type(SAMPLES[Reason.OK])
    door.sees("ok", "ok", "Admit")
    expect(banner).to_be_visible()
    expect(door.card).to_have_count(0)
    page.get_by_role("button", name="Samples").click()
    page.locator(".sample", has_text="Refunded").click()
    door.sees("refunded", "no", "Refunded")
    door.next()
    door.type(code_of(order))
    door.sees("practice", "att", "Not a sample")
    door.next()
    page.reload()
    expect(door.count).to_be_visible()
    expect(banner).to_have_count(0)
    assert (live.inside(HERE), live.value("SELECT count(*) FROM scan")) == (before, scans)
    door.type(SAMPLES[Reason.OK])
    assert door.page.wait_for_selector(".verdict").get_attribute("data-reason") == "unknown"


def test_scanning_people_out_is_said_and_ended_where_it_is_said(door: Door, live: Live) -> None:
    order = live.buy("s04")
    door.ready("s04")
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    expect(door.card).to_have_count(0)
    door.page.locator(".keys .btn").last.click()
    door.page.get_by_label("Scan people going out").check()
    door.page.get_by_role("button", name="Close").click()
    door.type(code_of(order))
    door.sees("exit", "ok", "Going out")
    strip = door.page.locator(".strip", has_text="Going out")
    strip.get_by_role("button", name="End").click()
    expect(strip).to_have_count(0)
    door.type(code_of(order))
    door.sees("reentry", "ok", "Back in")


def test_somebody_without_a_ticket_is_found_by_four_characters(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door.watch.expect("403")
    door.watch.expect("Failed to load resource: net::ERR_")
    door.ready(HERE)
    _, supervisor = live.door_pins(live.screening(HERE)["starts_at"][:10])
    page = door.page
    try:
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("button", name="Find a ticket").click()
        last, pin, error = (page.locator(f"#guests-{part}") for part in ("last", "pin", "error"))
        last.fill(order["order"][-4:])
        pin.fill("000000")
        pin.press("Enter")
        expect(error).to_contain_text("not the PIN")
        pin.fill(supervisor)
        page.route(GUESTS, lambda route: route.abort())
        pin.press("Enter")
        expect(error).to_contain_text("needs the network")
        page.unroute(GUESTS)
        pin.press("Enter")
        guest = page.locator(".guest", has_text=f"…{order['order'][-4:]}")
        expect(guest).to_contain_text("Not in yet")
        guest.click()
        door.sees("ok", "ok", "Admit")
    finally:
        live.forget_pins()
    inside_becomes(live, before + 1)
    door.type(code_of(order))
    door.sees("already_in", "no", "Already in")


def test_an_answer_that_is_lost_admits_once(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before, incidents = live.inside(HERE), live.value("SELECT count(*) FROM incident")
    door.ready(HERE)
    arrived: list[bool] = []

    def answer_is_lost(route: Route) -> None:
        arrived.append(route.fetch().ok)  # and the page waits in vain

    door.page.route(SCANS, answer_is_lost)
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    door.page.unroute(SCANS)
    assert arrived == [True]
    assert live.inside(HERE) == before + 1
    with door.page.expect_response(SCANS):
        pass
    expect(door.page.locator(".strip").filter(has_text="not sent")).to_have_count(0)
    inside_becomes(live, before + 1)
    assert live.value("SELECT count(*) FROM incident") == incidents


def test_a_revoked_phone_knows_nothing_more_and_can_be_paired_again(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    door.watch.expect("401")
    door.ready(HERE)
    live.revoke(door.page.evaluate(DEVICE))
    door.type(code_of(order))
    expect(door.page.get_by_role("heading", name="This phone is disconnected")).to_be_visible()
    expect(door.card).to_have_count(0)
    expect(door.page.get_by_text("Everything it scanned is with the box office")).to_be_visible()
    becomes(door.page, KEPT_NOTHING)
    door.page.get_by_role("button", name="Pair again").click()
    expect(door.page.locator("#pair-code")).to_be_visible()


def test_a_revoked_phone_hands_its_scans_over_and_then_forgets_them(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before, held_back = live.inside(HERE), live.value(QUARANTINED)
    door.watch.expect("Failed to load resource: net::ERR_")
    door.watch.expect("401")
    door.ready(HERE)
    door.page.route(API_CALLS, lambda route: route.abort())
    door.type(code_of(order))
    door.sees("ok", "ok", "Admit")
    live.revoke(door.page.evaluate(DEVICE))
    door.page.route(HAND_OVER, lambda route: route.abort())
    door.page.unroute(API_CALLS)
    status = door.page.get_by_role("status").filter(has_text="Not handed over yet")
    expect(status).to_be_visible()
    expect(door.page.get_by_role("button", name="Pair again")).to_have_count(0)
    door.page.reload()  # what waits is on the disk
    expect(status).to_be_visible()
    door.page.unroute(HAND_OVER)
    # The phone tries by itself too, and the button is gone then.
    door.page.get_by_role("button", name="Try again").evaluate_all("all => all.forEach((it) => it.click())")
    expect(door.page.get_by_text("Everything it scanned is with the box office")).to_be_visible()
    becomes(door.page, KEPT_NOTHING)
    assert live.value(QUARANTINED) == held_back + 1
    assert live.inside(HERE) == before
    door.page.get_by_role("button", name="Pair again").click()
    door.pair()
    expect(door.page.get_by_role("heading", name="Choose a screening")).to_be_visible()
    assert live.inside(HERE) == before


def test_a_verdict_in_each_language(door: Door, live: Live) -> None:
    code = code_of(live.buy(HERE))
    door.ready(HERE)
    door.type(code)
    door.sees("ok", "ok", "Admit")
    for language, title in (
        ("Қазақша", "Кіріп қойған"),
        ("Русский", "Уже в зале"),
        ("English", "Already in"),
    ):
        expect(door.card).to_have_count(0)
        door.page.locator(".keys .btn").last.click()
        door.page.locator("dialog").get_by_text(language).click()
        door.type(code)
        door.sees("already_in", "no", title)
        door.next()


@pytest.mark.parametrize(
    ("locale", "title"),
    [("kk-KZ", "Телефонды жұптау"), ("ru-RU", "Подключение телефона"), ("en-GB", "Pair this phone")],
)
def test_the_page_begins_in_the_phones_language(
    live: Live, person: Callable[..., Person], locale: str, title: str
) -> None:
    usher = person(locale=locale)
    usher.page.goto(f"{live.base}/scanner/")
    expect(usher.page.get_by_role("heading", name=title)).to_be_visible()


@pytest.mark.parametrize("side", [560, 200])
def test_the_camera_reads_a_ticket(
    live: Live,
    person: Callable[..., Person],
    camera: Camera,
    camera_browser: Browser,
    side: int,
) -> None:
    order = live.buy(HERE)
    camera.show(qr_picture(person().page, code_of(order)), side)
    door = Door(person(camera_browser, permissions=["camera"]), live)
    door.ready(HERE)
    door.sees("ok", "ok", "Admit")
