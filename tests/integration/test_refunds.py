"""Refunds in cash, from several payments, failing, tried again; money set aside."""

from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect, expect_problem
from tests.support.late import leave_only
from tests.support.refunding import (
    bank_refuses,
    capture_other_amount,
    matter_id,
    matters,
    pay_in_two,
    refunds_of,
    taken_back,
)
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import NotFoundError
from ticketing.sales.cancelling import cancel_screening
from ticketing.sales.deciding import accept_parked, return_parked
from ticketing.sales.errors import ParkedMoneyError, RefundNotFailedError
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund
from ticketing.sales.models import LedgerLine, Payment
from ticketing.sales.payments.port import RefundState, RefundStatus
from ticketing.sales.refund_ends import EARLIER, record_refund_status
from ticketing.staff.accounts import Role
from ticketing.staff.errors import ReasonRequiredError

CLERK = Actor(kind=ActorKind.STAFF, name="Сәуле", role="boxoffice")


def account(kassa: Kassa, name: str) -> int:
    with kassa.database.reading() as session:
        return sum(session.scalars(select(LedgerLine.amount_minor).where(LedgerLine.account == name)))


def failed(kassa: Kassa) -> Json:
    """Return an order whose one ticket's refund the bank has refused."""
    order = kassa.buy("s06", 1)
    with bank_refuses():
        refund = expect(kassa.refund(order, kassa.staff()), 201)
    assert refund["status"] == "failed"
    return order


def retry(kassa: Kassa, order: Json) -> None:
    with kassa.database.transaction() as session:
        retry_refund(session, refunds_of(kassa, order)[0].id, CLERK, kassa.clock.now())


def hand_out(kassa: Kassa, order: Json, reason: str = "card closed") -> None:
    with kassa.database.transaction() as session:
        pay_in_cash(session, refunds_of(kassa, order)[0].id, reason, CLERK, kassa.clock.now())


def say(kassa: Kassa, order: Json, state: RefundState, attempt: int) -> str:
    """Let the bank say something of the refund, as an answer to an attempt."""
    status = RefundStatus(state=state, attempt=attempt, failure="late" if state == "failed" else "")
    with kassa.database.transaction() as session:
        return record_refund_status(session, refunds_of(kassa, order)[0].id, status, kassa.clock.now())


def test_cash_is_done_at_once_and_leaves_the_till(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    ticket = order["tickets"][0]
    price = ticket["price"]["minor"]
    fee = {"minor": 50_000, "currency": "KZT"}
    wanted = {"tickets": [ticket["ticket"]], "method": "cash", "fee": fee}
    refund = expect(kassa.refund(order, kassa.staff(), **wanted), 201)
    assert (refund["status"], refund["method"]) == ("done", "cash")
    assert account(kassa, "cash") == 50_000 - price
    assert account(kassa, "gateway") == order["total"]["minor"]
    assert taken_back(kassa) == 0
    kassa.work()
    assert sum("Қолма-қол" in _text(mail) for mail in kassa.mails()) == 1
    expect(kassa.refund(order, kassa.staff()), 201)
    assert taken_back(kassa) == price


def test_an_order_of_two_payments_is_refunded_from_both(kassa: Kassa) -> None:
    order = kassa.buy("s06", 3)
    total = order["total"]["minor"]
    pay_in_two(kassa, order, total // 2)
    staff = kassa.staff()
    first = expect(kassa.refund(order, staff, tickets=[order["tickets"][0]["ticket"]]), 201)
    assert len(first["parts"]) == 1
    rest = expect(kassa.refund(order, staff, fee={"minor": 10_000, "currency": "KZT"}), 201)
    assert rest["amount"]["minor"] == total - total // 3 - 10_000
    assert [part["amount"]["minor"] for part in rest["parts"]] == [
        total // 2 - total // 3,
        total // 2 - 10_000,
    ]
    assert (rest["status"], rest["fee"]["minor"]) == ("done", 10_000)
    read = kassa.read(order)
    assert (read["status"], len(read["refunds"])) == ("refunded", 2)
    assert taken_back(kassa) == total - 10_000


def test_a_part_that_fails_is_the_whole_refund_s_state(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    pay_in_two(kassa, order, order["total"]["minor"] // 4)
    with bank_refuses():
        refund = expect(kassa.refund(order, kassa.staff()), 201)
    assert (refund["status"], len(matters(kassa))) == ("failed", 2)
    for row in refunds_of(kassa, order):
        with kassa.database.transaction() as session:
            retry_refund(session, row.id, CLERK, kassa.clock.now())
    kassa.work()
    assert kassa.read(order)["refunds"][0]["status"] == "done"
    assert matters(kassa) == []


def test_a_failed_refund_is_paid_in_cash(kassa: Kassa) -> None:
    order = failed(kassa)
    total = order["total"]["minor"]
    assert account(kassa, "refunds_owed") == -total
    assert matters(kassa) == [("refund_failed", total)]
    with pytest.raises(ReasonRequiredError):
        hand_out(kassa, order, "  ")
    hand_out(kassa, order)
    assert (account(kassa, "cash"), account(kassa, "refunds_owed")) == (-total, 0)
    assert matters(kassa) == []
    for again in (hand_out, retry):
        with pytest.raises(RefundNotFailedError):
            again(kassa, order)


def test_a_late_success_of_what_was_paid_in_cash_is_for_staff_to_see(kassa: Kassa) -> None:
    order = failed(kassa)
    hand_out(kassa, order)
    assert say(kassa, order, RefundState.DONE, 1) == EARLIER
    assert matters(kassa) == [("refund_twice", order["total"]["minor"])]
    assert account(kassa, "gateway") == order["total"]["minor"]
    assert say(kassa, order, RefundState.FAILED, 1) == EARLIER
    assert refunds_of(kassa, order)[0].method == "cash"


def test_words_on_an_earlier_attempt_change_nothing_of_the_new_one(kassa: Kassa) -> None:
    order = failed(kassa)
    retry(kassa, order)
    assert say(kassa, order, RefundState.FAILED, 1) == EARLIER
    assert refunds_of(kassa, order)[0].status == "pending"
    assert matters(kassa) == []
    assert say(kassa, order, RefundState.DONE, 1) == EARLIER
    assert refunds_of(kassa, order)[0].status == "pending"
    assert matters(kassa) == [("refund_twice", order["total"]["minor"])]
    kassa.work()
    row = refunds_of(kassa, order)[0]
    assert (row.status, row.attempt) == ("done", 2)
    assert taken_back(kassa) == order["total"]["minor"]


def test_a_failed_refund_that_is_said_to_be_done_is_read_again_first(kassa: Kassa) -> None:
    order = failed(kassa)
    assert say(kassa, order, RefundState.DONE, 1) == "done"
    assert refunds_of(kassa, order)[0].status == "pending"
    with bank_refuses():
        kassa.work()
    assert refunds_of(kassa, order)[0].status == "failed"
    assert matters(kassa) == [("refund_failed", order["total"]["minor"])]


def test_too_much_money_is_accepted_and_the_rest_goes_back(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 2))
    total = order["total"]["minor"]
    capture_other_amount(kassa, order, total + 70_000)
    assert matters(kassa) == [("amount_differs", total + 70_000)]
    with kassa.database.transaction() as session:
        accept_parked(session, matter_id(kassa), "agreed", kassa.runtime.vault, CLERK, kassa.clock.now())
    kassa.work()
    read = kassa.read(order)
    assert (read["status"], len(read["tickets"])) == ("paid", 2)
    assert (matters(kassa), taken_back(kassa)) == ([], 70_000)


def test_too_little_money_only_goes_back(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold("s06", 2))
    capture_other_amount(kassa, order, 100)
    matter = matter_id(kassa)
    with pytest.raises(ParkedMoneyError), kassa.database.transaction() as session:
        accept_parked(session, matter, "", kassa.runtime.vault, CLERK, kassa.clock.now())
    for expected in (None, NotFoundError):
        with kassa.database.transaction() as session:
            if expected is None:
                return_parked(session, matter, "", CLERK, kassa.clock.now())
            else:
                with pytest.raises(expected):
                    return_parked(session, matter, "", CLERK, kassa.clock.now())
    kassa.work()
    assert (matters(kassa), taken_back(kassa)) == ([], 100)


def test_money_for_places_that_are_gone_only_goes_back(kassa: Kassa) -> None:
    place = kassa.free_places("s06")[0]
    order = kassa.order(kassa.hold("s06", places=[place]))
    kassa.desk.calls.gateways["demo"].expire(str(order["payment"]["url"]).rsplit("/", 1)[1])
    kassa.clock.forward(minutes=11)
    kassa.work()
    kassa.buy("s06", places=[place])
    leave_only(kassa, "s06", [])
    capture_other_amount(kassa, order, order["total"]["minor"] + 100)
    with pytest.raises(ParkedMoneyError) as refusal, kassa.database.transaction() as session:
        accept_parked(session, matter_id(kassa), "agreed", kassa.runtime.vault, CLERK, kassa.clock.now())
    assert refusal.value.params["reason"] == "places_gone"


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("refund", "refund", "refuse", "retry", "cash", "late")),
        st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True),
        st.sampled_from((0, 1_000, 150_000, 400_000)),
        st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(1, 799_999), deeds=DEEDS)
def test_never_more_than_was_captured(
    kassa: Kassa, first: int, deeds: Sequence[tuple[str, list[int], int, bool]]
) -> None:
    order = kassa.buy("s07", 4)
    assert order["total"]["minor"] == 800_000
    pay_in_two(kassa, order, first)
    staff = kassa.staff()
    for kind, numbers, fee, in_cash in deeds:
        open_refunds = [row for row in refunds_of(kassa, order) if row.status == "failed"]
        if kind in ("refund", "refuse"):
            wanted = {
                "tickets": [order["tickets"][number]["ticket"] for number in numbers],
                "fee": {"minor": fee, "currency": "KZT"},
                "method": "cash" if in_cash else "original",
            }
            if kind == "refuse":
                with bank_refuses():
                    answer = kassa.refund(order, staff, **wanted)
            else:
                answer = kassa.refund(order, staff, **wanted)
            assert answer.status_code in (201, 409, 422)
        elif open_refunds:
            row, now = open_refunds[0], kassa.clock.now()
            with kassa.database.transaction() as session:
                if kind == "retry":
                    retry_refund(session, row.id, CLERK, now)
                elif kind == "cash":
                    pay_in_cash(session, row.id, "closed", CLERK, now)
                else:
                    late = RefundStatus(state=RefundState.DONE, attempt=row.attempt)
                    record_refund_status(session, row.id, late, now)
            kassa.work()
        with kassa.database.reading() as session:
            for payment in session.scalars(select(Payment)):
                assert payment.refunded_minor <= payment.captured_minor
    assert kassa.broken_invariants() == []
    rows = refunds_of(kassa, order)
    assert sum(row.amount_minor + row.fee_minor for row in rows) == 800_000 - sum(
        ticket["price"]["minor"] for ticket in kassa.read(order)["tickets"] if ticket["status"] == "valid"
    )


def test_nothing_is_refunded_of_what_is_not_left(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.invariants_hold = False
    with kassa.database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        payment.refunded_minor = payment.captured_minor
    before = kassa.read(order)
    expect_problem(kassa.refund(order, kassa.staff()), 409, "more_than_captured")
    assert kassa.read(order) == before


def _text(mail: str) -> str:
    return str(message_from_bytes(mail.encode(), policy=default).get_body(("plain",)).get_content())


def test_of_a_cancelled_screening_a_manager_refunds_those_who_were_in(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    kassa.open_doors()
    assert kassa.scan(kassa.device(), order["tickets"][0]["code"])["verdict"] == "admit"
    expect_problem(kassa.refund(order, kassa.staff(Role.MANAGER)), 409, "already_admitted")
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "the projector died", CLERK, kassa.clock.now())
    expect_problem(kassa.refund(order, kassa.staff()), 409, "already_admitted")
    expect(kassa.refund(order, kassa.staff(Role.MANAGER)), 201)
    assert kassa.read(order)["status"] == "refunded"
    assert kassa.broken_invariants() == []
