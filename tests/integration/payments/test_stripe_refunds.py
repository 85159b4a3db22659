"""Refunds through Stripe, followed to their end: slow, failing, asked twice, made by somebody else."""

from unittest.mock import patch

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, expect, expect_problem
from tests.support.stripe_fake.weather import Trouble
from tests.support.stripe_kassa import StripeKassa
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.models import OutboxEntry
from ticketing.sales.cancelling import cancel_screening, refund_cancelled
from ticketing.sales.failed_refunds import retry_refund
from ticketing.sales.models import Payment, Refund
from ticketing.sales.payments.port import GatewayUnreachableError
from ticketing.sales.payments.stripe import StripeGateway
from ticketing.staff.mailbox import dead_letters, try_effect_again
from ticketing.staff.models import AuditEntry

CLERK = Actor(kind=ActorKind.STAFF, name="Сәуле", role="boxoffice")
REFUNDS = "/v1/refunds"


def refunded(kassa: StripeKassa, order: Json, *numbers: int, fee: int = 0) -> Json:
    tickets = [order["tickets"][number]["ticket"] for number in numbers]
    fee_body = {"minor": fee, "currency": "KZT"}
    return expect(kassa.refund(order, kassa.staff(), tickets=tickets, fee=fee_body), 201)


def statuses(kassa: StripeKassa, order: Json) -> list[str]:
    return [refund["status"] for refund in kassa.read(order)["refunds"]]


def made(kassa: StripeKassa) -> list[int]:
    return [row["amount"] for row in reversed(kassa.stripe.memory.every("refund"))]


def test_ticket_by_ticket_until_nothing_is_left(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought("s06", 3)
    price = order["total"]["minor"] // 3
    refunded(stripe_kassa, order, 0)
    refunded(stripe_kassa, order, 1, fee=1000)
    assert statuses(stripe_kassa, order) == ["done", "done"]
    refunded(stripe_kassa, order, 2)
    stripe_kassa.hear()
    assert made(stripe_kassa) == [price, price - 1000, price]
    assert stripe_kassa.read(order)["status"] == "refunded"
    assert stripe_kassa.ledger() == {"gateway": 1000, "fees": -1000}
    assert stripe_kassa.matters() == []


def test_a_slow_refund_is_followed(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought()
    stripe_kassa.stripe.refunds_at_once = False
    refunded(stripe_kassa, order, 0)
    stripe_kassa.hear()
    assert statuses(stripe_kassa, order) == ["pending"]
    (refund,) = stripe_kassa.stripe.memory.every("refund")
    stripe_kassa.stripe.treasury.settle_refund(refund["id"])
    stripe_kassa.reconcile()
    assert statuses(stripe_kassa, order) == ["done"]
    assert len(made(stripe_kassa)) == 1


@pytest.mark.parametrize("trouble", [Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.UNAVAILABLE])
def test_a_refund_without_answer_is_asked_for_again_and_made_once(
    stripe_kassa: StripeKassa, trouble: Trouble
) -> None:
    order, _ = stripe_kassa.bought()
    stripe_kassa.stripe.weather.plan(trouble, "POST", REFUNDS, times=2)
    refunded(stripe_kassa, order, 0)
    stripe_kassa.clock.forward(minutes=1)
    stripe_kassa.work()
    stripe_kassa.reconcile()
    assert statuses(stripe_kassa, order) == ["done"]
    assert made(stripe_kassa) == [order["total"]["minor"] // 2]


@pytest.mark.parametrize("trouble", [Trouble.ERROR_BEFORE, Trouble.ERROR_AFTER])
def test_an_internal_error_is_looked_into_before_a_new_key_is_used(
    stripe_kassa: StripeKassa, trouble: Trouble
) -> None:
    order, _ = stripe_kassa.bought()
    stripe_kassa.stripe.weather.plan(trouble, "POST", REFUNDS)
    refunded(stripe_kassa, order, 0)
    for _ in range(3):
        stripe_kassa.reconcile()
    assert statuses(stripe_kassa, order) == ["done"]
    assert made(stripe_kassa) == [order["total"]["minor"] // 2]


def test_a_refund_that_fails_is_owed_and_may_be_tried_again(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought()
    stripe_kassa.stripe.refunds_at_once = False
    amount = refunded(stripe_kassa, order, 0)["amount"]["minor"]
    (refund,) = stripe_kassa.stripe.memory.every("refund")
    stripe_kassa.stripe.treasury.fail_refund(refund["id"])
    stripe_kassa.hear()
    assert statuses(stripe_kassa, order) == ["failed"]
    assert stripe_kassa.matters() == [("refund_failed", amount)]
    assert stripe_kassa.ledger()["refunds_owed"] == -amount
    stripe_kassa.stripe.refunds_at_once = True
    with stripe_kassa.database.transaction() as session:
        row = session.query(Refund).one()
        retry_refund(session, row.id, CLERK, stripe_kassa.clock.now())
    stripe_kassa.work()
    stripe_kassa.hear()
    assert statuses(stripe_kassa, order) == ["done"]
    assert stripe_kassa.matters() == []


def test_a_refund_that_was_done_and_comes_back_is_owed_again(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought()
    amount = refunded(stripe_kassa, order, 0)["amount"]["minor"]
    (refund,) = stripe_kassa.stripe.memory.every("refund")
    stripe_kassa.stripe.treasury.fail_refund(refund["id"])
    stripe_kassa.hear()
    assert statuses(stripe_kassa, order) == ["failed"]
    assert stripe_kassa.matters() == [("refund_failed", amount)]
    assert stripe_kassa.ledger()["gateway"] == order["total"]["minor"]


def test_a_refund_made_in_the_dashboard_is_booked_and_shown_to_staff(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    refund = stripe_kassa.stripe.treasury.refund_by_hand(intent, 100_000)
    stripe_kassa.hear()
    stripe_kassa.stripe.memory.emit("refund.updated", refund)
    stripe_kassa.hear()
    assert stripe_kassa.matters() == [("refund_outside", 100_000)]
    assert stripe_kassa.ledger() == {"gateway": total - 100_000, "tickets": -total, "parked": 100_000}
    assert [one["amount"]["minor"] for one in stripe_kassa.read(order)["refunds"]] == [100_000]
    # No more than was captured: a refund of everything is not left any more, one of a ticket is.
    problem = stripe_kassa.refund(order, stripe_kassa.staff())
    assert expect_problem(problem, 409, "more_than_captured")["left"] == total - 100_000
    refunded(stripe_kassa, order, 0)
    assert stripe_kassa.money() == total - 100_000 - total // 2
    stripe_kassa.stripe.treasury.fail_refund(refund["id"])
    stripe_kassa.hear()
    assert stripe_kassa.matters() == []
    assert stripe_kassa.ledger() == {"gateway": total // 2, "tickets": -total // 2}


def test_a_refund_that_the_dashboard_has_overtaken_fails_for_staff_to_see(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    stripe_kassa.stripe.weather.plan(Trouble.UNAVAILABLE, "POST", REFUNDS)
    refunded(stripe_kassa, order, 0)
    stripe_kassa.stripe.treasury.refund_by_hand(intent, total)
    stripe_kassa.hear()
    stripe_kassa.clock.forward(minutes=5)
    stripe_kassa.work()
    assert sorted(stripe_kassa.matters()) == [("refund_failed", total // 2), ("refund_outside", total)]
    assert stripe_kassa.money() == 0


def test_a_dashboard_refund_that_comes_back_uncounts_no_more_than_it_counted(
    stripe_kassa: StripeKassa,
) -> None:
    """Found by the search for crashes: what Kassa itself owes stays counted, or it could be owed twice."""
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    stripe_kassa.stripe.weather.plan(Trouble.UNAVAILABLE, "POST", REFUNDS)
    refunded(stripe_kassa, order, 0)
    by_hand = stripe_kassa.stripe.treasury.refund_by_hand(intent, total)
    stripe_kassa.hear()
    stripe_kassa.clock.forward(minutes=5)
    stripe_kassa.work()
    stripe_kassa.stripe.treasury.fail_refund(by_hand["id"])
    stripe_kassa.hear()
    with stripe_kassa.database.reading() as session:
        assert session.query(Payment).one().refunded_minor == total // 2
    assert stripe_kassa.broken_invariants() == []
    assert stripe_kassa.matters() == [("refund_failed", total // 2)]


def test_nothing_of_a_disputed_order_is_refunded(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.hear()
    before = stripe_kassa.fingerprint()
    staff = stripe_kassa.staff()
    problem = stripe_kassa.refund(order, staff, tickets=[order["tickets"][0]["ticket"]])
    expect_problem(problem, 409, "ticket_blocked")
    now = stripe_kassa.fingerprint()
    assert {name for name in now if now[name] != before[name]} <= {"api_token", "audit_entry"}


def given_up(kassa: StripeKassa) -> list[OutboxEntry]:
    with kassa.database.reading() as session:
        return list(dead_letters(session))


def outage(kassa: StripeKassa) -> Json:
    """Let the gateway be away for so long that the worker gives a refund up; return the order."""
    order, _ = kassa.bought("s06", 1)
    with patch.object(StripeGateway, "refund", side_effect=GatewayUnreachableError):
        refunded(kassa, order, 0)
        for _ in range(12):
            kassa.clock.forward(minutes=10)
            kassa.work()
    return order


def test_a_refund_that_comes_true_after_an_outage_leaves_the_list_of_what_was_given_up(
    stripe_kassa: StripeKassa,
) -> None:
    order = outage(stripe_kassa)
    assert [letter.kind for letter in given_up(stripe_kassa)] == ["refund_due"]
    stripe_kassa.reconcile()
    assert statuses(stripe_kassa, order) == ["done"]
    assert given_up(stripe_kassa) == []


def test_what_was_given_up_is_tried_again_by_staff_with_a_trail(stripe_kassa: StripeKassa) -> None:
    order = outage(stripe_kassa)
    (letter,) = given_up(stripe_kassa)
    now = stripe_kassa.clock.now()
    with stripe_kassa.database.transaction() as session:
        try_effect_again(session, letter.id, CLERK, now)
    with pytest.raises(NotFoundError), stripe_kassa.database.transaction() as session:
        try_effect_again(session, letter.id, CLERK, now)
    stripe_kassa.work()
    assert statuses(stripe_kassa, order) == ["done"]
    assert given_up(stripe_kassa) == []
    with stripe_kassa.database.reading() as session:
        trail = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == str(letter.id)))
        assert list(trail) == ["try_effect_again"]


def test_of_a_cancelled_screening_buyers_hear_before_their_slow_refund(stripe_kassa: StripeKassa) -> None:
    order, _ = stripe_kassa.bought("s06", 2)
    stripe_kassa.work()
    stripe_kassa.stripe.refunds_at_once = False
    with stripe_kassa.database.transaction() as session:
        cancel_screening(session, "s06", "the print is lost", CLERK, stripe_kassa.clock.now())
    refund_cancelled(stripe_kassa.database, stripe_kassa.clock.now())
    stripe_kassa.work()
    stripe_kassa.hear()
    assert statuses(stripe_kassa, order) == ["pending"]
    folder = stripe_kassa.settings.data_dir / "mail"
    assert len(list(folder.glob("screening-cancelled-*.eml"))) == 1
    assert list(folder.glob("refund-done-*.eml")) == []
    (refund,) = stripe_kassa.stripe.memory.every("refund")
    stripe_kassa.stripe.treasury.settle_refund(refund["id"])
    stripe_kassa.reconcile()
    stripe_kassa.work()
    assert len(list(folder.glob("screening-cancelled-*.eml"))) == 1
    assert len(list(folder.glob("refund-done-*.eml"))) == 1
