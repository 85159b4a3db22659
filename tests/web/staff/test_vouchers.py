"""Staff's pages of vouchers: who may do what, the form, the codes, the uses."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect, order_body
from tests.web.staff.conftest import Desk, Fields
from ticketing.sales.voucher_models import VoucherCode, VoucherSeries
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

FORM = {
    "name": "Press <b>",
    "reason": "journalists",
    "kind": "percent",
    "value": "50",
    "codes": "3",
    "uses_per_code": "2",
    "prefix": "press",
    "budget_minor": "100 000",
    "screenings": ["s06"],
}


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    return staff(Role.MANAGER)


def make(desk: Desk, **changed: object) -> Json:
    fields = Fields(desk.page("/boxoffice/vouchers/new"))
    form = {"csrf_token": fields.one("csrf_token"), "form_key": fields.one("form_key"), **FORM, **changed}
    return {"answer": desk.client.post("/boxoffice/vouchers/", data=form), "form": form}


def codes(kassa: Kassa) -> list[str]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(VoucherCode.code)))


def test_a_manager_makes_a_series_once(manager: Desk, kassa: Kassa) -> None:
    made = make(manager)
    assert made["answer"].status_code == 303
    again = manager.client.post("/boxoffice/vouchers/", data=made["form"])
    assert again.location == made["answer"].location
    page = manager.plain(made["answer"].location)
    assert "The vouchers are made." in page
    assert "Press <b>" in page
    assert len(codes(kassa)) == 3
    assert all(code.startswith("PRESS") for code in codes(kassa))
    with kassa.database.reading() as session:
        series = session.scalars(select(VoucherSeries)).one()
        assert (series.budget_minor, series.screenings) == (10_000_000, ["s06"])
        deeds = session.scalars(select(AuditEntry).where(AuditEntry.action == "make_vouchers")).all()
        assert [(deed.reason, deed.actor_name) for deed in deeds] == [("journalists", "Dana <b>")]


def test_a_gift_shows_what_each_code_has_left(manager: Desk, kassa: Kassa) -> None:
    made = make(manager, kind="gift", value="5000", uses_per_code="", budget_minor="")
    assert made["answer"].status_code == 303
    page = manager.plain(made["answer"].location)
    assert page.count("5 000 ₸ left") == 3
    code = codes(kassa)[0]
    body = {**order_body(kassa.hold("s06", 1)), "vouchers": [code]}
    expect(kassa.post("/api/v1/orders", body), 201)
    assert "2 500 ₸ left" in manager.plain(made["answer"].location)
    table = manager.client.get(f"{urlsplit(made['answer'].location).path}/codes.csv").get_data(as_text=True)
    assert sorted(line.split(",")[-1] for line in table.split()[1:]) == ["2500", "5000", "5000"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "Name of the series"),
        ({"kind": "x"}, "What it does"),
        ({"value": "101"}, "Per cent, or tenge"),
        ({"value": "-1"}, "Per cent, or tenge"),
        ({"kind": "free"}, ""),
        ({"codes": "5001"}, "Number of codes"),
        ({"codes": "9" * 30}, "Number of codes"),
        ({"uses_per_code": "0"}, "Orders for each code"),
        ({"prefix": "ПРЕССА"}, "Beginning of the codes"),
        ({"valid_from": "2024-12-01T10:00", "valid_until": "2024-11-30T10:00"}, "Valid until"),
        ({"valid_until": "soon"}, "Valid until"),
        ({"budget_uses": "٣"}, "Most orders together"),
        ({"screenings": ["nowhere"]}, "Screenings"),
        ({"reason": " "}, "Give a reason"),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(
    manager: Desk, kassa: Kassa, changed: dict[str, object], field: str
) -> None:
    answer = make(manager, **changed)["answer"]
    if not field:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert field in answer.get_data(as_text=True)
    assert codes(kassa) == []


def test_the_codes_come_as_a_table_for_managers_alone(staff: Callable[..., Desk]) -> None:
    manager = staff(Role.MANAGER)
    page = make(manager)["answer"].location.partition("?")[0]
    table = manager.get(f"{page}/codes.csv")
    assert table.content_type == "text/csv; charset=utf-8"
    rows = table.get_data(as_text=True).split("\r\n")
    assert rows[0] == "code,uses,uses_allowed"
    assert len(rows) == 5
    assert rows[1].endswith(",0,2")
    other = Desk(manager.kassa)
    other.sign_in("saule")
    assert other.get(page).status_code == 200
    assert other.get(f"{page}/codes.csv").status_code == 403
    assert other.get("/boxoffice/vouchers/new").status_code == 403
    form = {"csrf_token": Fields(other.page("/boxoffice/vouchers/")).sent.get("csrf_token", [""])[0]}
    assert other.client.post(f"{page}/stop", data=form).status_code in (400, 403)


def test_a_code_is_found_however_it_is_typed(manager: Desk, kassa: Kassa) -> None:
    make(manager)
    code = codes(kassa)[1]
    answer = manager.get("/boxoffice/vouchers/", code=f"press {code[5:9]} {code[9:]}".lower())
    assert answer.status_code == 303
    assert codes(kassa)[0][-4:] not in manager.plain(answer.location)
    assert "There is no such voucher" in manager.plain("/boxoffice/vouchers/", code="PRESS-0000-0000")


def test_uses_are_shown_stopped_and_given_back(manager: Desk, kassa: Kassa) -> None:
    page = make(manager, kind="free", value="")["answer"].location.partition("?")[0]
    order = expect(
        kassa.post("/api/v1/orders", {**order_body(kassa.hold("s06", 1)), "vouchers": [codes(kassa)[0]]}), 201
    )
    shown = manager.plain(page)
    assert order["order"] in shown
    assert "Give the use back" not in shown

    token = Fields(manager.page(page)).one("csrf_token")
    missing = manager.client.post(f"{page}/stop", data={"csrf_token": token, "reason": ""})
    assert missing.status_code == 422
    stopped = manager.client.post(f"{page}/stop", data={"csrf_token": token, "reason": "leaked"})
    assert "no more orders" in manager.plain(stopped.location)
    again = manager.client.post(f"{page}/stop", data={"csrf_token": token, "reason": "leaked"})
    assert again.status_code == 409

    expect(kassa.refund(order, kassa.staff()), 201)
    assert "Give the use back" in manager.plain(page)
    back = manager.client.post(
        f"{page}/uses/{order['order']}", data={"csrf_token": token, "reason": "our mistake"}
    )
    assert "given back" in manager.plain(back.location)
    assert kassa.broken_invariants() == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_pages_speak_the_language(staff: Callable[..., Desk], language: str) -> None:
    desk = staff(Role.MANAGER, language)
    page = make(desk)["answer"].location
    for path in ("/boxoffice/vouchers/", "/boxoffice/vouchers/new", page):
        words = desk.plain(path)
        assert "Промокод" in words
        assert "Voucher" not in words
