"""Staff's page of places: what it shows, what it does, who may, and what cannot break it."""

import re
from collections.abc import Callable

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa, expect, expect_problem
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.inventory.models import Allocation
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

LIST = "/staff/screenings/"
PAGE = "/staff/screenings/s06/places"
SEATS = ["З-5-10", "З-5-11"]


def do(desk: Desk, path: str = PAGE, **fields: object) -> TestResponse:
    """Send one of the page's forms."""
    return desk.client.post(path, data={"csrf_token": desk.token(PAGE), "reason": "delegation", **fields})


def done(desk: Desk, path: str = PAGE, **fields: object) -> str:
    """Send a form and return the page that says that it was done."""
    answer = do(desk, path, **fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return plain(desk.page(answer.headers["Location"]))


def refused(desk: Desk, status: int, path: str = PAGE, **fields: object) -> str:
    """Send a form that is refused; nothing may change."""
    token = desk.token(PAGE)
    before = desk.kassa.fingerprint()
    answer = desk.client.post(path, data={"csrf_token": token, "reason": "delegation", **fields})
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert desk.kassa.fingerprint() == before
    return plain(answer.get_data(as_text=True))


def states(page: str) -> dict[str, int]:
    """Return how many seats the map shows in each state."""
    found = re.findall(r'data-state="(\w+)"', page)
    return {state: found.count(state) for state in set(found)}


def allocation_path(kassa: Kassa) -> str:
    with kassa.database.reading() as session:
        query = select(Allocation.id).where(Allocation.released_at.is_(None), Allocation.reason != "")
        return f"/staff/screenings/s06/allocations/{session.scalars(query).one()}"


def test_the_list_says_what_has_become_of_every_place(kassa: Kassa, desk: Desk) -> None:
    kassa.buy("s06", places=SEATS)
    page = desk.page(LIST)
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*/staff/screenings/s06/places.*?</tr>", page, re.DOTALL)
    cells = re.findall(r'data-label="([^"]+)">([^<]*)<', row)
    assert dict(cells) == {
        "Hall": "Hall 1",
        "Places": "346",
        "On sale": "332",
        "Kept for wheelchair users": "12",
        "In a basket": "–",
        "Sold": "2",
        "Rush line": "–",
        "Kept": "–",
        "Withdrawn": "–",
    }


def test_places_are_kept_withdrawn_and_come_back(kassa: Kassa, desk: Desk) -> None:
    page = done(desk, place=SEATS, do="keep", kind="sponsors")
    assert "2 places are kept now." in page
    assert states(page)["kept"] == 2
    assert 'aria-label="Row 5, seat 10, kept: Sponsors, delegation"' in page
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s06", "places": SEATS}), 409, "places_taken")
    page = done(desk, place=SEATS[:1], do="kill", reason="<b>broken</b>")
    assert "1 place is withdrawn." in page
    assert "Row 5, seat 10, withdrawn, <b>broken</b>" in page
    assert "<b>broken" not in desk.page(PAGE)
    assert "1 place is on sale again." in done(desk, place=SEATS[1:], do="release")
    assert "1 place is back on sale." in done(desk, place=SEATS[:1], do="revive")
    expect(kassa.post("/api/v1/holds", {"screening": "s06", "places": SEATS}), 201)


def test_a_refusal_names_the_seats_and_keeps_what_was_typed(kassa: Kassa, desk: Desk) -> None:
    kassa.hold("s06", places=["З-5-11", "З-5-12"])
    page = refused(desk, 409, place=SEATS, do="keep", kind="jury", release_at="")
    assert "Nothing was changed. Not possible for: Row 5, seat 11." in page
    assert 'value="delegation"' in page
    assert '<option value="jury" selected>' in page
    checked = re.findall(r'value="([^"]+)" aria-label="[^"]*" title="[^"]*" data-state="free" checked', page)
    assert checked == ["З-5-10"]


def test_an_allocation_s_time_and_its_release(kassa: Kassa, desk: Desk) -> None:
    # Typed in Almaty's time: 18:00 there is 13:00 UTC.
    done(desk, place=SEATS, do="keep", kind="school", release_at="2024-11-24T18:00")
    path = allocation_path(kassa)
    assert 'value="2024-11-24T18:00"' in desk.page(PAGE)
    assert "Saved." in done(desk, path, do="saved", release_at="2024-11-24T19:30")
    assert 'value="2024-11-24T19:30"' in desk.page(PAGE)
    assert "2 places are on sale again." in done(desk, path, do="release")
    assert "on sale already" in refused(desk, 409, path, do="release")
    assert desk.client.post("/staff/screenings/s06/allocations/nonsense").status_code == 404


def test_wheelchair_spaces_are_offered_and_kept_again(desk: Desk) -> None:
    path = "/staff/screenings/s06/accessible"
    assert "until Monday, 25 November 2024, 16:30" in desk.plain(PAGE)
    page = done(desk, path, do="release")
    assert "Offered to everybody" in page
    assert "asked" not in states(page)
    page = done(desk, path, do="saved", until="2024-11-25T19:00")
    assert "until Monday, 25 November 2024, 19:00" in page
    assert states(page)["asked"] == 12
    refused(desk, 422, path, do="saved", until="")
    refused(desk, 422, path, do="saved", until="2024-11-25T19:31")


def test_limits_are_the_manager_s(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    manager, path = staff(Role.MANAGER), "/staff/screenings/s06/limits"
    page = done(manager, path, per_order="4", per_buyer="2")
    assert re.search(r'name="per_order"[^>]*value="4"', page)
    expect_problem(kassa.post("/api/v1/holds", {"screening": "s06", "quantity": 5}), 422, "too_many_places")
    refused(manager, 422, path, per_order="0", per_buyer="")
    refused(manager, 422, path, per_order="501", per_buyer="x")
    done(manager, path, per_order="", per_buyer="")
    expect(kassa.post("/api/v1/holds", {"screening": "s06", "quantity": 5}), 201)
    box_office = staff()
    assert "no limit" in box_office.plain(PAGE)
    assert do(box_office, path, per_order="3").status_code == 403
    with kassa.database.reading() as session:
        changes = session.scalars(select(AuditEntry).where(AuditEntry.action == "set_limits")).all()
    assert [change.after for change in changes] == [
        {"per_order": 4, "per_buyer": 2},
        {"per_order": None, "per_buyer": None},
    ]


def test_a_hall_without_seats_takes_a_number(desk: Desk) -> None:
    path = "/staff/screenings/s07/places"
    token = Fields(desk.page(path)).one("csrf_token")
    form = {"csrf_token": token, "reason": "faculty", "kind": "guests", "do": "keep", "quantity": "40"}
    answer = desk.client.post(path, data=form)
    assert answer.status_code == 303
    page = plain(desk.page(answer.headers["Location"]))
    assert "40 places are kept now." in page
    assert desk.client.post(path, data={**form, "quantity": "400"}).status_code == 409
    assert desk.client.post(path, data={**form, "quantity": "0"}).status_code == 422


def test_ushers_may_not(staff: Callable[..., Desk]) -> None:
    usher = staff(Role.USHER)
    assert usher.get(LIST).status_code == 403
    assert usher.get(PAGE).status_code == 403


BAD: list[tuple[int, dict[str, object]]] = [
    (422, {"do": "keep", "kind": "guests"}),
    (422, {"do": "keep", "kind": "guests", "place": SEATS, "reason": " \t "}),
    (422, {"do": "keep", "kind": "friends", "place": SEATS}),
    (422, {"do": "keep", "kind": "guests", "place": SEATS, "release_at": "tomorrow"}),
    (422, {"do": "keep", "kind": "guests", "place": SEATS, "release_at": "0001-01-01T00:00"}),
    (422, {"do": "keep", "kind": "guests", "place": SEATS, "release_at": "9999-12-31T23:59"}),
    (422, {"do": "keep", "kind": "guests", "place": SEATS, "release_at": "2024-11-20T11:00"}),
    (422, {"do": "keep", "kind": "guests", "place": ["З-5-10", "Z-1"]}),
    (422, {"do": "kill", "place": ["\x00"]}),
    (422, {"do": "kill", "place": ["x" * 191]}),
    (422, {"do": "kill", "place": ["\u202eЗ-5-10"]}),
    (422, {"do": "kill", "quantity": "-3"}),
    (422, {"do": "kill", "quantity": "９"}),
    (422, {"do": "kill", "quantity": "99999999999999999999"}),
    (409, {"do": "kill", "quantity": "4000"}),
    (409, {"do": "revive", "place": SEATS}),
    (409, {"do": "release", "place": SEATS}),
    (422, {"do": "sell", "place": SEATS}),
    (422, {}),
]


def test_bad_input_changes_nothing(desk: Desk) -> None:
    token, before = desk.token(PAGE), desk.kassa.fingerprint()
    for status, fields in BAD:
        answer = desk.client.post(PAGE, data={"csrf_token": token, "reason": "delegation", **fields})
        assert answer.status_code == status, fields
    assert desk.kassa.fingerprint() == before


def test_the_same_seat_twice_is_once(desk: Desk) -> None:
    assert "1 place is kept now." in done(desk, place=["З-5-10", "З-5-10"], do="keep", kind="house")


def test_nothing_of_a_screening_that_is_not_there(desk: Desk) -> None:
    assert desk.get("/staff/screenings/s99/places").status_code == 404
    assert do(desk, "/staff/screenings/s99/places", place=SEATS, do="kill").status_code == 404


def test_a_made_up_result_says_nothing(desk: Desk) -> None:
    for number in ("", "x", "-1", "1e9", "9" * 40):
        assert "banner--good" not in desk.page(PAGE, done="keep", n=number)
    assert "banner--good" not in desk.page(PAGE, done="nonsense", n="2")
