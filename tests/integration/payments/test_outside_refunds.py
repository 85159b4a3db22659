"""Refunds made in the bank's own system: matched with tickets, with a loss where they were too much."""

from email import message_from_string
from email.policy import default
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, expect
from tests.support.refunding import matter_id
from tests.support.stripe_kassa import StripeKassa
from ticketing.boxoffice.money_queries import money_page
from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.models import MailEntry
from ticketing.sales.cancelling import cancel_screening, refund_cancelled
from ticketing.sales.deciding import assign_outside, write_off_outside
from ticketing.sales.errors import OutsideRefundError, RefundAtBankError, RefundNotFailedError
from ticketing.sales.failed_refunds import pay_in_cash, retry_refund, take_as_outside
from ticketing.sales.matters import open_matters

CLERK = Actor(kind=ActorKind.STAFF, name="Сәуле", role="boxoffice")


def assign(kassa: StripeKassa, *tickets: Json) -> None:
    ids = [UUID(ticket["ticket"]) for ticket in tickets]
    with kassa.database.transaction() as session:
        assign_outside(session, matter_id(kassa), ids, "by phone", CLERK, kassa.clock.now())
    kassa.work()


def cancel(kassa: StripeKassa) -> None:
    with kassa.database.transaction() as session:
        cancel_screening(session, "s06", "rain", CLERK, kassa.clock.now())


def go_round(kassa: StripeKassa) -> None:
    """Let the worker look after cancelled screenings twice, and the bank and the post have their turn."""
    for _ in range(2):
        refund_cancelled(kassa.database, kassa.clock.now())
        kassa.work()
        kassa.hear()


def by_hand(kassa: StripeKassa, intent: str, minor: int) -> Json:
    made: Json = kassa.stripe.treasury.refund_by_hand(intent, minor)
    kassa.hear()
    return made


def states(kassa: StripeKassa, order: Json) -> list[str]:
    return [ticket["status"] for ticket in kassa.read(order)["tickets"]]


def letters(kassa: StripeKassa) -> list[tuple[str, str]]:
    with kassa.database.reading() as session:
        rows = session.execute(select(MailEntry.kind, MailEntry.subject).order_by(MailEntry.id))
        return [(row.kind, row.subject) for row in rows]


def paid_twice_over(kassa: StripeKassa) -> tuple[Json, Json]:
    """Let one ticket be paid back in cash, then all of the charge at the bank; return what is left too."""
    order, intent = kassa.bought()
    expect(kassa.refund(order, kassa.staff(), tickets=[order["tickets"][0]["ticket"]], method="cash"), 201)
    made = by_hand(kassa, intent, order["total"]["minor"])
    (left,) = [ticket for ticket in kassa.read(order)["tickets"] if ticket["status"] == "valid"]
    return {**order, "made": made}, left


def test_more_than_the_last_ticket_is_a_loss_in_the_books(stripe_kassa: StripeKassa) -> None:
    order, left = paid_twice_over(stripe_kassa)
    assign(stripe_kassa, left)
    price = left["price"]["minor"]
    assert states(stripe_kassa, order) == ["void", "void"]
    assert stripe_kassa.read(order)["status"] == "refunded"
    assert stripe_kassa.ledger() == {"cash": -price, "losses": price}
    assert stripe_kassa.matters() == []
    assert stripe_kassa.scan(stripe_kassa.device(), left["code"])["verdict"] == "refuse"


def test_a_loss_is_none_when_the_bank_gets_the_refund_back(stripe_kassa: StripeKassa) -> None:
    order, left = paid_twice_over(stripe_kassa)
    assign(stripe_kassa, left)
    stripe_kassa.stripe.treasury.fail_refund(order["made"]["id"])
    stripe_kassa.hear()
    price = left["price"]["minor"]
    assert stripe_kassa.ledger() == {"gateway": 2 * price, "cash": -price, "refunds_owed": -price}
    assert stripe_kassa.matters() == [("refund_failed", price)]


def test_a_ticket_that_it_could_be_for_comes_before_a_loss(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    by_hand(stripe_kassa, intent, order["total"]["minor"])
    with pytest.raises(OutsideRefundError):
        assign(stripe_kassa, order["tickets"][0])
    assert states(stripe_kassa, order) == ["valid", "valid"]


def test_a_refund_for_no_ticket_is_written_off(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    total = order["total"]["minor"]
    by_hand(stripe_kassa, intent, 50_000)
    with stripe_kassa.database.transaction() as session:
        write_off_outside(session, matter_id(stripe_kassa), "the film broke", CLERK, stripe_kassa.clock.now())
    assert states(stripe_kassa, order) == ["valid", "valid"]
    assert stripe_kassa.ledger() == {"gateway": total - 50_000, "losses": 50_000, "tickets": -total}
    assert stripe_kassa.matters() == []


def test_of_a_cancelled_screening_the_rest_goes_back_by_itself(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    by_hand(stripe_kassa, intent, 300_000)
    cancel(stripe_kassa)
    go_round(stripe_kassa)
    assert stripe_kassa.money() == 0
    assert stripe_kassa.ledger() == {}
    assert stripe_kassa.read(order)["status"] == "refunded"
    assert stripe_kassa.matters() == []
    refund, *others = stripe_kassa.read(order)["refunds"]
    assert (others, refund["amount"], refund["fee"]["minor"]) == ([], order["total"], 0)
    # Of the screening once; of the bank's money and of ours each.
    told = [(kind, subject) for kind, subject in letters(stripe_kassa) if kind != "order_paid"]
    assert sorted(kind for kind, _ in told) == ["refund_done", "refund_done", "screening_cancelled"]
    amounts = {subject for kind, subject in told if kind == "refund_done"}
    assert amounts == {"Ақша қайтарылды: 3\u00a0000\u00a0₸", "Ақша қайтарылды: 2\u00a0000\u00a0₸"}


def test_who_had_all_back_from_the_bank_hears_of_the_cancelled_screening_once(
    stripe_kassa: StripeKassa,
) -> None:
    order, intent = stripe_kassa.bought()
    by_hand(stripe_kassa, intent, order["total"]["minor"])
    cancel(stripe_kassa)
    go_round(stripe_kassa)
    go_round(stripe_kassa)
    kinds = [kind for kind, _ in letters(stripe_kassa)]
    assert kinds.count("screening_cancelled") == 1
    assert stripe_kassa.money() == 0


def test_of_a_cancelled_screening_no_fee_is_kept_whoever_is_first(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    by_hand(stripe_kassa, intent, 300_000)
    cancel(stripe_kassa)
    assign(stripe_kassa, *order["tickets"])
    go_round(stripe_kassa)
    assert stripe_kassa.money() == 0
    assert stripe_kassa.ledger() == {}
    assert stripe_kassa.matters() == []


def test_what_a_cancelled_screening_cannot_refund_is_put_before_staff_once(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    by_hand(stripe_kassa, intent, 50_000)
    with stripe_kassa.database.transaction() as session:
        write_off_outside(session, matter_id(stripe_kassa), "sorry", CLERK, stripe_kassa.clock.now())
    cancel(stripe_kassa)
    go_round(stripe_kassa)
    total = order["total"]["minor"]
    assert stripe_kassa.matters() == [("cancelled_not_refunded", total)]
    fee = {"minor": 50_000, "currency": "KZT"}
    expect(stripe_kassa.refund(order, stripe_kassa.staff(), fee=fee), 201)
    assert stripe_kassa.money() == 0


def test_the_buyer_is_told_which_tickets_are_void(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought("s06", 1)
    first = order["tickets"][0]
    by_hand(stripe_kassa, intent, first["price"]["minor"])
    stripe_kassa.work()
    before, mails = set(letters(stripe_kassa)), set(stripe_kassa.mails())
    assign(stripe_kassa, first)
    ((kind, subject),) = set(letters(stripe_kassa)) - before
    assert kind == "refund_done"
    assert subject.startswith("Ақша қайтарылды: ")
    stripe_kassa.work()
    (text,) = set(stripe_kassa.mails()) - mails
    mail = message_from_string(text, policy=default)
    (calendar,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert "METHOD:CANCEL" in calendar.get_content()


def test_one_that_failed_before_it_was_heard_of_is_known_to_payouts(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    made = stripe_kassa.stripe.treasury.refund_by_hand(intent, 100_000)
    stripe_kassa.stripe.treasury.fail_refund(made["id"])
    stripe_kassa.hear()
    stripe_kassa.stripe.treasury.pay_out()
    stripe_kassa.hear()
    assert stripe_kassa.matters() == []
    total = order["total"]["minor"]
    assert stripe_kassa.ledger() == {"gateway": total, "tickets": -total}


def failed_and_made_at_the_bank(kassa: StripeKassa, kept: int = 0) -> tuple[Json, UUID]:
    """Let Kassa's refund of one ticket fail: all, or all but so much, was just given back at the bank."""
    order, intent = kassa.bought()
    kassa.stripe.treasury.refund_by_hand(intent, order["total"]["minor"] - kept)
    asked = kassa.refund(order, kassa.staff(), tickets=[order["tickets"][0]["ticket"]])
    refund = UUID(expect(asked, 201)["refund"])
    kassa.work()
    kassa.hear()
    return order, refund


def ways(kassa: StripeKassa, kind: str) -> list[str]:
    with kassa.database.reading() as session:
        page = money_page(session, kassa.runtime.vault)
        (one,) = [one for one in page.matters if one.matter.kind == kind]
        return [str(decision) for decision in one.decisions]


def test_what_went_back_at_the_bank_is_not_paid_once_more(stripe_kassa: StripeKassa) -> None:
    order, refund = failed_and_made_at_the_bank(stripe_kassa)
    now = stripe_kassa.clock.now()
    assert ways(stripe_kassa, "refund_failed") == []
    with pytest.raises(RefundAtBankError), stripe_kassa.database.transaction() as session:
        pay_in_cash(session, refund, "asked for it", CLERK, now)
    with pytest.raises(RefundAtBankError), stripe_kassa.database.transaction() as session:
        retry_refund(session, refund, CLERK, now)
    with pytest.raises(RefundNotFailedError), stripe_kassa.database.transaction() as session:
        take_as_outside(session, refund, "too early", CLERK, now)
    assert stripe_kassa.broken_invariants() == []

    left = [ticket for ticket in stripe_kassa.read(order)["tickets"] if ticket["status"] == "valid"]
    with stripe_kassa.database.transaction() as session:
        outside = next(one.id for one in open_matters(session) if one.kind == "refund_outside")
        assign_outside(session, outside, [UUID(left[0]["ticket"])], "all of it", CLERK, now)
    assert ways(stripe_kassa, "refund_failed") == ["outside"]
    with stripe_kassa.database.transaction() as session:
        take_as_outside(session, refund, "all of it", CLERK, now)
    stripe_kassa.work()
    assert stripe_kassa.matters() == []
    assert stripe_kassa.ledger() == {}
    assert states(stripe_kassa, order) == ["void", "void"]
    assert stripe_kassa.broken_invariants() == []


def test_a_refund_at_the_bank_that_comes_back_leaves_both_owed(stripe_kassa: StripeKassa) -> None:
    order, refund = failed_and_made_at_the_bank(stripe_kassa)
    now = stripe_kassa.clock.now()
    left = [ticket for ticket in stripe_kassa.read(order)["tickets"] if ticket["status"] == "valid"]
    with stripe_kassa.database.transaction() as session:
        outside = next(one for one in open_matters(session) if one.kind == "refund_outside")
        assign_outside(session, outside.id, [UUID(left[0]["ticket"])], "all of it", CLERK, now)
        take_as_outside(session, refund, "all of it", CLERK, now)
    stripe_kassa.stripe.treasury.fail_refund(outside.subject)
    stripe_kassa.hear()
    total = order["total"]["minor"]
    assert stripe_kassa.ledger() == {"gateway": total, "refunds_owed": -total}
    assert stripe_kassa.matters() == [("refund_failed", total // 2)] * 2
    assert stripe_kassa.broken_invariants() == []


def test_what_the_bank_gave_too_much_stands_for_a_part(stripe_kassa: StripeKassa) -> None:
    order, refund = failed_and_made_at_the_bank(stripe_kassa, kept=50_000)
    now = stripe_kassa.clock.now()
    left = [ticket for ticket in stripe_kassa.read(order)["tickets"] if ticket["status"] == "valid"]
    with stripe_kassa.database.transaction() as session:
        outside = next(one.id for one in open_matters(session) if one.kind == "refund_outside")
        assign_outside(session, outside, [UUID(left[0]["ticket"])], "all of it", CLERK, now)
        take_as_outside(session, refund, "most of it", CLERK, now)
    assert stripe_kassa.matters() == [("refund_failed", 50_000)]
    assert ways(stripe_kassa, "refund_failed") == ["retry", "cash"]
    with stripe_kassa.database.transaction() as session:
        retry_refund(session, refund, CLERK, now)
    stripe_kassa.work()
    stripe_kassa.hear()
    assert (stripe_kassa.matters(), stripe_kassa.ledger()) == ([], {})
    assert stripe_kassa.broken_invariants() == []
