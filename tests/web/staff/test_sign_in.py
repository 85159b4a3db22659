"""Signing in and out, who may see what, forms that only our own pages may send."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.kassa import Kassa, order_auth
from tests.web.staff.conftest import PASSWORD, Desk, Fields
from ticketing.staff.accounts import Role
from ticketing.staff.models import StaffAccount

PAGES = {
    "/boxoffice/": {Role.MANAGER, Role.BOXOFFICE},
    "/boxoffice/?q=aigerim": {Role.MANAGER, Role.BOXOFFICE},
    "/staff/scanners/": {Role.MANAGER, Role.BOXOFFICE, Role.USHER},
    "/staff/audit": {Role.MANAGER},
    "/staff/mails": {Role.MANAGER, Role.BOXOFFICE},
}
FIRST_PAGE = {
    Role.MANAGER: "/boxoffice/",
    Role.BOXOFFICE: "/boxoffice/",
    Role.USHER: "/staff/scanners/",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_comes_back(
    kassa: Kassa, staff: Callable[..., Desk], path: str
) -> None:
    stranger = Desk(kassa)
    answer = stranger.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/staff/sign-in?next=")
    wanted = Fields(stranger.page(answer.headers["Location"])).one("next")
    back = stranger.sign_in("dana", next=wanted)
    assert (back.status_code, back.headers["Location"]) == (303, path)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", PAGES)
def test_each_role_sees_its_own_pages(staff: Callable[..., Desk], path: str, role: Role) -> None:
    answer = staff(role).client.get(path)
    assert answer.status_code == (200 if role in PAGES[path] else 403)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("role", list(Role))
def test_home_is_the_first_page_that_the_role_may_see(staff: Callable[..., Desk], role: Role) -> None:
    desk = staff(role)
    assert desk.get("/staff/").headers["Location"] == FIRST_PAGE[role]
    page = desk.page(FIRST_PAGE[role])
    assert ("/staff/audit" in page) == (role is Role.MANAGER)
    assert ('href="/boxoffice/"' in page) == (role is not Role.USHER)


@pytest.mark.parametrize(("login", "password"), [("saule", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password_says_so_and_opens_nothing(
    kassa: Kassa, staff: Callable[..., Desk], login: str, password: str
) -> None:
    stranger = Desk(kassa)
    answer = stranger.sign_in(login, password)
    assert answer.status_code == 401
    assert "Login and password do not go together" in answer.get_data(as_text=True)
    assert stranger.get("/boxoffice/").status_code == 303


def test_signing_out_ends_the_session(desk: Desk) -> None:
    assert (
        desk.client.post("/staff/sign-out", data={"csrf_token": desk.token("/boxoffice/")}).status_code == 303
    )
    assert desk.get("/boxoffice/").status_code == 303


def test_the_session_is_renewed_at_sign_in(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    stranger = Desk(kassa)
    old = stranger.token()
    assert stranger.sign_in("saule").status_code == 303
    answer = stranger.client.post("/staff/sign-out", data={"csrf_token": old})
    assert answer.status_code == 400
    assert stranger.get("/boxoffice/").status_code == 200


def test_a_session_ends_after_a_shift_and_a_bit(kassa: Kassa, desk: Desk) -> None:
    kassa.clock.forward(hours=13)
    assert desk.get("/boxoffice/").status_code == 200
    kassa.clock.forward(hours=2)
    assert desk.get("/boxoffice/").status_code == 303


@pytest.mark.parametrize(
    "change", [{"disabled_at": datetime(2024, 11, 1, tzinfo=UTC)}, {"password_hash": "new"}], ids=str
)
def test_a_disabled_account_or_a_new_password_ends_living_sessions(
    kassa: Kassa, desk: Desk, change: dict[str, object]
) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(StaffAccount).where(StaffAccount.login == "saule").values(**change))
    assert desk.get("/boxoffice/").status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/boxoffice/\\..",
        "/kk/",
        "",
        "javascript:1",
    ],
)
def test_after_sign_in_nobody_is_sent_elsewhere(
    kassa: Kassa, staff: Callable[..., Desk], wanted: str
) -> None:
    stranger = Desk(kassa)
    assert stranger.sign_in("saule", next=wanted).headers["Location"] == "/staff/"
    assert stranger.get("/staff/sign-in", next=wanted).headers["Location"] == "/staff/"


def test_a_form_without_its_token_does_nothing(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy()
    form = desk.refund_form(order["order"])
    form["ticket"] = [order["tickets"][0]["ticket"]]
    form["amount"] = [str(order["tickets"][0]["price"]["minor"])]
    for token in ([], ["forged"]):
        answer = desk.refund(order["order"], {**form, "csrf_token": token})
        assert answer.status_code == 400
        assert "open for too long" in answer.get_data(as_text=True)
    paths = ("/staff/sign-out", "/staff/scanners/")
    assert [desk.client.post(path).status_code for path in paths] == [400, 400]
    assert kassa.get(f"/api/v1/orders/{order['order']}", order_auth(order)).get_json()["refunds"] == []


def test_too_many_attempts_are_held_up_where_limits_are_on(
    copy_festival: Callable[[], str], tmp_path: Path
) -> None:
    kassa = Kassa(copy_festival(), tmp_path, limits=True)
    stranger = Desk(kassa)
    seen = [stranger.sign_in("saule", "wrong").status_code for _ in range(8)]
    assert seen == [401] * 6 + [429] * 2
    assert stranger.sign_in("dana", "wrong").status_code == 401
    kassa.close()


def test_pages_speak_the_chosen_language(staff: Callable[..., Desk]) -> None:
    desk = staff(Role.MANAGER, "en")
    assert "Audit trail" in desk.page("/staff/audit")
    for language, words in {"kk": "Әрекеттер журналы", "ru": "Журнал действий"}.items():
        answer = desk.get("/staff/audit", language=language, about="x")
        assert answer.headers["Location"] == "/staff/audit?about=x"
        page = desk.page("/staff/audit")
        assert words in page
        assert f'lang="{language}"' in page
    assert desk.get("/staff/audit", language="zz").status_code == 303
    assert "Журнал действий" in desk.page("/staff/audit")
