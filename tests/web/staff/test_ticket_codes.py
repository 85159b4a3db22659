"""Managers' pages of ticket codes: the switch, the keys, a leak."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.support.kassa import Kassa, programme_with
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.models import Festival
from ticketing.foundation.actor import SYSTEM
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

CODES = "/staff/ticket-codes/"
KEY = f"{CODES}0"


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    return staff(Role.MANAGER)


def send(desk: Desk, path: str = CODES, **form: str) -> tuple[int, str]:
    """Send a form; return the status and the page that comes of it, as it is read."""
    token = Fields(desk.page(CODES)).one("csrf_token")
    answer = desk.client.post(path, data={"csrf_token": token, "reason": "by the board", **form})
    if answer.status_code == 303:
        return 303, desk.plain(answer.headers["Location"])
    return answer.status_code, plain(answer.get_data(as_text=True))


def deeds(kassa: Kassa) -> list[tuple[str, str, str]]:
    with kassa.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_name == "Dana <b>"))
        return [(entry.action, entry.object_id, entry.reason) for entry in entries]


def test_a_manager_switches_and_the_first_key_signs_at_once(kassa: Kassa, manager: Desk) -> None:
    assert "No keys yet" in manager.plain(CODES)
    status, page = send(manager, do="signed")
    assert (status, "Signs now" in page, "but no key signs" in page) == (303, True, False)
    assert kassa.buy("s06", 1)["tickets"][0]["code"].startswith("K2")
    status, page = send(manager, do="publish")
    assert (status, "Next" in page) == (303, True)
    assert send(manager, do="opaque")[0] == 303
    assert kassa.buy("s06", 1)["tickets"][0]["code"].startswith("K1")
    assert deeds(kassa) == [
        ("set_ticket_code", "eurasia-17", "by the board"),
        ("publish_key", "0", "by the board"),
        ("publish_key", "1", "by the board"),
        ("set_ticket_code", "eurasia-17", "by the board"),
    ]


def test_what_staff_chose_the_files_leave_alone(kassa: Kassa, manager: Desk) -> None:
    send(manager, do="signed")
    with kassa.database.transaction() as session:
        report = apply_programme(session, programme_with({"s06"}), SYSTEM, kassa.clock.now())
        assert session.scalars(select(Festival.ticket_code)).one() == "signed"
    assert ("eurasia-17", "ticket_code", "signed", "opaque") in report.conflicts


def test_a_leaked_key_is_revoked_and_its_tickets_are_reissued(kassa: Kassa, manager: Desk) -> None:
    send(manager, do="signed")
    order = kassa.buy("s06", 2)
    status, page = send(manager, KEY, do="reissue")
    assert (status, "Revoke the key first" in page) == (409, True)
    status, page = send(manager, KEY, do="revoke", confirm="7")
    assert (status, "by the board" in manager.plain(KEY)) == (422, False)
    status, page = send(manager, KEY, do="revoke", confirm="0")
    assert (status, "Reissue 2 tickets" in page) == (303, True)
    assert "but no key signs" in manager.plain(CODES)
    status, page = send(manager, KEY, do="reissue")
    assert (status, "being reissued" in page) == (303, True)
    kassa.work()
    assert "Nothing is left" in manager.plain(KEY)
    assert [one["code"][:2] for one in kassa.read(order)["tickets"]] == ["K1", "K1"]


def test_a_key_is_retired_once(manager: Desk) -> None:
    send(manager, do="signed")
    status, page = send(manager, KEY, do="retire")
    assert (status, "It signs no more" in page) == (303, True)
    status, page = send(manager, KEY, do="retire")
    assert (status, "ended already" in page) == (409, True)
    assert send(manager, KEY, do="revoke", confirm="0")[0] == 303


def test_what_is_wrong_is_said(manager: Desk) -> None:
    assert send(manager, do="signed", reason=" ")[0] == 422
    assert send(manager, do="other")[0] == 422
    assert manager.get(f"{CODES}3").status_code == 404
    assert send(manager, f"{CODES}3", do="retire")[0] == 404
    for _ in range(4):
        assert send(manager, do="publish")[0] == 303
    status, page = send(manager, do="publish", reason="one more")
    assert (status, "4 keys at most" in page) == (409, True)


@pytest.mark.parametrize("role", [Role.BOXOFFICE, Role.USHER])
def test_only_managers_see_it(staff: Callable[..., Desk], role: Role) -> None:
    desk = staff(role)
    assert desk.get(CODES).status_code == 403
    assert "ticket-codes" not in desk.page("/staff/scanners/")
