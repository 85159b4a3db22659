"""Refund rules, changed films and cancelled screenings on the staff's pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect, order_auth, programme_with
from tests.support.refunding import bank_refuses, matters, taken_back
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.boxoffice.programme import apply_programme
from ticketing.catalogue.models import Festival, Screening
from ticketing.foundation.actor import SYSTEM
from ticketing.sales.cancelling import refund_cancelled
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

RULES = "/boxoffice/refund-rules/"
RULE: Json = {
    "self_service": "1",
    "until_hours": "3",
    "fee_percent": "10",
    "fee": "200",
    "reason": "by the board",
}


@pytest.fixture
def manager(staff: Callable[..., Desk]) -> Desk:
    return staff(Role.MANAGER)


def send(desk: Desk, path: str, **form: object) -> tuple[int, str]:
    """Send a form; return the status and the page that comes of it, as it is read."""
    token = Fields(desk.page(RULES)).one("csrf_token")
    answer = desk.client.post(path, data={"csrf_token": token, **form})
    if answer.status_code == 303:
        return 303, desk.plain(answer.headers["Location"])
    return answer.status_code, plain(answer.get_data(as_text=True))


def deeds(kassa: Kassa) -> list[tuple[str, str, str]]:
    with kassa.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_name == "Dana <b>"))
        return [(entry.action, entry.object_id, entry.reason) for entry in entries]


def give_back(kassa: Kassa, order: Json) -> Json:
    return expect(kassa.post(f"/api/v1/orders/{order['order']}/returns", {}, order_auth(order)), 201)


def sweep(kassa: Kassa) -> None:
    """Do what the worker does about cancelled screenings."""
    while refund_cancelled(kassa.database, kassa.clock.now()):
        continue
    kassa.work()


def test_the_festival_s_rule_is_set_and_holds(kassa: Kassa, manager: Desk) -> None:
    status, page = send(manager, RULES, **RULE)
    assert status == 303
    assert "Up to 3 hours before the start, kept of each ticket: 10 % + 200 ₸" in page
    order = kassa.buy("s06", 1)
    assert give_back(kassa, order)["fee"]["minor"] == 45_000
    assert deeds(kassa) == [("set_refund_policy", "eurasia-17", "by the board")]


def test_files_do_not_take_the_rule_back(kassa: Kassa, manager: Desk) -> None:
    send(manager, RULES, **RULE)
    with kassa.database.transaction() as session:
        programme = programme_with({"s06"})
        changed = replace(programme, festival=replace(programme.festival, refund_until_hours=48))
        report = apply_programme(session, changed, SYSTEM, kassa.clock.now())
        festival = session.scalars(select(Festival)).one()
        assert (festival.refund_until_hours, festival.refund_fee_percent) == (3, 10)
    assert [line[1:] for line in report.conflicts if line[1].startswith("refund")] == [
        ("refund_fee_percent", "10", "0"),
        ("refund_until_hours", "3", "48"),
    ]


def test_a_screening_has_a_rule_of_its_own_and_gives_it_back(kassa: Kassa, manager: Desk) -> None:
    status, page = send(manager, f"{RULES}s06", do="own", **RULE)
    assert status == 303
    assert "Saved. It holds for tickets that were sold before, too." in page
    order, other = kassa.buy("s06", 2), kassa.buy("s07", 1)
    assert give_back(kassa, other)["fee"]["minor"] == 0
    first = {"tickets": [order["tickets"][0]["ticket"]]}
    path = f"/api/v1/orders/{order['order']}/returns"
    assert expect(kassa.post(path, first, order_auth(order)), 201)["fee"]["minor"] == 45_000
    kassa.clock.forward(seconds=1)
    assert send(manager, f"{RULES}s06", do="festival", reason="agreed")[0] == 303
    assert give_back(kassa, order)["fee"]["minor"] == 0
    assert [deed[2] for deed in deeds(kassa)] == ["by the board", "agreed"]


@pytest.mark.parametrize(
    "changed",
    [
        {"until_hours": "x"}, {"until_hours": "745"}, {"fee_percent": "101"}, {"fee_percent": "-1"},
        {"fee": "9" * 12}, {"fee": "1.5"}, {"reason": " "}, {"do": "x"}, {"do": ""},
    ],
)  # fmt: skip
def test_bad_input_changes_nothing(kassa: Kassa, manager: Desk, changed: Json) -> None:
    before = kassa.fingerprint()
    status, _ = send(manager, f"{RULES}s06", **{"do": "own", **RULE, **changed})
    assert status == 422
    if "do" not in changed:
        assert send(manager, RULES, **{**RULE, **changed})[0] == 422
    assert kassa.fingerprint() == before


def test_a_changed_film_is_marked_and_the_mark_taken_back(kassa: Kassa, manager: Desk) -> None:
    send(manager, RULES, **{**RULE, "self_service": ""})
    order = kassa.buy("s06", 1)
    status, page = send(manager, f"{RULES}s06", do="film_changed", reason="print lost")
    assert status == 303
    assert "Buyers can return their tickets in full." in page
    assert give_back(kassa, order)["fee"]["minor"] == 0
    kassa.clock.forward(seconds=1)
    assert send(manager, f"{RULES}s06", do="film_same", reason="found")[0] == 303
    with kassa.database.reading() as session:
        assert session.scalars(select(Screening.film_changed_at).where(Screening.code == "s06")).one() is None


def test_a_cancelled_screening_is_refunded_whole_by_itself(kassa: Kassa, manager: Desk) -> None:
    paid, mixed = kassa.buy("s06", 3), kassa.order(kassa.hold("s06", 1), kassa.hold("s07", 1))
    kassa.play(mixed, "approve")
    waiting = kassa.order(kassa.hold("s06", 1))
    free = kassa.buy("s05", 1)
    assert send(manager, f"{RULES}s06", do="cancel", reason="fire", confirm="s07")[0] == 422
    status, page = send(manager, f"{RULES}s06", do="cancel", reason="fire", confirm="s06")
    assert status == 303
    assert "Tickets refunded: 0 of 4" in page
    assert 'data-renew="3"' in page
    # Whoever pays before the page at the bank is closed gets the money back too.
    kassa.play(waiting, "approve")
    sweep(kassa)
    assert kassa.read(paid)["status"] == "refunded"
    left = kassa.read({**mixed, "key": mixed["key"]})
    assert sorted(ticket["status"] for ticket in left["tickets"]) == ["valid", "void"]
    assert kassa.read(waiting)["status"] == "refunded"
    page = manager.plain(f"{RULES}s06")
    assert "Tickets refunded: 5 of 5" in page
    assert "Every ticket that could be refunded is." in page
    assert taken_back(kassa) == 5 * 250_000
    send(manager, f"{RULES}s05", do="cancel", reason="fire", confirm="s05")
    sweep(kassa)
    assert kassa.read(free)["status"] == "refunded"
    subjects = " ".join(kassa.mails())
    # Tickets to come with (two orders), that it is off (four), money on its way (three: one was free).
    assert subjects.count("Subject:") == 2 + 4 + 3
    assert send(manager, f"{RULES}s06", do="cancel", reason="again", confirm="s06")[0] == 409


def test_refunds_that_fail_are_counted_and_lead_to_the_decision(kassa: Kassa, manager: Desk) -> None:
    kassa.buy("s06", 2)
    send(manager, f"{RULES}s06", do="cancel", reason="fire", confirm="s06")
    with bank_refuses():
        sweep(kassa)
    assert "1 refund did not go through: decide" in manager.plain(f"{RULES}s06")
    assert matters(kassa) == [("refund_failed", 500_000)]


def test_used_tickets_stay_for_staff(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    order = kassa.buy("s06", 2)
    kassa.open_doors()
    assert kassa.scan(kassa.device("esentai"), order["tickets"][0]["code"])["verdict"] == "admit"
    manager = staff(Role.MANAGER)
    send(manager, f"{RULES}s06", do="cancel", reason="power cut", confirm="s06")
    sweep(kassa)
    assert sorted(ticket["status"] for ticket in kassa.read(order)["tickets"]) == ["valid", "void"]
    assert "1 ticket was used at the door" in manager.plain(f"{RULES}s06")


def test_the_box_office_sees_but_changes_nothing(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    desk = staff()
    assert not [
        tag for tag, values in Fields(desk.page(f"{RULES}s06")).tags if values.get("name") == "reason"
    ]
    before = kassa.fingerprint()
    token = desk.token("/boxoffice/")
    for path in (RULES, f"{RULES}s06"):
        answer = desk.client.post(path, data={"csrf_token": token, "do": "own", **RULE})
        assert answer.status_code == 403
    assert kassa.fingerprint() == before
    assert desk.get(f"{RULES}nothing").status_code == 404
