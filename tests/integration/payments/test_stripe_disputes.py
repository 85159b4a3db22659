"""Disputes and payouts: tickets are blocked, the books say where the money is, differences are seen."""

from email import message_from_string
from email.policy import default
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.support.friends import send
from tests.support.kassa import Json, expect
from tests.support.refunding import refunds_of
from tests.support.stripe_kassa import StripeKassa
from ticketing.boxoffice.money_queries import money_page
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.models import MailEntry
from ticketing.sales.affair_models import Payout
from ticketing.sales.errors import RefundDisputedError
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund, take_as_disputed
from ticketing.sales.inbox import Inbox
from ticketing.sales.payments.port import GatewayRefusedError
from ticketing.sales.payments.stripe import StripeGateway
from ticketing.staff.models import AuditEntry

CLERK = Actor(kind=ActorKind.STAFF, name="Сәуле", role="boxoffice")


def scan(kassa: StripeKassa, order: Json, device: str) -> tuple[str, str]:
    result = kassa.scan(device, order["tickets"][0]["code"])
    return result["verdict"], result["reason"]


def test_a_disputed_ticket_is_refused_at_the_door_until_the_dispute_is_won(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    device, total = stripe_kassa.device(), order["total"]["minor"]
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.hear()
    assert stripe_kassa.ledger() == {"withheld": total, "disputed": -total}
    stripe_kassa.open_doors()
    assert scan(stripe_kassa, order, device) == ("refuse", "blocked")
    synced = stripe_kassa.get("/api/v1/door/sync", device).get_json()
    assert set(synced["tickets"]["state"]) == {"blocked"}
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=True)
    stripe_kassa.hear()
    assert scan(stripe_kassa, order, device) == ("admit", "ok_attention")
    assert stripe_kassa.ledger() == {"gateway": total, "tickets": -total}
    assert stripe_kassa.matters() == []


def test_a_lost_dispute_frees_the_places_and_is_told_to_staff(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", places=["З-5-7", "З-5-8"])
    total = order["total"]["minor"]
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.hear()
    assert "З-5-7" not in stripe_kassa.free_places("s06")
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=False)
    stripe_kassa.hear()
    assert "З-5-7" in stripe_kassa.free_places("s06")
    assert stripe_kassa.read(order)["status"] == "cancelled"
    assert stripe_kassa.matters() == [("dispute_lost", total)]
    assert stripe_kassa.ledger() == {"withheld": total, "disputed": -total}


def test_a_lost_dispute_of_somebody_who_was_there(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", places=["З-5-7", "З-5-8"])
    device = stripe_kassa.device()
    stripe_kassa.open_doors()
    assert scan(stripe_kassa, order, device)[0] == "admit"
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=False)
    stripe_kassa.hear()
    states = {ticket["place"]: ticket["status"] for ticket in stripe_kassa.read(order)["tickets"]}
    assert sorted(states.values()) == ["valid", "void"]
    assert stripe_kassa.read(order)["status"] == "paid"


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_a_disputes_events_does_not_matter(
    stripe_kassa: StripeKassa, *, backwards: bool
) -> None:
    order, intent = stripe_kassa.bought()
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=True)
    events = stripe_kassa.postman.waiting()
    for event in events[::-1] if backwards else events:
        assert stripe_kassa.postman.deliver(event) == 200
        stripe_kassa.work()
    total = order["total"]["minor"]
    assert stripe_kassa.ledger() == {"gateway": total, "tickets": -total}


def test_an_inquiry_blocks_and_takes_no_money(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    dispute = stripe_kassa.stripe.treasury.dispute(intent, inquiry=True)
    stripe_kassa.hear()
    assert stripe_kassa.ledger() == {"gateway": total, "disputed": -total}
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=True)
    stripe_kassa.hear()
    assert stripe_kassa.ledger() == {"gateway": total, "tickets": -total}


def test_a_dispute_of_less_than_everything(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    stripe_kassa.stripe.treasury.dispute(intent, 100_000)
    stripe_kassa.hear()
    assert stripe_kassa.ledger() == {"gateway": total - 100_000, "withheld": 100_000, "disputed": -total}


def test_two_disputes_of_one_order(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    first = stripe_kassa.stripe.treasury.dispute(intent, 100_000)
    second = stripe_kassa.stripe.treasury.dispute(intent, 50_000)
    stripe_kassa.hear()
    stripe_kassa.stripe.treasury.close_dispute(first["id"], won=True)
    stripe_kassa.hear()
    assert stripe_kassa.ledger()["disputed"] == -total, "the other one still stands"
    stripe_kassa.stripe.treasury.close_dispute(second["id"], won=True)
    stripe_kassa.hear()
    assert stripe_kassa.ledger() == {"gateway": total, "tickets": -total}


def test_what_was_done_about_a_dispute_is_in_the_audit_trail(stripe_kassa: StripeKassa) -> None:
    _, intent = stripe_kassa.bought()
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.hear()
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=True)
    stripe_kassa.hear()
    with stripe_kassa.database.reading() as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.actor_name).where(AuditEntry.action.startswith("dispute"))
        )
        assert sorted(map(tuple, rows)) == [("dispute_open", "Kassa"), ("dispute_won", "Kassa")]


def test_an_early_fraud_warning_is_shown_to_staff(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    stripe_kassa.stripe.treasury.warn(intent)
    stripe_kassa.hear()
    assert stripe_kassa.matters() == [("early_fraud_warning", order["total"]["minor"])]


# Payouts


def payouts(kassa: StripeKassa) -> list[tuple[str, int, int, int]]:
    with kassa.database.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT state, gateway_minor, books_minor, unmatched FROM payout ORDER BY name"
        )
        return [tuple(row) for row in rows]


def lived(kassa: StripeKassa) -> int:
    """Let there be a sale, a refund, a refund that came back and a dispute; return what is left."""
    first, intent = kassa.bought("s06", 2)
    kassa.refund(first, kassa.staff(), tickets=[first["tickets"][0]["ticket"]])
    second, _ = kassa.bought("s06", 1)
    kassa.refund(second, kassa.staff())
    kassa.hear()
    kassa.stripe.treasury.fail_refund(kassa.stripe.memory.every("refund")[0]["id"])
    kassa.stripe.treasury.dispute(intent, 50_000)
    kassa.hear()
    return kassa.money()


def test_a_payout_is_matched_with_the_books(stripe_kassa: StripeKassa) -> None:
    left = lived(stripe_kassa)
    stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.hear()
    assert payouts(stripe_kassa) == [("paid", left, left, 0)]
    assert stripe_kassa.matters() == [("refund_failed", 250_000)]


def test_a_payout_that_was_not_told_is_found(stripe_kassa: StripeKassa) -> None:
    left = lived(stripe_kassa)
    stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.reconciler.compare_payouts(stripe_kassa.clock.now())
    assert payouts(stripe_kassa) == [("paid", left, left, 0)]


def test_a_difference_is_reported_and_gone_once_it_is_explained(stripe_kassa: StripeKassa) -> None:
    lived(stripe_kassa)
    order = stripe_kassa.open("s06", 1)
    stripe_kassa.pay(order)  # nobody has heard of it yet
    stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.reconciler.compare_payouts(stripe_kassa.clock.now())
    assert ("payout_differs", order["total"]["minor"]) in stripe_kassa.matters()
    stripe_kassa.hear()
    stripe_kassa.reconciler.compare_payouts(stripe_kassa.clock.now())
    assert "payout_differs" not in dict(stripe_kassa.matters())


def test_fees_of_the_gateway_are_no_difference(stripe_kassa: StripeKassa) -> None:
    lived(stripe_kassa)
    stripe_kassa.stripe.treasury.charge_fee(7_000)
    payout = stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.hear()
    assert "payout_differs" not in dict(stripe_kassa.matters())
    with stripe_kassa.database.reading() as session:
        assert session.scalar(select(Payout.settled_minor)) == payout["amount"]


def test_a_payout_that_is_not_what_its_movements_add_up_to(stripe_kassa: StripeKassa) -> None:
    lived(stripe_kassa)
    stripe_kassa.stripe.treasury.pay_out(short=1_500)
    stripe_kassa.hear()
    assert ("payout_differs", -1_500) in stripe_kassa.matters()


def test_money_moved_for_a_reason_that_nobody_knows(stripe_kassa: StripeKassa) -> None:
    lived(stripe_kassa)
    stripe_kassa.stripe.treasury.charge_fee(3_000, "reserve_transaction")
    stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.hear()
    assert ("payout_differs", -3_000) in stripe_kassa.matters()


def test_a_payout_that_the_bank_sent_back(stripe_kassa: StripeKassa) -> None:
    lived(stripe_kassa)
    payout = stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.hear()
    stripe_kassa.stripe.treasury.fail_payout(payout["id"])
    stripe_kassa.hear()
    assert ("payout_failed", payout["amount"]) in stripe_kassa.matters()
    assert [row[0] for row in payouts(stripe_kassa)] == ["failed"]


def failed_refund_in_dispute(kassa: StripeKassa) -> tuple[Json, str, UUID]:
    """Let a refund have failed and its payment be disputed; return the order, the dispute, the refund."""
    order, intent = kassa.bought()
    kassa.stripe.refunds_at_once = False
    expect(kassa.refund(order, kassa.staff(), tickets=[order["tickets"][0]["ticket"]]), 201)
    kassa.stripe.treasury.fail_refund(kassa.stripe.memory.every("refund")[0]["id"])
    kassa.hear()
    dispute = kassa.stripe.treasury.dispute(intent)
    kassa.hear()
    return order, dispute["id"], refunds_of(kassa, order)[0].id


def ways(kassa: StripeKassa) -> list[str]:
    """Return what staff can do about the failed refund."""
    with kassa.database.reading() as session:
        page = money_page(session, kassa.runtime.vault)
        (failed,) = [one for one in page.matters if one.matter.kind == "refund_failed"]
        return [str(decision) for decision in failed.decisions]


def test_a_refund_that_failed_waits_while_its_payment_is_disputed(stripe_kassa: StripeKassa) -> None:
    _, dispute, refund = failed_refund_in_dispute(stripe_kassa)
    assert ways(stripe_kassa) == []
    now = stripe_kassa.clock.now()
    with pytest.raises(RefundDisputedError), stripe_kassa.database.transaction() as session:
        retry_refund(session, refund, CLERK, now)
    with pytest.raises(RefundDisputedError), stripe_kassa.database.transaction() as session:
        pay_in_cash(session, refund, "closed", CLERK, now)
    stripe_kassa.stripe.treasury.close_dispute(dispute, won=True)
    stripe_kassa.hear()
    assert ways(stripe_kassa) == ["retry", "cash"]


def test_a_refund_that_a_lost_dispute_took_is_owed_no_longer(stripe_kassa: StripeKassa) -> None:
    order, dispute, refund = failed_refund_in_dispute(stripe_kassa)
    now = stripe_kassa.clock.now()
    with pytest.raises(RefundDisputedError), stripe_kassa.database.transaction() as session:
        take_as_disputed(session, refund, "too early", CLERK, now)
    stripe_kassa.stripe.treasury.close_dispute(dispute, won=False)
    stripe_kassa.hear()
    assert ways(stripe_kassa) == ["dispute", "retry", "cash"]
    with stripe_kassa.database.transaction() as session:
        take_as_disputed(session, refund, "all of it", CLERK, now)
    stripe_kassa.work()
    total = order["total"]["minor"]
    assert stripe_kassa.ledger() == {"withheld": total, "disputed": -total}
    assert stripe_kassa.matters() == [("dispute_lost", total)]
    assert [one["status"] for one in stripe_kassa.read(order)["refunds"]] == ["done"]


def test_whoever_loses_tickets_by_a_dispute_is_told(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", 1)
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.hear()
    stripe_kassa.work()
    before = set(stripe_kassa.mails())
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=False)
    stripe_kassa.hear()
    stripe_kassa.work()
    (text,) = set(stripe_kassa.mails()) - before
    mail = message_from_string(text, policy=default)
    assert mail["Subject"] == f"Билеттер енді жарамсыз: тапсырыс {order['order']}"
    (calendar,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert "METHOD:CANCEL" in calendar.get_content()


def test_a_friend_who_loses_a_ticket_by_a_dispute_is_told(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", 1)
    send(stripe_kassa, order)
    stripe_kassa.work()
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=False)
    stripe_kassa.hear()
    stripe_kassa.work()
    with stripe_kassa.database.reading() as session:
        told = session.scalars(select(MailEntry.recipient).where(MailEntry.kind == "ticket_over")).all()
    assert len(told) == 1


def test_a_payout_made_by_hand_is_not_compared_and_yet_told_when_it_fails(stripe_kassa: StripeKassa) -> None:
    stripe_kassa.bought("s06", 1)
    payout = stripe_kassa.stripe.treasury.pay_out()
    # Stripe lists movements of automatic payouts only.
    with patch.object(StripeGateway, "movements", side_effect=GatewayRefusedError("invalid_request")):
        stripe_kassa.hear()
        assert stripe_kassa.matters() == []
        stripe_kassa.stripe.treasury.fail_payout(payout["id"])
        stripe_kassa.hear()
        stripe_kassa.reconciler.compare_payouts(stripe_kassa.clock.now())
    assert stripe_kassa.matters() == [("payout_failed", payout["amount"])]


def test_a_dispute_of_a_payment_that_nobody_knows_is_for_staff(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", 1)
    dispute = stripe_kassa.stripe.treasury.dispute(intent)
    with patch.object(Inbox, "payment_of", return_value=None):
        stripe_kassa.hear()
    assert stripe_kassa.matters() == [("unknown_dispute", order["total"]["minor"])]
    stripe_kassa.stripe.treasury.close_dispute(dispute["id"], won=True)
    stripe_kassa.hear()
    assert stripe_kassa.matters() == [], "the payment is known by now"
