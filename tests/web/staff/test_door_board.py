"""The door's board and its paper list: what they count, what they warn of, who may see them."""

import re
from collections.abc import Callable

import pytest

from tests.support.kassa import BUYER, Kassa, expect
from tests.web.staff.conftest import Desk, plain
from tests.web.staff.test_scanners import read_qr
from ticketing.staff.accounts import Role

BOARD = "/staff/door/"
CARD = re.compile(r'<li class="hallcard.*?</li>\s*(?=<li class="hallcard|</ol>)', re.DOTALL)
LINE = re.compile(r'<li>\s*<span class="paper__box".*?</li>', re.DOTALL)


def card(page: str, hall: str) -> str:
    """Return the card of a hall."""
    found = [one for one in CARD.findall(page) if f"<h2>{hall}</h2>" in one]
    assert len(found) == 1
    return found[0]


def words(html: str) -> str:
    return " ".join(plain(re.sub(r"<[^>]+>", " ", html)).split())


class Usher:
    """Signs in for each look: the clock jumps over days, and a session lasts one."""

    def __init__(self, staff: Callable[..., Desk]) -> None:
        self._staff = staff

    def page(self, path: str) -> str:
        page: str = self._staff(Role.USHER).page(path)
        return page

    def status(self, path: str) -> int:
        return int(self._staff(Role.USHER).get(path).status_code)


@pytest.fixture
def usher(staff: Callable[..., Desk]) -> Usher:
    return Usher(staff)


def test_the_board_counts_who_is_in_of_what_was_sold(kassa: Kassa, usher: Usher) -> None:
    order = kassa.buy("s06", 3)
    kassa.open_doors()
    device = kassa.device("esentai", "Door A")
    expect(kassa.get("/api/v1/door/sync?unsent=0&battery=80", device), 200)
    kassa.scan(device, order["tickets"][0]["code"])
    kassa.scan(device, order["tickets"][0]["code"])
    page = usher.page(BOARD)
    hall = words(card(page, "Hall 1"))
    assert "Glass Orchard Doors open 1 / 3 in, of tickets sold" in hall
    assert "Door A ✓ 0 s ago" in hall
    assert 'aria-label="In: 1, sold: 3, places: 346"' in page
    assert "in now 1 a minute 0 refused 1 not sent 0" in words(page)
    assert "hallcard--alert" not in page


def test_what_plays_now_comes_before_what_comes_next(kassa: Kassa, usher: Usher) -> None:
    kassa.open_doors()
    kassa.clock.forward(hours=-8)  # 11:05 in Almaty: nothing is open yet
    hall = words(card(usher.page(BOARD), "Hall 1"))
    assert "19:30 Glass Orchard Opens in 7 h 55 min" in hall
    kassa.clock.forward(hours=9)  # 20:05: it has started
    assert "Started" in words(card(usher.page(BOARD), "Hall 1"))
    kassa.clock.forward(hours=2)
    ended = card(usher.page(BOARD), "Hall 1")
    assert "Ended" in ended
    assert "hallcard--off" in ended


@pytest.mark.parametrize(
    ("said", "later", "warning"),
    [
        ("unsent=7&battery=80", 0, "✕ not sent: 7"),
        ("unsent=0&battery=12", 0, "! battery: 12 %"),
        ("unsent=0&battery=80", 3, "✕ silent for 3 min"),
        ("unsent=x&battery=900&app=" + "v" * 500, 0, "✓"),
        ("unsent=-1&battery=1e3", 0, "✓"),
    ],
)
def test_a_phone_that_needs_somebody_is_seen(
    kassa: Kassa, usher: Usher, said: str, later: int, warning: str
) -> None:
    order = kassa.buy("s06", 1)
    kassa.open_doors()
    device = kassa.device("esentai", "Door A")
    kassa.scan(device, order["tickets"][0]["code"])
    expect(kassa.get(f"/api/v1/door/sync?{said}", device), 200)
    kassa.clock.forward(minutes=later)
    page = usher.page(BOARD)
    assert f"Door A {warning}" in words(card(page, "Hall 1"))
    assert ("hallcard--alert" in page) == ("✕" in warning)


def test_a_double_admission_stands_at_the_bottom(kassa: Kassa, usher: Usher) -> None:
    order = kassa.buy("s06", places=["З-5-10"])
    kassa.open_doors()
    code = order["tickets"][0]["code"]
    for name in ("A", "B"):
        kassa.scan(kassa.device("esentai", name), code, offline=True, verdict="admit", reason="ok")
    assert "Hall 1, Row 5, seat 10: two scans of one ticket" in words(usher.page(BOARD))


def test_an_open_door_says_how_fast_people_come(kassa: Kassa, usher: Usher) -> None:
    order = kassa.buy("s06", 6)
    kassa.open_doors()
    device = kassa.device("esentai", "A")
    for ticket in order["tickets"][:5]:
        kassa.scan(device, ticket["code"])
    page = usher.page(BOARD)
    assert "1 a minute, about 6 in by the start" in words(card(page, "Hall 1"))
    assert "Entries by five minutes: 0, 5" in page
    kassa.clock.forward(minutes=30)
    assert "by the start" not in usher.page(BOARD)


def test_a_day_without_screenings_says_so(kassa: Kassa, usher: Usher) -> None:
    kassa.clock.forward(hours=-72)
    assert "No screenings today." in usher.page(BOARD)


def test_the_paper_list_has_places_in_order_and_no_names(kassa: Kassa, usher: Usher) -> None:
    order = kassa.buy("s06", places=["З-5-10", "З-5-11"])
    gone = kassa.buy("s06", places=["З-6-10", "З-6-11"])
    expect(kassa.refund(gone, kassa.staff()), 201)
    kassa.open_doors()
    kassa.scan(kassa.device(), order["tickets"][0]["code"])
    page = usher.page("/staff/door/s06/list")
    lines = [
        words(line) for line in re.findall(r"<li>\s*<span class=\"paper__box\".*?</li>", page, re.DOTALL)
    ]
    last = order["order"][-4:]
    assert lines == [f"✓ Row 5, seat 10 {last} Adult · In, 19:05", f"Row 5, seat 11 {last} Adult"]
    assert BUYER["email"] not in page
    assert BUYER["name"] not in page
    assert read_qr(page) == "http://kassa.test/staff/door/s06/list"
    assert usher.status("/staff/door/s99/list") == 404


def test_an_unnumbered_hall_has_numbers(kassa: Kassa, usher: Usher) -> None:
    kassa.buy("s07", 2)
    assert words(usher.page("/staff/door/s07/list")).count("Place ") == 2


def test_strangers_see_neither(kassa: Kassa) -> None:
    stranger = Desk(kassa)
    for path in (BOARD, "/staff/door/s06/list"):
        assert "sign-in" in stranger.get(path).headers["Location"]
