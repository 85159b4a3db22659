"""What staff can look up: the audit trail and the mails that were kept."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.support.kassa import OPERATOR, Kassa
from tests.web.staff.conftest import Desk, Fields
from ticketing.foundation.models import MailEntry, OutboxEntry
from ticketing.foundation.outbox import MOST_ATTEMPTS, drain, emit
from ticketing.sales.effects import OrderPaid
from ticketing.staff.accounts import Role
from ticketing.staff.audit import Deed, record
from ticketing.staff.models import AuditEntry

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    """The manager's browser."""
    return staff(Role.MANAGER)


def do(kassa: Kassa, number: int, name: str = "Дана") -> None:
    """Record a deed."""
    deed = Deed(action="refund", object_kind="order", object_id=f"KX7-{number:04}", reason=NASTY)
    with kassa.database.transaction() as session:
        record(session, replace(OPERATOR, name=name), deed, kassa.clock.now())


def shown(page: str) -> list[str]:
    """Return the orders that a page of the trail tells of, in its order."""
    return [
        (values.get("href") or "").rpartition("/")[2]
        for tag, values in Fields(page).tags
        if tag == "a" and (values.get("href") or "").startswith("/boxoffice/orders/")
    ]


def older(page: str) -> str | None:
    """Return the address of the next page."""
    links = [values.get("href") or "" for tag, values in Fields(page).tags if tag == "a"]
    return next((link for link in links if link.startswith("/") and "before=" in link), None)


def test_the_trail_is_read_in_pages_newest_first(kassa: Kassa, manager: Desk) -> None:
    for number in range(120):
        kassa.clock.forward(seconds=1)
        do(kassa, number)
    path: str | None = "/staff/audit?kind=order"
    pages = []
    while path is not None:
        page = manager.page(path)
        pages.append(shown(page))
        path = older(page)
        do(kassa, 9000 + len(pages))  # what is new does not shift what is older
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [code for page in pages for code in page] == [f"KX7-{n:04}" for n in reversed(range(120))]


def test_the_trail_is_filtered_by_object_and_doer(kassa: Kassa, manager: Desk) -> None:
    for number, name in enumerate(["Дана", "Сәуле", "Сәуле"]):
        do(kassa, number, name)
    assert shown(manager.page("/staff/audit", about="KX7-0001")) == ["KX7-0001"]
    assert sorted(shown(manager.page("/staff/audit", actor="Сәуле"))) == ["KX7-0001", "KX7-0002"]
    assert shown(manager.page("/staff/audit", actor="%")) == []
    assert shown(manager.page("/staff/audit", kind="staff")) == []
    assert "Nothing fits" in manager.page("/staff/audit", about="KX7-9999")
    kassa.pairing_code()
    assert "pairing code offered" in manager.page("/staff/audit", kind="device")


def test_what_others_wrote_is_shown_as_text(kassa: Kassa, manager: Desk) -> None:
    do(kassa, 1, NASTY)
    page = manager.page("/staff/audit")
    assert NASTY not in page
    assert unescape(page).count(NASTY) == 2


def test_no_filter_breaks_the_trail(manager: Desk) -> None:
    for name in ("kind", "about", "actor", "before"):
        for value in (b"\x00", b"\xff", b"%", b"9" * 5000, b"'", "🎫".encode()):
            answer = manager.client.get("/staff/audit", query_string={name: value})
            assert answer.status_code == 200, (name, value)


def test_kept_mails_are_listed_and_read(kassa: Kassa, desk: Desk) -> None:
    assert "No mails yet" in desk.page("/staff/mails")
    order = kassa.order(kassa.hold(), name=NASTY)
    assert kassa.play(order, "approve").status_code == 200
    kassa.work()
    listed = desk.page("/staff/mails")
    assert order["order"] in listed
    assert "aigerim@example.kz" in listed
    path = next(
        urlsplit(values["href"] or "").path
        for tag, values in Fields(listed).tags
        if tag == "a" and "/staff/mails/" in (values.get("href") or "")
    )
    page = desk.page(path)
    assert f"http://kassa.test/kk/orders/{order['order']}?key={order['key']}" in page
    assert NASTY not in page
    assert NASTY in unescape(page)


def test_the_order_s_history_leads_to_its_mails(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy()
    kassa.work()
    assert 'href="/staff/mails/' in desk.page(f"/boxoffice/orders/{order['order']}")


@pytest.mark.parametrize("name", ["..%2fsecret", "..", "x", "secret.eml", "%00", "x" * 500, str(UUID(int=7))])
def test_no_other_mail_is_shown(desk: Desk, name: str) -> None:
    assert desk.get(f"/staff/mails/{name}").status_code in (303, 404)


def test_a_mail_is_sent_again_and_that_is_on_record(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy()
    kassa.work()
    with kassa.database.transaction() as session:
        mail = session.scalars(select(MailEntry)).one()
        mail.state, mail.sent_at, mail.error = "bounced", None, "550 nobody here"
        path = f"/staff/mails/{mail.id}"
    assert "Refused" in desk.page("/staff/mails?state=bounced")
    assert "No mails yet" in desk.page("/staff/mails?state=dead")
    page = desk.page(path)
    assert "ask the buyer for another" in page
    assert "550 nobody here" in page
    form = {"csrf_token": Fields(page).one("csrf_token")}
    answer = desk.client.post(f"{path}/again", data=form)
    assert (answer.status_code, urlsplit(answer.location).path) == (303, path)
    kassa.work()
    assert "550" not in desk.page(path)
    with kassa.database.reading() as session:
        assert session.scalars(select(MailEntry.state)).one() == "sent"
        deed = session.scalars(select(AuditEntry).where(AuditEntry.action == "send_mail_again")).one()
        assert (deed.object_kind, deed.object_id) == ("order", order["order"])
    assert f"http://kassa.test/kk/orders/{order['order']}?key={order['key']}" in page


def test_mails_are_found_by_address_and_order(kassa: Kassa, desk: Desk) -> None:
    first, second = kassa.buy(), kassa.buy()
    kassa.work()
    assert second["order"] not in desk.page(f"/staff/mails?about={first['order'].lower()}")
    assert second["order"] in desk.page("/staff/mails?about=aigerim@")
    assert "No mails yet" in desk.page("/staff/mails?about=%25")


def test_what_was_given_up_is_shown(kassa: Kassa, desk: Desk) -> None:
    with kassa.database.transaction() as session:
        emit(session, OrderPaid(NASTY), kassa.clock.now())

    def fail(_payload: object) -> None:
        raise ValueError(NASTY)

    for _ in range(MOST_ATTEMPTS):
        kassa.clock.forward(hours=2)
        drain(kassa.database, {"order_paid": fail}, kassa.clock.now())
    assert desk.sign_in("saule").status_code == 303
    page = desk.page("/staff/mails")
    assert "tried ten times" in page
    assert NASTY not in page
    assert f"ValueError: {NASTY}" in unescape(page)
    with kassa.database.reading() as session:
        entry = session.scalars(select(OutboxEntry.id).where(OutboxEntry.dead_at.is_not(None))).one()
    path = f"/staff/mails/effects/{entry}/again"
    form = {"csrf_token": Fields(page).sent["csrf_token"][0]}
    answer = desk.client.post(path, data=form)
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/staff/mails")
    page = desk.page(answer.location)
    assert "It will be tried again in a moment." in page
    assert "tried ten times" not in page
    assert desk.client.post(path, data=form).status_code == 404


def test_with_a_mail_server_a_buyers_links_stay_the_buyers(
    copy_festival: Callable[[], str], tmp_path: Path, staff: Callable[..., Desk]
) -> None:
    desk = staff()
    order = desk.kassa.buy()
    desk.kassa.work()
    kassa = Kassa(desk.kassa.settings.database_url, tmp_path / "other", smtp_url="smtp://localhost:2525")
    kassa.runtime = replace(kassa.runtime, vault=desk.kassa.runtime.vault)
    kassa.app.extensions["kassa"] = kassa.runtime
    other = Desk(kassa)
    assert other.sign_in("saule").status_code == 303
    listed = other.page("/staff/mails")
    path = next(
        urlsplit(values["href"] or "").path
        for tag, values in Fields(listed).tags
        if tag == "a" and "/staff/mails/" in (values.get("href") or "")
    )
    page = other.page(path)
    assert f"/kk/orders/{order['order']}?key=…" in page
    assert order["key"] not in page
    kassa.close()
