"""Halls' pages and the plan editor, as a browser without JavaScript uses them, and as nobody should."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import Kassa, expect
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.catalogue.models import Hall, SeatPlan
from ticketing.catalogue.plan_drafts import plan_of_row
from ticketing.catalogue.plans import MAX_SEATS, SeatKind
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

HALLS = "/staff/halls/"
HALL = f"{HALLS}esentai-3/"
DRAFT = f"{HALL}draft/"
ODD = " =1+1 "


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    """The manager's browser, in English."""
    return staff(Role.MANAGER)


def send(desk: Desk, path: str, form: str = "", **fields: Any) -> TestResponse:
    """Post a form with its hidden fields, which stand in the page of `form`."""
    hidden = Fields(desk.page(form or HALL)).sent
    data = {name: hidden[name][0] for name in ("csrf_token", "seen") if name in hidden}
    return desk.client.post(path, data={**data, **fields})


def begin(desk: Desk, **fields: Any) -> TestResponse:
    return send(desk, f"{HALL}draft", **{"do": "newest", **fields})


def change(desk: Desk, do: str, *seats: int, **fields: Any) -> TestResponse:
    place = [str(seat) for seat in seats]
    return send(desk, f"{DRAFT}seats", DRAFT, do=do, place=place, **fields)


def end(desk: Desk, do: str) -> TestResponse:
    return send(desk, f"{DRAFT}end", DRAFT, do=do)


def upload(desk: Desk, plan: bytes | str, seats: bytes | str | None = None) -> TestResponse:
    raw = plan.encode() if isinstance(plan, str) else plan
    files: dict[str, Any] = {"plan": (io.BytesIO(raw), "hall <b>.json")}
    if seats is not None:
        files["seats"] = (io.BytesIO(seats.encode() if isinstance(seats, str) else seats), "hall.seats.csv")
    return begin(desk, do="upload", **files)


def upload_whole(desk: Desk, plan: bytes) -> TestResponse:
    """Upload in one piece: the test client would leave the temporary file of a large form open."""
    parts = {"csrf_token": desk.token(HALL).encode(), "do": b"upload", 'plan"; filename="large.json': plan}
    body = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in parts.items()
    )
    kind = "multipart/form-data; boundary=edge"
    return desk.client.post(f"{HALL}draft", data=body + b"--edge--\r\n", content_type=kind)


def small_plan(**seat: Any) -> dict[str, Any]:
    seats = [
        {
            "seat_guid": f"a{n}",
            "seat_number": str(n),
            "category": "Стандарт",
            "position": {"x": 26 * n, "y": 0},
        }
        for n in range(1, 5)
    ]
    seats[0].update(seat)
    rows = [{"row_number": "1", "seats": seats}]
    return {
        "name": "New <i>",
        "categories": [{"name": "Стандарт"}],
        "zones": [{"position": {"x": 0, "y": 0}, "rows": rows}],
    }


def draft(kassa: Kassa) -> Any:
    """Return the draft as a value."""
    with kassa.database.reading() as session:
        row = session.scalars(select(SeatPlan).where(SeatPlan.draft.is_(True))).one()
    return plan_of_row(row)


def versions(kassa: Kassa) -> list[int]:
    with kassa.database.reading() as session:
        query = select(SeatPlan.version).join(Hall).where(Hall.code == "esentai-3", SeatPlan.draft.is_(False))
        return sorted(session.scalars(query))


def test_the_list_shows_halls_with_and_without_plans(manager: Desk) -> None:
    page = manager.plain(HALLS)
    assert "version 1" in page
    assert "Places without numbers" in page
    assert "no seating plan" in manager.plain(f"{HALLS}zhurgenov-theatre/")


@pytest.mark.parametrize("role", [Role.BOXOFFICE, Role.USHER])
def test_only_managers_come_here(staff: Callable[..., Desk], role: Role) -> None:
    desk = staff(role)
    for path in (HALLS, HALL, DRAFT, f"{DRAFT}preview", f"{HALL}versions/1", f"{HALL}versions/1.json"):
        assert desk.get(path).status_code == 403, path
    token = desk.token("/staff/scanners/")
    for path in ("draft", "draft/seats", "draft/blocks", "draft/end", "screenings"):
        answer = desk.client.post(f"{HALL}{path}", data={"csrf_token": token, "do": "newest"})
        assert answer.status_code == 403, path


def test_a_draft_is_edited_previewed_and_published(kassa: Kassa, manager: Desk) -> None:
    assert begin(manager).headers["Location"].startswith(DRAFT)
    assert change(manager, "band", 1, 2, band="+", new_band="Центр").status_code == 303
    assert change(manager, "kind", 5, 6, kind="sofa").status_code == 303
    assert (
        change(manager, "numbers", 7, 8, number="21", number_step="2", number_from="left").status_code == 303
    )
    assert change(manager, "section", 1, 2, section="Ложа").status_code == 303
    row = [seat.ordinal for seat in draft(kassa).seats if seat.row == "8"]
    assert change(manager, "rows", *row, row="Ж", row_step="1", row_from="front").status_code == 303
    plan = draft(kassa)
    last = plan.seats[-1].ordinal
    assert change(manager, "remove", last).status_code == 303
    page = manager.plain(DRAFT)
    assert "The seats are removed." in manager.plain(DRAFT, done="remove")
    # The two of the new block are the last of the plan now.
    assert re.search(r"Centre\s*<b[^>]*>1<", page)
    preview = manager.plain(f"{DRAFT}preview")
    assert "Nothing is sold here" in preview
    assert "Row Ж, seat 1" in preview
    assert "disabled>Continue" in preview.replace("\n", "").replace("  ", "")
    assert end(manager, "publish").headers["Location"] == f"{HALL}?done=publish"
    assert versions(kassa) == [1, 2]
    page = manager.plain(HALL, done="publish")
    assert "The plan is published" in page
    assert 'value="s10"' in page
    answer = send(manager, f"{HALL}screenings", screening="s10")
    assert "1 screening moved." in manager.plain(answer.headers["Location"])
    assert expect(kassa.get("/api/v1/screenings/s10"), 200)["places"]["capacity"] == 95
    kinds = {seat.kind for seat in plan.seats}
    assert SeatKind.SOFA in kinds
    with kassa.database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert {entry.action for entry in entries} >= {
        "start_plan",
        "change_plan",
        "publish_plan",
        "move_to_plan",
    }
    assert "Seating plan published" in manager.plain("/staff/audit")


def test_a_hall_is_built_block_by_block(kassa: Kassa, manager: Desk) -> None:
    block = {
        "section": "Партер", "rows": "3", "seats": "8", "first_row": "1", "first_seat": "1", "from": "left",
        "aisles": "4", "new_band": "Стандарт",
    }  # fmt: skip
    assert begin(manager, do="build", **block).status_code == 303
    more = {**block, "section": "Балкон", "rows": "2", "first_row": "4", "from": "right", "band": "0"}
    assert send(manager, f"{DRAFT}blocks", DRAFT, **more).status_code == 303
    plan = draft(kassa)
    assert len(plan.seats) == 40
    assert [row.name for row in plan.rows] == ["1", "2", "3", "4", "5"]
    assert plan.bands == ("Стандарт",)
    assert [seat.number for seat in plan.seats if seat.row == "4"] == [str(n) for n in range(8, 0, -1)]


def test_what_is_downloaded_imports_again_to_the_same_plan(kassa: Kassa, manager: Desk) -> None:
    document = small_plan(seat_guid=ODD)
    document["zones"][0]["future_key"] = {"kept": True}
    assert upload(manager, json.dumps(document)).status_code == 303
    assert change(manager, "kind", 1, 2, kind="companion_right").status_code == 303
    published = draft(kassa)
    assert end(manager, "publish").status_code == 303
    plan = manager.get(f"{HALL}versions/2.json")
    seats = manager.get(f"{HALL}versions/2.seats.csv")
    assert plan.headers["Content-Disposition"] == 'attachment; filename="esentai-3-2.json"'
    assert '"\ufeff"' not in seats.get_data(as_text=True)
    assert upload(manager, plan.data, seats.data).status_code == 303
    assert draft(kassa) == published
    assert end(manager, "publish").status_code == 409
    assert "same plan as version 2" in plain(end(manager, "publish").get_data(as_text=True))


def test_every_fault_of_an_upload_is_shown_with_its_path(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    faulty = small_plan(seat_number=7, category="Нет <такой>")
    faulty["zones"].append({"rows": []})
    desk = staff(Role.MANAGER)
    for language, word in (("en", "A text is expected"), ("kk", "Мұнда мәтін болуы керек"), ("ru", "Здесь")):
        desk.client.set_cookie("language", language, domain="localhost")
        answer = upload(desk, json.dumps(faulty))
        page = plain(answer.get_data(as_text=True))
        assert answer.status_code == 422
        assert word in page
        for path in (
            "zones[0].rows[0].seats[0].seat_number",
            "zones[0].rows[0].seats[0].category",
            "zones[1].position",
        ):
            assert path in page
        assert "Нет <такой>" in page
        assert "<такой>" not in answer.get_data(as_text=True)
    with kassa.database.reading() as session:
        assert session.scalars(select(SeatPlan).where(SeatPlan.draft.is_(True))).all() == []


@pytest.mark.parametrize(
    ("plan", "seats", "words"),
    [
        (b"\xff\xfe", None, "not UTF-8"),
        (b"", None, "not JSON"),
        (b"[" * 100_000, None, "not JSON"),
        (b"[]", None, "An object is expected"),
        (b"\x00", None, "not JSON"),
        ("plan", "seat_guid,kind,pair_with\nnowhere,sofa,", "no such seat"),
        ("plan", "seat_guid;kind;pair_with\n", "separated by semicolons"),
        ("plan", "seat_guid,kind,pair_with\na1,bed,", "This value is not known"),
        ("plan", "seat_guid,kind,pair_with\na1,companion,", "needs the other seat"),
        ("plan", "seat_guid,kind,pair_with\na1,sofa,a2\na2,sofa,a3", "does not name this one"),
        ("plan", "seat_guid,kind,pair_with\na1,sofa,a2\na2,wheelchair,a1", "no pair"),
        ("plan", "seat_guid,kind,pair_with\n=1,sofa,", "formula"),
        ("plan", 'seat_guid,kind,pair_with\n"x', "well-formed CSV"),
        ("plan", "\x00", "column"),
        ("plan", "", "first row"),
        ("plan", "seat_guid,kind,pair_with,x\n", "no such column"),
        ("plan", "seat_guid,kind,pair_with\na1,restricted_view,\na1,sofa,", "already, in row 2"),
        ("plan", b"\xff", "not UTF-8"),
    ],
)
def test_faults_of_files_are_told(manager: Desk, plan: Any, seats: Any, words: str) -> None:
    given = json.dumps(small_plan()) if plan == "plan" else plan
    answer = upload(manager, given, seats)
    assert answer.status_code == 422
    assert words in plain(answer.get_data(as_text=True))


def test_a_huge_file_is_refused_and_a_large_one_is_read(manager: Desk) -> None:
    document = small_plan()
    seat = document["zones"][0]["rows"][0]["seats"][0]
    document["zones"][0]["rows"][0]["seats"] = [
        {**seat, "seat_guid": f"{n:05}", "uuid": "0" * 500, "position": {"x": n % 100, "y": n // 100}}
        for n in range(MAX_SEATS)
    ]
    large = json.dumps(document)
    assert len(large) > 2 * 1024 * 1024
    assert upload_whole(manager, large.encode()).status_code == 303
    assert manager.get(DRAFT).status_code == 200
    assert upload_whole(manager, b" " * (9 * 1024 * 1024)).status_code == 413


def test_no_file_is_a_fault(manager: Desk) -> None:
    answer = begin(manager, do="upload")
    assert answer.status_code == 422
    assert "Choose the plan's file" in plain(answer.get_data(as_text=True))


def test_of_two_managers_the_slower_is_told_and_sees_the_draft_as_it_is(kassa: Kassa, manager: Desk) -> None:
    begin(manager)
    hidden = Fields(manager.page(DRAFT)).sent
    late = {"csrf_token": hidden["csrf_token"][0], "seen": hidden["seen"][0], "do": "remove", "place": "1"}
    assert change(manager, "remove", 96).status_code == 303
    answer = manager.client.post(f"{DRAFT}seats", data=late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Somebody else has changed" in page
    assert " checked>" not in page.partition('class="map"')[2].partition("</form>")[0]
    assert len(draft(kassa).seats) == 95
    for do in ("publish", "discard"):
        assert manager.client.post(f"{DRAFT}end", data={**late, "do": do}).status_code == 409
    assert manager.client.post(f"{DRAFT}seats", data={**late, "seen": ""}).status_code == 409
    assert end(manager, "discard").headers["Location"] == f"{HALL}?done=discard"
    assert manager.client.post(f"{DRAFT}seats", data=late).status_code == 409
    assert manager.get(DRAFT).headers["Location"] == HALL
    assert manager.get(f"{DRAFT}preview").status_code == 404


def test_a_refusal_keeps_what_was_marked_and_typed(manager: Desk) -> None:
    begin(manager)
    answer = change(manager, "kind", 1, kind="sofa")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "These seats are left over: Row 1, seat 1" in plain(page)
    assert 'value="1" aria-label="Row 1, seat 1' in page
    assert page.count(" checked><i>") == 1
    assert '<option value="sofa" selected>' in " ".join(page.split())
    answer = change(manager, "band", band="0")
    assert answer.status_code == 422
    assert "Mark the seats first." in answer.get_data(as_text=True)


ONE_SEAT = {"rows": "1", "seats": "1", "first_row": "1", "first_seat": "1", "band": "0"}
HOSTILE = [
    ("seats", {"do": "band", "place": "1", "band": "99999"}, 422),
    ("seats", {"do": "band", "place": "1", "band": "77"}, 422),
    ("seats", {"do": "band", "place": "1", "band": "-1"}, 422),
    ("seats", {"do": "band", "place": "1", "band": "+", "new_band": "\x00 "}, 422),
    ("seats", {"do": "band", "place": "1", "band": "+", "new_band": "ж" * 5000}, 303),
    ("seats", {"do": "band", "place": "1", "band": "+", "new_band": "<script>"}, 303),
    ("seats", {"do": "kind", "place": "1", "kind": "bed"}, 422),
    ("seats", {"do": "numbers", "place": "1", "number": "9" * 400, "number_step": "1"}, 422),
    ("seats", {"do": "numbers", "place": "1", "number": "-1", "number_step": "1"}, 422),
    ("seats", {"do": "numbers", "place": "1", "number": "1", "number_step": "0"}, 422),
    ("seats", {"do": "numbers", "place": "1", "number": "١", "number_step": "1"}, 422),
    ("seats", {"do": "rows", "place": "1", "row": "", "row_step": "1"}, 422),
    ("seats", {"do": "rows", "place": ["1", "13"], "row": "А", "row_step": "1"}, 422),
    ("seats", {"do": "section", "place": "1", "section": "\ud800".encode("utf-8", "replace").decode()}, 303),
    ("seats", {"do": "remove", "place": "З-1-1"}, 422),
    ("seats", {"do": "remove", "place": "0"}, 422),
    ("seats", {"do": "remove", "place": "9999"}, 422),
    ("seats", {"do": "remove", "place": [str(n) for n in range(1, 97)]}, 422),
    ("seats", {"do": "drop table", "place": "1"}, 422),
    ("seats", {}, 422),
    ("blocks", {}, 422),
    ("blocks", {"rows": "201", "seats": "1"}, 422),
    ("blocks", {**ONE_SEAT, "rows": "200", "seats": "300"}, 422),
    ("blocks", ONE_SEAT, 303),
    ("blocks", {**ONE_SEAT, "aisles": "x"}, 422),
    ("end", {"do": "burn"}, 422),
]


@pytest.mark.parametrize(("path", "fields", "status"), HOSTILE)
def test_bad_input_never_breaks(manager: Desk, path: str, fields: dict[str, Any], status: int) -> None:
    begin(manager)
    answer = send(manager, f"{DRAFT}{path}", DRAFT, **fields)
    assert answer.status_code == status, answer.get_data(as_text=True)
    page = manager.page(DRAFT)
    assert "<script>" not in page.replace('<script type="module"', "")


def test_other_addresses_that_lead_nowhere(manager: Desk) -> None:
    for path in (f"{HALLS}nowhere/", f"{HALLS}nowhere/draft/", f"{HALL}versions/9", f"{HALL}versions/9.json",
                 f"{HALL}versions/99999999999.json", f"{HALL}versions/1.xml"):  # fmt: skip
        assert manager.get(path).status_code == 404, path
    for path in ("nowhere/draft", "nowhere/screenings", "nowhere/draft/seats", "nowhere/draft/end"):
        answer = send(manager, f"{HALLS}{path}", do="newest")
        assert answer.status_code in {404, 422}, path
    assert begin(manager, do="guess").status_code == 422
    assert send(manager, f"{HALL}screenings", screening=["s10", "x" * 5000, "\x00"]).status_code == 303
    assert begin(manager).status_code == 303
    assert begin(manager).status_code == 409
    assert manager.get(f"{HALLS}zhurgenov-theatre/draft/").status_code == 303
    assert send(manager, f"{HALLS}zhurgenov-theatre/draft", do="newest").status_code == 422
