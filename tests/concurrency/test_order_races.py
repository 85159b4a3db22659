"""Two threads and more on one hold, one key, one payment page: one thing comes of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.support.calls import hold, order, pay, read_order, session_of
from tests.support.house import House
from tests.support.together import copies, together
from ticketing.foundation.actor import SYSTEM
from ticketing.inventory.kills import kill
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.sales.payments import demo
from ticketing.sales.payments.port import Notification, StartRequest

ROUNDS = 8
HOLD_TIME = timedelta(minutes=10)


def test_one_hold_ordered_by_four_at_once_makes_one_order(house: House) -> None:
    for _ in range(ROUNDS):
        held = hold(house.call, "seats", 2).body
        answers = together(*copies(4, lambda held=held: order(house.call, [held])))
        assert Counter((one.status, one.code) for one in answers) == {(201, ""): 1, (409, "hold_used"): 3}
    assert house.value("SELECT count(*) FROM orders") == ROUNDS
    house.require_invariants()


def test_one_key_sent_by_four_at_once_makes_one_hold(house: House) -> None:
    for number in range(ROUNDS):
        answers = together(*copies(4, lambda n=number: hold(house.call, "seats", 1, key=f"hold-{n}")))
        made = [one.body for one in answers if one.status == 201]
        assert made
        assert all(one == made[0] for one in made)
        assert {one.code for one in answers} <= {"", "idempotency_in_progress"}
    assert house.value("SELECT count(*) FROM hold") == ROUNDS
    assert house.value("SELECT count(*) FROM place WHERE hold_id IS NOT NULL") == ROUNDS


def test_one_key_sent_by_four_at_once_makes_one_order_and_one_payment_page(house: House) -> None:
    for number in range(ROUNDS):
        held = hold(house.call, "seats", 1).body
        answers = together(
            *copies(4, lambda held=held, n=number: order(house.call, [held], key=f"order-{n}"))
        )
        made = [one.body for one in answers if one.status == 201]
        assert made
        assert all(one == made[0] for one in made)
        assert {one.code for one in answers} <= {"", "idempotency_in_progress"}
    assert house.value("SELECT count(*) FROM orders") == ROUNDS
    assert house.value("SELECT count(*) FROM demo_session") == ROUNDS


def test_the_bank_opens_one_page_for_one_key(house: House) -> None:
    gateway = house.calls.gateways[demo.NAME]
    for number in range(ROUNDS):
        request = StartRequest(
            key=f"key-{number}", order="AAA-2222", amount_minor=100, currency="KZT", locale="kk",
            return_url="http://127.0.0.1/", expires_at=house.now(),
        )  # fmt: skip
        opened = together(*copies(6, lambda request=request: gateway.start(request)))
        assert len({one.session for one in opened}) == 1


def test_an_order_and_a_new_claim_at_the_holds_end_never_both_succeed(house: House) -> None:
    """The edge: for one the hold is still alive, for the other it is over already."""
    for _ in range(ROUNDS):
        held = hold(house.call, "seats", ["A1"]).body
        expires = house.clock.time + HOLD_TIME

        def order_in_time(held: object = held) -> int:
            return order(house.call, [held]).status  # type: ignore[list-item]

        def claim_after() -> int:
            return hold(house.call, "seats", ["A1"]).status

        house.clock.time = expires - timedelta(microseconds=1)

        def tick(expires: object = expires) -> int:
            house.clock.time = expires  # type: ignore[assignment]
            return 0

        ordered, claimed, _ = together(order_in_time, claim_after, tick)
        assert (ordered, claimed) in {(201, 409), (410, 201), (410, 409)}
        house.require_invariants()
        house.empty()


def test_eight_notifications_of_one_payment_issue_one_set_of_tickets(house: House) -> None:
    for _ in range(ROUNDS):
        ordered = order(house.call, [hold(house.call, "seats", 2).body]).body
        page = session_of(ordered)
        with house.database.transaction() as session:
            demo.settle(session, page, "complete")

        def notify(number: int, page: str = page) -> None:
            # Four under one id, four under ids of their own: a bank may repeat itself in either way.
            event = Notification(event=f"{page}:{max(0, number - 3)}", name=page, kind="completed")
            house.inbox.receive(demo.NAME, event)

        together(*[lambda n=n: notify(n) for n in range(8)])
        seen = read_order(house.call, ordered)
        assert (seen["status"], len(seen["tickets"]), seen["refunds"]) == ("paid", 2, [])
        house.require_invariants()
    assert house.value("SELECT count(*) FROM outbox WHERE kind = 'order_paid'") == ROUNDS


def test_a_payment_at_the_moment_of_the_sweep_is_paid_or_expired(house: House) -> None:
    outcomes = Counter[str]()
    for _ in range(ROUNDS):
        ordered = order(house.call, [hold(house.call, "seats", 2).body]).body
        house.clock.forward(HOLD_TIME)
        now = house.clock.now()
        paid, *_ = together(
            lambda ordered=ordered: pay(house.call, ordered).status,
            lambda now=now: house.calls.end_overdue(now),
            lambda now=now: house.calls.end_overdue(now),
        )
        seen = read_order(house.call, ordered)
        assert (paid, seen["status"], len(seen["tickets"])) in {(200, "paid", 2), (409, "expired", 0)}
        outcomes[seen["status"]] += 1
        house.require_invariants()
        house.empty()
    assert outcomes.total() == ROUNDS


def test_four_workers_end_the_same_overdue_orders_once(house: House) -> None:
    made = [order(house.call, [hold(house.call, "seats", 2).body]).body for _ in range(6)]
    for ordered in made[:3]:
        with house.database.transaction() as session:
            demo.settle(session, session_of(ordered), "complete")  # paid, and the notification was lost
    house.clock.forward(HOLD_TIME)
    now = house.clock.now()
    together(*copies(4, lambda: house.calls.end_overdue(now)))
    statuses = [read_order(house.call, ordered)["status"] for ordered in made]
    assert statuses == ["paid"] * 3 + ["expired"] * 3
    assert house.value("SELECT count(*) FROM ticket") == 6
    house.require_invariants()


def test_a_free_order_is_issued_once_by_four_at_once(house: House) -> None:
    held = hold(house.call, "gift", 3).body
    answers = together(*copies(4, lambda: order(house.call, [held])))
    assert sorted(one.status for one in answers) == [201, 409, 409, 409]
    assert house.value("SELECT count(*) FROM ticket") == 3
    house.require_invariants()


@pytest.mark.parametrize("screening", ["crowd", "seats"])
def test_late_payers_get_no_more_equal_places_than_there_are(house: House, screening: str) -> None:
    late = [order(house.call, [hold(house.call, screening, 2).body]).body for _ in range(4)]
    house.clock.forward(HOLD_TIME)
    house.calls.end_overdue(house.clock.now())
    places = house.rows(
        "SELECT place.label FROM place JOIN screening ON screening.id = place.screening_id"
        " WHERE screening.code = :code ORDER BY place.place_no",
        {"code": screening},
    )
    others = StaffChoice(labels=tuple(label for (label,) in places[4:]))
    with house.database.transaction() as session:
        kill(session, screening, others, "repairs", SYSTEM, house.clock.now())
    for ordered in late:
        with house.database.transaction() as session:
            demo.settle(session, session_of(ordered), "complete")

    def notify(ordered: Mapping[str, Any]) -> None:
        page = session_of(ordered)
        house.inbox.receive(demo.NAME, Notification(event=f"{page}:late", name=page, kind="completed"))

    together(*[lambda ordered=ordered: notify(ordered) for ordered in late])
    house.work()
    seen = [read_order(house.call, ordered) for ordered in late]
    assert Counter((one["status"], len(one["tickets"]), len(one["refunds"])) for one in seen) == {
        ("paid", 2, 0): 2,
        ("expired", 0, 1): 2,
    }
    house.require_invariants()
