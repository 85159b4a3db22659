"""Two desks and a buyer on one ticket; a refund's retry and the late word on its first attempt."""

from collections import Counter
from uuid import UUID

from tests.support.calls import API, Answer, hold, order, order_key, pay, read_order
from tests.support.house import House
from tests.support.refunding import bank_refuses
from tests.support.together import copies, together
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.errors import DomainError
from ticketing.sales.cancelling import cancel_screening, refund_cancelled
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund
from ticketing.sales.payments.port import RefundState, RefundStatus
from ticketing.sales.refund_ends import record_refund_status

ROUNDS = 6


def bought(house: House, places: int = 1) -> dict[str, object]:
    ordered = order(house.call, [hold(house.call, "seats", places).body]).body
    assert pay(house.call, ordered).status == 200
    return {**read_order(house.call, ordered), "key": ordered["key"]}


def refund(house: House, bill: dict[str, object], **more: object) -> Answer:
    headers = {"Authorization": f"Bearer {house.staff}"}
    return house.call("POST", f"{API}/orders/{bill['order']}/refunds", {"reason": "ill", **more}, headers)


def give_back(house: House, bill: dict[str, object]) -> Answer:
    return house.call("POST", f"{API}/orders/{bill['order']}/returns", {}, order_key(bill))


def test_two_desks_and_the_buyer_refund_one_ticket_once(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        answers = together(
            *copies(2, lambda bill=bill: refund(house, bill)),
            lambda bill=bill: refund(house, bill, method="cash"),
            lambda bill=bill: house.call(
                "POST", f"{API}/orders/{bill['order']}/returns", {}, order_key(bill)
            ),
        )
        counted = Counter((one.status, one.code) for one in answers)
        assert counted == {(201, ""): 1, (409, "already_refunded"): 3}
        assert len(read_order(house.call, bill)["refunds"]) == 1
    house.work()
    house.require_invariants()


def test_tickets_of_one_order_refunded_at_once_never_pass_what_was_captured(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house, 4)
        tickets = [ticket["ticket"] for ticket in bill["tickets"]]  # type: ignore[attr-defined]
        answers = together(
            *(lambda ticket=ticket, bill=bill: refund(house, bill, tickets=[ticket]) for ticket in tickets)
        )
        assert [one.status for one in answers] == [201] * 4
        left = house.value("SELECT sum(captured_minor - refunded_minor) FROM payment")
        assert int(left) == 0
    house.work()
    house.require_invariants()


def test_three_workers_and_a_desk_refund_a_cancelled_screening_once(house: House) -> None:
    bills = [bought(house, 2) for _ in range(8)]
    with house.database.transaction() as session:
        cancel_screening(session, "seats", "fire", SYSTEM, house.clock.now())

    def sweep() -> int:
        return refund_cancelled(house.database, house.clock.now())

    def desk() -> int:
        return sum(refund(house, bill).status == 201 for bill in reversed(bills))

    assert sum(together(*copies(3, sweep), desk)) == len(bills)
    assert house.value("SELECT count(*) FROM refund") == len(bills)
    assert house.value("SELECT count(*) FROM ticket WHERE state = 'valid'") == 0
    house.work()
    house.require_invariants()


def test_a_retry_a_payment_in_cash_and_a_late_success_race(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        with bank_refuses():
            refund_id = UUID(refund(house, bill).body["refund"])

        def retried(refund_id: UUID = refund_id) -> str:
            with house.database.transaction() as session:
                retry_refund(session, refund_id, SYSTEM, house.clock.now())
            return "retried"

        def paid(refund_id: UUID = refund_id) -> str:
            with house.database.transaction() as session:
                pay_in_cash(session, refund_id, "closed", SYSTEM, house.clock.now())
            return "paid"

        def late(refund_id: UUID = refund_id) -> str:
            status = RefundStatus(state=RefundState.DONE, attempt=1)
            with house.database.transaction() as session:
                return record_refund_status(session, refund_id, status, house.clock.now())

        def told(deed: object) -> str:
            try:
                return str(deed())  # type: ignore[operator]
            except DomainError as refusal:
                return refusal.code

        answers = together(lambda: told(retried), lambda: told(paid), lambda: told(late))
        # Whoever was first decided; the two others were told so, or that theirs was an earlier attempt.
        assert sum(answer in ("retried", "paid", "done") for answer in answers) == 1
        house.work()
        assert house.value("SELECT count(*) FROM refund WHERE status <> 'done'") == 0
        gone = house.value("SELECT coalesce(sum(refunded_minor), 0) FROM demo_session")
        cash = house.value("SELECT coalesce(sum(amount_minor), 0) FROM refund WHERE method = 'cash'")
        owed = house.value("SELECT sum(refunded_minor) FROM payment")
        assert int(gone) + int(cash) == int(owed)
        house.require_invariants()
