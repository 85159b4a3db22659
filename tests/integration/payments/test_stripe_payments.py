"""Buying through Stripe: whatever is lost, doubled, late or declined, every tenge has its ticket."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.kassa import Json, expect, expect_problem, order_auth, session_of
from tests.support.late import leave_only
from tests.support.stripe_fake.page import PageClosedError
from tests.support.stripe_fake.weather import Trouble
from tests.support.stripe_kassa import StripeKassa
from ticketing.inventory.models import Place
from ticketing.sales.models import Payment
from ticketing.sales.payments.port import Notification

OWN = ("id", "object", "created", "livemode")
SESSIONS = "/v1/checkout/sessions"


def sessions(kassa: StripeKassa) -> list[Json]:
    return kassa.stripe.memory.every("checkout.session")


def states(kassa: StripeKassa, order: Json) -> list[str]:
    return [payment["status"] for payment in kassa.read(order)["payments"]]


def attempt(kassa: StripeKassa, order: Json) -> Any:
    return kassa.post(f"/api/v1/orders/{order['order']}/payments", auth=order_auth(order))


def test_a_purchase(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open("s06", places=["З-5-7", "З-5-8"])
    (page,) = sessions(stripe_kassa)
    assert order["payment"] == {"gateway": "stripe", "url": page["url"]}
    assert stripe_kassa.read(order)["status"] == "pending"
    stripe_kassa.pay(order)
    assert stripe_kassa.read(order)["status"] == "pending", "coming back is not being paid"
    stripe_kassa.hear()
    paid = stripe_kassa.read(order)
    assert (paid["status"], len(paid["tickets"]), paid["payment"]) == ("paid", 2, None)
    assert len(stripe_kassa.mails()) == 1
    assert stripe_kassa.ledger() == {"gateway": order["total"]["minor"], "tickets": -order["total"]["minor"]}


def test_what_stripe_is_told(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open("s06", places=["З-5-7", "З-5-8"])
    (page,) = sessions(stripe_kassa)
    lines = page["_lines"]
    assert [line["price_data"]["unit_amount"] for line in lines] == [order["total"]["minor"] // 2] * 2
    assert {line["price_data"]["currency"] for line in lines} == {"kzt"}
    names = [line["price_data"]["product_data"]["name"] for line in lines]
    assert all("19:30" in name and "5" in name for name in names)
    assert names[0] != names[1]
    assert page["locale"] == "ru", "Stripe does not speak Kazakh"
    assert page["expires_at"] == int((stripe_kassa.clock.now() + timedelta(minutes=35)).timestamp())
    assert page["metadata"]["order"] == order["order"]
    told = repr(stripe_kassa.stripe.memory.things) + repr(stripe_kassa.stripe.memory.answered)
    for personal in ("aigerim", "example.kz", "Айгерім"):
        assert personal not in told


def test_an_order_of_many_tickets_has_one_line(stripe_kassa: StripeKassa) -> None:
    with stripe_kassa.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE festival SET max_places_per_order = 200")
    order = stripe_kassa.open("s10", quantity=1)
    assert len(sessions(stripe_kassa)[0]["_lines"]) == 1
    assert order["payment"]


@pytest.mark.parametrize("seed", range(6))
def test_bad_post(stripe_kassa: StripeKassa, seed: int) -> None:
    dice = random.Random(seed)
    orders = [stripe_kassa.open("s06", 1) for _ in range(4)]
    for order in orders[:3]:
        stripe_kassa.pay(order)
    for _ in range(3):
        assert set(stripe_kassa.postman.deliver_badly(dice)) <= {200}
        stripe_kassa.work()
    stripe_kassa.reconcile()
    assert [stripe_kassa.read(order)["status"] for order in orders] == ["paid"] * 3 + ["pending"]
    assert len(stripe_kassa.mails()) <= 3
    stripe_kassa.work()
    assert len(stripe_kassa.mails()) == 3


def test_without_any_notification_reconciliation_finds_the_money(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    stripe_kassa.pay(order)
    stripe_kassa.reconcile()
    assert stripe_kassa.read(order)["status"] == "paid"


def test_undelivered_events_are_listed_and_processed_once(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    stripe_kassa.pay(order)
    stripe_kassa.reconcile()
    kept = stripe_kassa.fingerprint()["gateway_event"]
    assert kept[0] == 2
    stripe_kassa.hear()
    stripe_kassa.reconcile()
    assert stripe_kassa.fingerprint()["gateway_event"] == kept


def test_an_unpaid_page_is_closed_when_the_time_to_pay_ends(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open("s06", places=["З-5-7", "З-5-8"])
    stripe_kassa.clock.forward(minutes=10)
    stripe_kassa.work()
    assert stripe_kassa.read(order)["status"] == "expired"
    assert "З-5-7" in stripe_kassa.free_places("s06")
    with pytest.raises(PageClosedError):
        stripe_kassa.pay(order)


def test_paid_in_the_last_moment(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    stripe_kassa.clock.forward(minutes=10)
    stripe_kassa.pay(order)
    stripe_kassa.work()
    assert stripe_kassa.read(order)["status"] == "paid"


@pytest.mark.parametrize("trouble", [Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.UNAVAILABLE])
def test_while_stripe_is_away_the_places_are_kept(stripe_kassa: StripeKassa, trouble: Trouble) -> None:
    order = stripe_kassa.open("s06", places=["З-5-7", "З-5-8"])
    stripe_kassa.stripe.weather.always = lambda _method, _path: trouble
    stripe_kassa.clock.forward(minutes=10)
    stripe_kassa.work()
    stripe_kassa.reconcile()
    assert stripe_kassa.read(order)["status"] == "pending"
    assert "З-5-7" not in stripe_kassa.free_places("s06")
    stripe_kassa.stripe.weather.always = lambda _method, _path: None
    stripe_kassa.work()
    assert stripe_kassa.read(order)["status"] == "expired"


def test_a_declined_card_may_be_tried_again_on_the_same_page(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    stripe_kassa.stripe.page.fail_card(session_of(order))
    stripe_kassa.hear()
    assert states(stripe_kassa, order) == ["open"]
    stripe_kassa.pay(order)
    stripe_kassa.hear()
    assert stripe_kassa.read(order)["status"] == "paid"


@pytest.mark.parametrize("trouble", [Trouble.LOST_BEFORE, Trouble.LOST_AFTER, Trouble.UNAVAILABLE])
def test_a_start_without_answer_is_repeated_with_the_same_key(
    stripe_kassa: StripeKassa, trouble: Trouble
) -> None:
    held = stripe_kassa.hold()
    stripe_kassa.stripe.weather.plan(trouble, "POST", SESSIONS)
    body = stripe_kassa.order_body(held)
    expect_problem(stripe_kassa.post("/api/v1/orders", body, key="one"), 503, "gateway_unavailable")
    order = expect(stripe_kassa.post("/api/v1/orders", body, key="one"), 201)
    assert len(sessions(stripe_kassa)) == 1
    stripe_kassa.pay(order)
    stripe_kassa.hear()
    assert stripe_kassa.read(order)["status"] == "paid"


@pytest.mark.parametrize("trouble", [Trouble.ERROR_BEFORE, Trouble.ERROR_AFTER])
def test_an_internal_error_at_the_start_is_looked_into(stripe_kassa: StripeKassa, trouble: Trouble) -> None:
    """Stripe keeps the error under the key for a day, whatever was done: asking again tells nothing."""
    held = stripe_kassa.hold()
    stripe_kassa.stripe.weather.plan(trouble, "POST", SESSIONS)
    body = stripe_kassa.order_body(held)
    expect_problem(stripe_kassa.post("/api/v1/orders", body, key="one"), 503, "gateway_unavailable")
    again = stripe_kassa.post("/api/v1/orders", body, key="one")
    if trouble is Trouble.ERROR_AFTER:
        order = expect(again, 201)
        stripe_kassa.pay(order)
        stripe_kassa.hear()
        assert stripe_kassa.read(order)["status"] == "paid"
        return
    expect_problem(again, 503, "gateway_unavailable")
    stripe_kassa.clock.forward(minutes=11)
    stripe_kassa.work()
    assert "pending" in order_statuses(stripe_kassa), "a page might still turn up"
    stripe_kassa.clock.forward(minutes=30)
    stripe_kassa.work()
    assert order_statuses(stripe_kassa) == {"expired"}


def test_a_start_that_never_arrived_is_over_when_its_own_expiry_is_too_near(
    stripe_kassa: StripeKassa,
) -> None:
    held = stripe_kassa.hold()
    stripe_kassa.stripe.weather.plan(Trouble.LOST_BEFORE, "POST", SESSIONS)
    expect_problem(
        stripe_kassa.post("/api/v1/orders", stripe_kassa.order_body(held)), 503, "gateway_unavailable"
    )
    stripe_kassa.clock.forward(minutes=10)
    stripe_kassa.work()
    assert order_statuses(stripe_kassa) == {"expired"}
    assert sessions(stripe_kassa) == []


def test_an_event_may_come_before_the_answer_to_the_start(stripe_kassa: StripeKassa) -> None:
    held = stripe_kassa.hold()
    stripe_kassa.stripe.weather.plan(Trouble.LOST_AFTER, "POST", SESSIONS)
    body = stripe_kassa.order_body(held)
    expect_problem(stripe_kassa.post("/api/v1/orders", body, key="one"), 503, "gateway_unavailable")
    stripe_kassa.stripe.page.pay(sessions(stripe_kassa)[0]["id"])
    stripe_kassa.hear()
    assert order_statuses(stripe_kassa) == {"paid"}
    assert stripe_kassa.matters() == []


def test_money_on_a_page_that_nobody_knows_is_kept_for_staff(stripe_kassa: StripeKassa) -> None:
    page = stripe_kassa.stripe.memory.things
    order = stripe_kassa.open()
    known = {name: value for name, value in page[session_of(order)].items() if name not in OWN}
    known["client_reference_id"] = "another-shop"
    stranger = stripe_kassa.stripe.memory.add("cs_test", **known)
    stripe_kassa.stripe.page.pay(stranger["id"])
    stripe_kassa.hear()
    assert stripe_kassa.matters() == [("unknown_session", order["total"]["minor"])]
    assert stripe_kassa.read(order)["status"] == "pending"
    stripe_kassa.invariants_hold = False  # this money is in the bank and in no order: that is the matter


def test_another_amount_is_parked_for_staff(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    page = stripe_kassa.stripe.memory.things[session_of(order)]
    page["amount_total"] -= 100
    stripe_kassa.pay(order)
    stripe_kassa.hear()
    assert stripe_kassa.read(order)["tickets"] == []
    assert stripe_kassa.matters() == [("amount_differs", order["total"]["minor"] - 100)]
    assert stripe_kassa.ledger()["parked"] == -(order["total"]["minor"] - 100)


def test_a_second_payment_goes_back_by_itself(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    first = session_of(order)
    with stripe_kassa.database.transaction() as session:
        # As if the first page had been given up wrongly: the buyer pays there and on a second one.
        session.query(Payment).filter_by(session=first).update({"state": "declined"})
    second = expect(attempt(stripe_kassa, order), 201)
    stripe_kassa.pay(second)
    stripe_kassa.hear()
    stripe_kassa.stripe.page.pay(first)
    stripe_kassa.hear()
    seen = stripe_kassa.read(order)
    assert seen["status"] == "paid"
    assert [(one["status"], one["reason"]) for one in seen["refunds"]] == [("done", "paid_twice")]
    assert stripe_kassa.money() == order["total"]["minor"]


def test_another_open_page_of_a_paid_order_is_closed(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    first = session_of(order)
    with stripe_kassa.database.transaction() as session:
        session.query(Payment).filter_by(session=first).update({"state": "declined"})
    second = expect(attempt(stripe_kassa, order), 201)
    stripe_kassa.stripe.page.pay(first)
    stripe_kassa.hear()
    assert states(stripe_kassa, order) == ["captured", "open"]
    stripe_kassa.reconcile()
    assert states(stripe_kassa, order) == ["captured", "expired"]
    with pytest.raises(PageClosedError):
        stripe_kassa.stripe.page.pay(session_of(second))


# Slow methods


@pytest.mark.parametrize("paid", [True, False])
def test_a_slow_method_keeps_the_places_until_its_end(stripe_kassa: StripeKassa, *, paid: bool) -> None:
    order = stripe_kassa.open("s06", places=["З-5-7", "З-5-8"])
    stripe_kassa.stripe.page.pay_slowly(session_of(order))
    stripe_kassa.hear()
    assert states(stripe_kassa, order) == ["processing"]
    assert stripe_kassa.read(order)["payment"] is None
    expect_problem(attempt(stripe_kassa, order), 409, "payment_open")
    stripe_kassa.clock.forward(days=1)
    stripe_kassa.work()
    stripe_kassa.reconcile()
    assert stripe_kassa.read(order)["status"] == "pending"
    assert "З-5-7" not in stripe_kassa.free_places("s06")
    stripe_kassa.stripe.page.settle(session_of(order), paid=paid)
    stripe_kassa.hear()
    stripe_kassa.work()
    assert stripe_kassa.read(order)["status"] == ("paid" if paid else "expired")


def test_a_slow_method_that_fails_in_time_may_be_followed_by_another(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    stripe_kassa.stripe.page.pay_slowly(session_of(order))
    stripe_kassa.stripe.page.settle(session_of(order), paid=False)
    stripe_kassa.hear()
    assert states(stripe_kassa, order) == ["declined"]
    second = expect(attempt(stripe_kassa, order), 201)
    stripe_kassa.pay(second)
    stripe_kassa.hear()
    assert stripe_kassa.read(order)["status"] == "paid"


# Reserve first, capture later


def test_reserved_money_is_captured_once_the_places_are_sure(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open()
    manual_kassa.pay(order)
    assert manual_kassa.money() == 0
    manual_kassa.hear()
    assert manual_kassa.read(order)["status"] == "paid"
    assert manual_kassa.money() == order["total"]["minor"]


def test_a_capture_that_is_cut_off_is_finished(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open()
    intent = manual_kassa.pay(order)
    manual_kassa.stripe.weather.plan(Trouble.LOST_AFTER, "POST", f"/v1/payment_intents/{intent}/capture")
    manual_kassa.hear()
    manual_kassa.clock.forward(minutes=11)
    manual_kassa.work()
    manual_kassa.reconcile()
    assert manual_kassa.read(order)["status"] == "paid"
    assert manual_kassa.money() == order["total"]["minor"]


def test_reserved_money_of_a_lost_place_is_let_go(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open("s06", places=["З-5-7", "З-5-8"])
    manual_kassa.pay(order)
    lose(manual_kassa, order)
    manual_kassa.buy_elsewhere("s06", places=["З-5-7", "З-5-8"])
    leave_only(manual_kassa, "s06", [])
    manual_kassa.hear()
    seen = manual_kassa.read(order)
    assert (seen["status"], seen["refunds"]) == ("expired", [])
    assert manual_kassa.stripe.memory.things[intent_of(manual_kassa, order)]["status"] == "canceled"


def test_reserved_money_takes_the_same_places_back_if_they_are_free(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open("s06", places=["З-5-7", "З-5-8"])
    manual_kassa.pay(order)
    lose(manual_kassa, order)
    manual_kassa.hear()
    assert manual_kassa.read(order)["status"] == "paid"


def test_reserved_money_is_taken_for_equal_places(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open("s06", places=["З-5-7", "З-5-8"])
    manual_kassa.pay(order)
    lose(manual_kassa, order)
    manual_kassa.buy_elsewhere("s06", places=["З-5-7"])
    manual_kassa.hear()
    places = {ticket["place"] for ticket in manual_kassa.read(order)["tickets"]}
    assert len(places - {"З-5-7"}) == 2
    assert manual_kassa.money() == 3 * order["total"]["minor"] // 2  # two places, and one elsewhere


def test_a_reserve_that_ran_out_frees_the_places(manual_kassa: StripeKassa) -> None:
    order = manual_kassa.open("s06", places=["З-5-7", "З-5-8"])
    manual_kassa.pay(order)
    manual_kassa.stripe.weather.always = lambda method, _path: (
        Trouble.UNAVAILABLE if method == "POST" else None
    )
    manual_kassa.hear()
    manual_kassa.clock.forward(days=8)
    manual_kassa.stripe.weather.always = lambda _method, _path: None
    manual_kassa.reconcile()
    assert manual_kassa.read(order)["status"] == "expired"
    with manual_kassa.database.reading() as session:
        assert session.scalar(select(func.count()).where(Place.order_id.is_not(None))) == 0


def lose(kassa: StripeKassa, order: Json) -> None:
    """Let the order lose its places, as if the page had been said to have expired."""
    with kassa.database.transaction() as session:
        for statement in (
            "UPDATE payment SET state = 'expired'",
            "UPDATE orders SET status = 'expired'",
            "UPDATE place SET order_id = NULL",
            "UPDATE buyer_count SET places = 0",
        ):
            session.connection().exec_driver_sql(statement)
    assert kassa.read(order)["status"] == "expired"


def intent_of(kassa: StripeKassa, order: Json) -> str:
    return str(kassa.stripe.memory.things[session_of(order)]["payment_intent"])


def order_statuses(kassa: StripeKassa) -> set[str]:
    with kassa.database.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT status FROM orders")
        return {row[0] for row in rows}


def test_an_event_about_nothing_that_is_known_is_kept_and_done_with(stripe_kassa: StripeKassa) -> None:
    stripe_kassa.desk.inbox.receive(
        "stripe", Notification(event="evt_x", kind="checkout.session.completed", name="cs_test_nobody")
    )
    assert stripe_kassa.matters() == []
