"""The ushers' page in Chromium, against a real server."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.camera import Camera
from tests.browser.door import Door, code_of, qr_picture
from tests.browser.live import Live
from tests.browser.watch import Person
from ticketing.tickets.codes import new_code

pytestmark = pytest.mark.browser
SCANS = "**/api/v1/door/scans"
# s04 plays in hall 1 on the second day and asks nobody for his age; s03 earlier in hall 2 of the same house.
HERE, ELSEWHERE = "s04", "s03"
CAPACITY = 346


@pytest.fixture
def door(live: Live, person: Callable[..., Person]) -> Door:
    """A scanner that is not paired yet, on a phone without a camera."""
    return Door(person(), live)


def scan_ids(bodies: list[str]) -> list[list[str]]:
    return [[scan["id"] for scan in json.loads(body)["scans"]] for body in bodies]


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
    assert live.inside(HERE) == before
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
    door.page.locator("#type-code").fill("https://example.com/")
    door.page.locator("#type-code").press("Enter")
    expect(door.page.locator("#type-error")).to_have_text("Not a ticket code")


def test_without_network_nobody_is_green_and_a_retry_admits_once(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door.watch.expect("Failed to load resource: net::ERR_")
    door.ready(HERE)
    sent: list[str] = []
    arrived: list[bool] = []

    def never_arrives(route: Route) -> None:
        sent.append(str(route.request.post_data))
        route.abort()

    def answer_is_lost(route: Route) -> None:
        sent.append(str(route.request.post_data))
        arrived.append(route.fetch().ok)  # and the page waits in vain

    door.page.route(SCANS, never_arrives)
    door.type(code_of(order))
    door.sees("no_answer", "att", "No network")
    expect(door.page.locator(".strip").filter(has_text="No network")).to_be_visible()
    door.page.unroute(SCANS)
    door.page.route(SCANS, answer_is_lost)
    door.card.get_by_role("button", name="Try again").click()
    door.sees("no_answer", "att", "No network")
    assert arrived == [True]
    assert live.inside(HERE) == before + 1
    door.page.unroute(SCANS)
    with door.page.expect_request(SCANS) as third:
        door.card.get_by_role("button", name="Try again").click()
    sent.append(str(third.value.post_data))
    door.sees("ok", "ok", "Admit")
    door.admitted(before + 1, CAPACITY)
    ids = scan_ids(sent)
    assert len(ids) == 3
    assert ids[0] == ids[1] == ids[2]
    assert live.value("SELECT count(*) FROM scan WHERE id = :id", id=ids[0][0].replace("-", "")) == 1


def test_a_scan_given_up_leaves_nobody_in_the_hall(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    before = live.inside(HERE)
    door.ready(HERE)

    def answer_is_lost(route: Route) -> None:
        assert route.fetch().ok

    door.page.route(SCANS, answer_is_lost)
    door.type(code_of(order))
    door.sees("no_answer", "att", "No network")
    assert live.inside(HERE) == before + 1
    door.page.unroute(SCANS)
    with door.page.expect_response(SCANS):
        door.next()
    door.admitted(before, CAPACITY)
    assert live.inside(HERE) == before


def test_a_revoked_phone_says_so_and_can_be_paired_again(door: Door, live: Live) -> None:
    order = live.buy(HERE)
    door.watch.expect("401")
    door.ready(HERE)
    device = door.page.evaluate("JSON.parse(localStorage.getItem('kassa.device')).device")
    live.revoke(device)
    door.type(code_of(order))
    banner = door.page.locator(".strip").filter(has_text="This phone is disconnected")
    expect(banner).to_be_visible()
    expect(door.card).to_have_count(0)
    banner.get_by_role("button", name="Pair again").click()
    expect(door.page.locator("#pair-code")).to_be_visible()


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
