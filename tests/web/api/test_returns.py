"""`POST /api/v1/orders/<order>/returns`: buyers give tickets back within the policy of the screening."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.support.kassa import DOORS_OF_S06, Json, Kassa, expect, expect_problem, order_auth
from ticketing.catalogue.models import Festival, Screening
from ticketing.staff.models import AuditEntry
from ticketing.tickets.models import Ticket

STARTS = DOORS_OF_S06 + timedelta(minutes=30)


def give_back(kassa: Kassa, order: Json, key: str | None = None, **body: object) -> TestResponse:
    return kassa.post(f"/api/v1/orders/{order['order']}/returns", body, order_auth(order), key)


def set_policy(kassa: Kassa, **values: Any) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Festival).values({f"refund_{name}": value for name, value in values.items()}))


def set_screening(kassa: Kassa, **values: Any) -> None:
    with kassa.database.transaction() as session:
        session.execute(update(Screening).where(Screening.code == "s06").values(values))


def test_one_ticket_of_two_comes_back_less_the_fee(kassa: Kassa) -> None:
    set_policy(kassa, fee_percent=10, fee_minor=20_000)
    order = kassa.buy("s06", 2)
    first = order["tickets"][0]
    price = first["price"]["minor"]
    fee = 20_000 + price // 10
    refund = expect(give_back(kassa, order, tickets=[first["ticket"]]), 201)
    assert (refund["status"], refund["tickets"]) == ("done", [first["ticket"]])
    assert (refund["amount"]["minor"], refund["fee"]["minor"]) == (price - fee, fee)
    assert first["place"] in kassa.free_places("s06")
    with kassa.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "refund")).one()
    assert (entry.actor_kind, entry.reason) == ("buyer", "returned")
    kassa.work()
    assert len(kassa.mails()) == 2


def test_everything_that_can_be_returned(kassa: Kassa) -> None:
    order = kassa.buy("s06", 3)
    kassa.refund(order, kassa.staff(), tickets=[order["tickets"][0]["ticket"]])
    refund = expect(give_back(kassa, order), 201)
    assert sorted(refund["tickets"]) == sorted(ticket["ticket"] for ticket in order["tickets"][1:])
    assert kassa.read(order)["status"] == "refunded"
    expect_problem(give_back(kassa, order), 409, "already_refunded")


def test_a_repeated_request_returns_once(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    wanted = {"tickets": [order["tickets"][0]["ticket"]]}
    first, second = (expect(give_back(kassa, order, "key", **wanted), 201) for _ in range(2))
    assert first == second
    assert len(kassa.read(order)["refunds"]) == 1


def test_after_the_deadline_it_is_too_late(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    kassa.clock.at = STARTS - timedelta(hours=24)
    before = kassa.fingerprint()
    problem = expect_problem(give_back(kassa, order), 409, "return_too_late")
    assert problem["until"] == "2024-11-24T14:30:00+00:00"
    assert kassa.fingerprint() == before
    kassa.clock.at -= timedelta(microseconds=1)
    expect(give_back(kassa, order), 201)


def test_a_festival_may_take_nothing_back(kassa: Kassa) -> None:
    set_policy(kassa, self_service=False)
    order = kassa.buy("s06", 1)
    expect_problem(give_back(kassa, order), 409, "returns_off")


def test_a_screening_s_own_policy_comes_first(kassa: Kassa) -> None:
    set_policy(kassa, self_service=False, fee_percent=50)
    own = {"self_service": True, "until_hours": 1, "fee_percent": 0, "fee_minor": 0}
    set_screening(kassa, **{f"refund_{name}": value for name, value in own.items()})
    order = kassa.buy("s06", 1)
    kassa.clock.at = STARTS - timedelta(hours=2)
    assert expect(give_back(kassa, order), 201)["fee"]["minor"] == 0


@pytest.mark.parametrize("changed", ["film", "cancelled"])
def test_what_is_not_what_was_sold_goes_back_in_full(kassa: Kassa, changed: str) -> None:
    set_policy(kassa, self_service=False, fee_percent=50)
    order = kassa.buy("s06", 1)
    if changed == "film":
        set_screening(kassa, film_changed_at=kassa.clock.now())
        kassa.clock.at = STARTS - timedelta(seconds=1)
    else:
        set_screening(kassa, status="cancelled")
        kassa.clock.at = STARTS + timedelta(hours=5)
    refund = expect(give_back(kassa, order), 201)
    assert (refund["amount"], refund["fee"]["minor"]) == (order["total"], 0)


def test_a_used_ticket_stays_and_the_others_go(kassa: Kassa) -> None:
    set_policy(kassa, until_hours=0)
    order = kassa.buy("s06", 2)
    kassa.open_doors()
    used, other = order["tickets"]
    assert kassa.scan(kassa.device("esentai"), used["code"])["verdict"] == "admit"
    problem = give_back(kassa, order, tickets=[used["ticket"], other["ticket"]])
    assert expect_problem(problem, 409, "already_admitted")["tickets"] == [used["ticket"]]
    assert expect(give_back(kassa, order), 201)["tickets"] == [other["ticket"]]
    expect_problem(give_back(kassa, order, tickets=[used["ticket"]]), 409, "already_admitted")


def test_a_disputed_ticket_is_not_returned(kassa: Kassa) -> None:
    kassa.invariants_hold = False  # the dispute itself is not in the books
    order = kassa.buy("s06", 1)
    with kassa.database.transaction() as session:
        session.execute(update(Ticket).values(blocked=True))
    expect_problem(give_back(kassa, order), 409, "ticket_blocked")


def test_an_order_that_waits_for_its_payment_has_nothing_to_give(kassa: Kassa) -> None:
    order = kassa.order(kassa.hold())
    expect_problem(give_back(kassa, order), 409, "order_not_paid")


def test_another_amount_than_was_shown_is_refused(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    set_policy(kassa, fee_percent=10)
    before = kassa.fingerprint()
    total = order["total"]["minor"]
    problem = expect_problem(give_back(kassa, order, amount=order["total"]), 409, "return_changed")
    assert problem["amount"] == total - total // 10
    assert kassa.fingerprint() == before
    foreign = give_back(kassa, order, amount={"minor": total, "currency": "USD"})
    expect_problem(foreign, 422, "invalid_request")


def test_only_the_order_s_own_tickets_with_its_own_key(kassa: Kassa) -> None:
    order, other = kassa.buy("s06", 1), kassa.buy("s06", 1)
    expect_problem(give_back(kassa, order, tickets=[other["tickets"][0]["ticket"]]), 404, "not_found")
    expect_problem(give_back(kassa, {**order, "key": other["key"]}), 404, "not_found")
    expect_problem(give_back(kassa, order, tickets=[]), 422, "invalid_request")
