"""The page of undecided money: what happened in words, what can be decided, once, with a trail."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, Kassa
from tests.support.refunding import (
    bank_refuses,
    capture_other_amount,
    matter_id,
    matters,
    refunds_of,
    taken_back,
)
from tests.web.staff.conftest import Desk, Fields, plain
from ticketing.foundation.ids import new_id
from ticketing.sales.affair_models import Dispute
from ticketing.sales.matters import Matter, open_matter
from ticketing.sales.models import Order, Payment
from ticketing.sales.payments.port import RefundState, RefundStatus
from ticketing.sales.refund_ends import record_outside_refund
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry

PAGE = "/boxoffice/money/"


def decide(desk: Desk, do: str, reason: str = "", **more: object) -> tuple[int, str]:
    """Press a button of the only matter; return the status and the page that comes of it."""
    token = Fields(desk.page(PAGE)).one("csrf_token")
    form = {"csrf_token": token, "do": do, "reason": reason, **more}
    answer = desk.client.post(f"{PAGE}{matter_id(desk.kassa)}", data=form)
    if answer.status_code == 303:
        return 303, desk.plain(answer.headers["Location"])
    return answer.status_code, plain(answer.get_data(as_text=True))


def failed(kassa: Kassa) -> Json:
    order = kassa.buy("s06", 1)
    with bank_refuses():
        assert kassa.refund(order, kassa.staff()).status_code == 201
    return order


def deeds(kassa: Kassa) -> list[tuple[str, str]]:
    with kassa.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_name == "Saule <b>"))
        return [(entry.action, entry.reason) for entry in entries]


def put(kassa: Kassa, kind: str, order: Json | None = None) -> None:
    with kassa.database.transaction() as session:
        order_id = session.scalar(select(Order.id).where(Order.code == order["order"])) if order else None
        matter = Matter(
            gateway="demo", kind=kind, subject="x_1", amount_minor=250_000, currency="KZT", order_id=order_id
        )
        open_matter(session, matter, kassa.clock.now())


def test_normally_it_is_empty_and_says_so(desk: Desk) -> None:
    page = desk.page(PAGE)
    assert "Nothing to decide." in page
    assert "Every amount has its tickets." in page


def test_a_failed_refund_is_tried_again_at_once(kassa: Kassa, desk: Desk) -> None:
    order = failed(kassa)
    page = desk.plain(PAGE)
    assert "2 500 ₸ is still owed to the buyer. The bank's reason: card_closed." in page
    assert order["order"] in page
    status, page = decide(desk, "retry")
    assert (status, matters(kassa)) == (303, [])
    assert "The bank was asked again." in page
    assert refunds_of(kassa, order)[0].status == "done"
    assert deeds(kassa) == [("retry_refund", "")]


def test_a_failed_refund_is_paid_in_cash_with_a_reason(kassa: Kassa, desk: Desk) -> None:
    order = failed(kassa)
    status, page = decide(desk, "cash")
    assert status == 422
    assert "Give a reason" in page
    status, page = decide(desk, "cash", "card closed, passport seen")
    assert status == 303
    assert refunds_of(kassa, order)[0].method == "cash"
    assert deeds(kassa) == [("refund_in_cash", "card closed, passport seen")]
    assert "Paid in cash: 2 500 ₸" in desk.plain(f"/boxoffice/orders/{order['order']}")


def test_money_set_aside_is_accepted_or_given_back(kassa: Kassa, desk: Desk) -> None:
    order = kassa.order(kassa.hold("s06", 1))
    capture_other_amount(kassa, order, 260_000)
    assert "2 600 ₸ came in, the order costs 2 500 ₸." in desk.plain(PAGE)
    assert decide(desk, "accept")[0] == 303
    kassa.work()
    assert kassa.read(order)["status"] == "paid"
    other = kassa.order(kassa.hold("s06", 1))
    capture_other_amount(kassa, other, 100)
    assert decide(desk, "accept")[0] == 409
    assert decide(desk, "back", "too little")[0] == 303
    kassa.work()
    assert taken_back(kassa) == 10_000 + 100
    assert deeds(kassa) == [("accept_parked", ""), ("return_parked", "too little")]


def test_a_refund_made_at_the_bank_is_matched_with_tickets(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy("s06", 2)
    with kassa.database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        made = RefundStatus(state=RefundState.DONE, name="re_1", amount_minor=200_000, currency="KZT")
        record_outside_refund(session, payment.id, made, kassa.clock.now())
    assert decide(desk, "tickets")[0] == 409
    assert decide(desk, "tickets", ticket=["x"])[0] == 422
    first = order["tickets"][0]["ticket"]
    status, page = decide(desk, "tickets", "by phone", ticket=[first])
    assert status == 303
    assert "The tickets are void, the books agree." in page
    read = kassa.read(order)
    assert {ticket["ticket"]: ticket["status"] for ticket in read["tickets"]}[first] == "void"
    assert [(one["fee"]["minor"], one["tickets"]) for one in read["refunds"]] == [(50_000, [first])]


def test_a_refund_at_the_bank_for_no_ticket_is_written_off_with_a_reason(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy("s06", 1)
    with kassa.database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        made = RefundStatus(state=RefundState.DONE, name="re_1", amount_minor=50_000, currency="KZT")
        record_outside_refund(session, payment.id, made, kassa.clock.now())
    assert decide(desk, "close", "x")[0] == 409
    assert decide(desk, "loss")[0] == 422
    status, page = decide(desk, "loss", "the film broke")
    assert status == 303
    assert "Booked as a loss." in page
    assert deeds(kassa) == [("write_off_outside", "the film broke")]
    assert [ticket["status"] for ticket in kassa.read(order)["tickets"]] == ["valid"]


def test_a_warning_of_fraud_is_answered_with_a_refund(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy("s06", 2)
    put(kassa, "early_fraud_warning", order)
    status, page = decide(desk, "refund")
    assert status == 303
    assert "Early warning of fraud" in page
    assert kassa.read(order)["status"] == "refunded"
    assert taken_back(kassa) == order["total"]["minor"]


@pytest.mark.parametrize(
    "kind",
    [
        "unknown_session",
        "unknown_dispute",
        "payout_differs",
        "payout_failed",
        "refund_twice",
        "refund_differs",
        "dispute_lost",
    ],
)
def test_what_is_seen_to_at_the_bank_is_closed_with_a_reason(kassa: Kassa, desk: Desk, kind: str) -> None:
    put(kassa, kind)
    assert kind not in desk.page(PAGE)
    assert decide(desk, "close")[0] == 422
    status, page = decide(desk, "close", "seen to <b>")
    assert status == 303
    assert "seen to <b>" in page
    assert deeds(kassa) == [("decide_matter", "seen to <b>")]


def test_an_open_dispute_is_told_with_its_day(kassa: Kassa, desk: Desk) -> None:
    order = kassa.buy("s06", 1)
    with kassa.database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        about = {"gateway": "demo", "name": "dp_1", "payment_id": payment.id, "order_id": payment.order_id}
        now = kassa.clock.now()
        session.add(
            Dispute(
                **about, state="open", amount_minor=250_000, withdrawn_minor=0, currency="KZT", reason="x",
                due_by=now, opened_at=now,
            )
        )  # fmt: skip
    page = desk.plain(PAGE)
    assert order["order"] in page
    assert "Answer the bank by:" in page


def test_what_somebody_else_has_decided_changes_nothing(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    failed(kassa)
    saule, dana = staff(), staff(Role.MANAGER)
    matter = matter_id(kassa)
    assert decide(saule, "retry")[0] == 303
    form = {"csrf_token": dana.token("/boxoffice/"), "do": "cash", "reason": "closed"}
    before = kassa.fingerprint()
    for path in (f"{PAGE}{matter}", f"{PAGE}{new_id(kassa.clock.now())}"):
        answer = dana.client.post(path, data=form)
        assert answer.status_code == 409
        assert "decided meanwhile" in answer.get_data(as_text=True)
    assert kassa.fingerprint() == before


@pytest.mark.parametrize("changed", [{"do": ""}, {"do": "\x00"}, {"do": "close"}, {"do": "accept"}])
def test_a_decision_that_is_not_open_changes_nothing(kassa: Kassa, desk: Desk, changed: Json) -> None:
    failed(kassa)
    assert decide(desk, str(changed["do"]), "because")[0] == 409
    assert len(matters(kassa)) == 1


def test_an_usher_sees_nothing_of_it(staff: Callable[..., Desk]) -> None:
    assert staff(Role.USHER).get(PAGE).status_code == 403
