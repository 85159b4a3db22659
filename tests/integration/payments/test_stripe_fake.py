"""The fake refuses what Stripe refuses, seen through the real SDK; its troubles are those planned."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from tests.support.kassa import SettableClock
from tests.support.stripe_fake.client import client
from tests.support.stripe_fake.events import WEBHOOK_SECRET, Postman
from tests.support.stripe_fake.memory import API_VERSION
from tests.support.stripe_fake.page import PageClosedError
from tests.support.stripe_fake.service import FakeStripe
from tests.support.stripe_fake.weather import Trouble

NOW = datetime(2030, 6, 1, 6, 30, tzinfo=UTC)
PRICE = 450_000


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def fake(clock: SettableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def sdk(fake: FakeStripe) -> stripe.StripeClient:
    return client(fake)


def asked(minutes: int = 35, **changed: Any) -> Any:
    line = {
        "price_data": {
            "currency": "kzt",
            "unit_amount": PRICE,
            "product_data": {"name": "Дала, 5-қатар, 7-орын"},
        },
        "quantity": 1,
    }
    return {
        "mode": "payment",
        "line_items": [line],
        "success_url": "https://kassa.test/kk/orders/KX7-4M2Q",
        "expires_at": int((NOW + timedelta(minutes=minutes)).timestamp()),
        **changed,
    }


def opened(sdk: stripe.StripeClient, key: str = "order:1", **changed: Any) -> Any:
    return sdk.v1.checkout.sessions.create(asked(**changed), {"idempotency_key": key})


def paid(fake: FakeStripe, sdk: stripe.StripeClient, **changed: Any) -> str:
    """Return the payment intent of a paid session."""
    return str(fake.page.pay(opened(sdk, **changed).id)["payment_intent"])


def refuses(code: str | None, param: str | None, call: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        call()
    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_the_version_is_the_one_that_the_sdk_was_made_for() -> None:
    assert stripe.api_version == API_VERSION


def test_a_session_is_opened_paid_and_read(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    session = opened(sdk)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (PRICE, "kzt")
    fake.page.pay(session.id)
    read = sdk.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (read.status, read.payment_status, read.url) == ("complete", "paid", None)
    assert (read.payment_intent.status, read.payment_intent.amount_received) == ("succeeded", PRICE)
    with pytest.raises(PageClosedError):
        fake.page.pay(session.id)


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"minutes": 29}, None, "expires_at"),
        ({"minutes": 24 * 60 + 1}, None, "expires_at"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"locale": "kk"}, None, "locale"),
        ({"mode": "sell"}, None, "mode"),
        ({"success_url": "kassa"}, "url_invalid", "success_url"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata[" + "k" * 41 + "]"),
        ({"line_items": asked()["line_items"] * 101}, None, "line_items"),
    ],
)
def test_a_session_is_refused(
    sdk: stripe.StripeClient, changed: dict[str, Any], code: str | None, param: str
) -> None:
    refuses(code, param, lambda: opened(sdk, **changed))


@pytest.mark.parametrize(
    ("price", "code", "param"),
    [
        ({"currency": "KZT"}, "parameter_invalid_string", "line_items[0][price_data][currency]"),
        ({"unit_amount": 10_000}, "amount_too_small", None),
        ({"unit_amount": -1}, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        ({"unit_amount": 4500.5}, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        ({"product_data": {}}, None, None),
        ({"tax": 1}, "parameter_unknown", "line_items[0][price_data][tax]"),
    ],
)
def test_a_line_is_refused(
    sdk: stripe.StripeClient, price: dict[str, Any], code: str | None, param: str | None
) -> None:
    line = asked()["line_items"][0]
    wrong = {**line, "price_data": {**line["price_data"], **price}}
    if price == {"product_data": {}}:  # the SDK leaves an empty object out
        code, param = "parameter_missing", "line_items[0][price_data][product_data]"
    refuses(code, param, lambda: opened(sdk, line_items=[wrong]))


def test_another_key_or_version_is_not_let_in(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    with pytest.raises(stripe.AuthenticationError):
        opened(client(fake, "sk_test_other"))
    with pytest.raises(stripe.InvalidRequestError, match="speaks"):
        sdk.v1.checkout.sessions.create(asked(), {"stripe_version": "2020-08-27"})


def test_the_same_key_gives_the_same_session_and_another_body_is_refused(sdk: stripe.StripeClient) -> None:
    first = opened(sdk)
    again = opened(sdk)
    assert again.id == first.id
    with pytest.raises(stripe.IdempotencyError):
        opened(sdk, minutes=36)


def test_a_validation_error_leaves_the_key_free_and_a_refusal_of_the_work_is_kept(
    fake: FakeStripe, sdk: stripe.StripeClient
) -> None:
    refuses(None, "expires_at", lambda: opened(sdk, minutes=29))
    session = opened(sdk)
    fake.page.pay(session.id)
    for _ in range(2):
        refuses(None, None, lambda: sdk.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "x"}))


def test_a_session_ends_once(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    session = opened(sdk)
    fake.page.fail_card(session.id)
    assert sdk.v1.checkout.sessions.expire(session.id).status == "expired"
    refuses(None, None, lambda: sdk.v1.checkout.sessions.expire(session.id))
    kinds = [event["type"] for event in reversed(fake.memory.every("event"))]
    assert kinds == ["payment_intent.payment_failed", "payment_intent.canceled", "checkout.session.expired"]


def test_a_session_ends_by_itself_in_its_time(
    fake: FakeStripe, sdk: stripe.StripeClient, clock: SettableClock
) -> None:
    session = opened(sdk)
    clock.forward(minutes=35)
    assert sdk.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_sessions_are_found_by_time_and_payment(
    fake: FakeStripe, sdk: stripe.StripeClient, clock: SettableClock
) -> None:
    first = opened(sdk, "a")
    clock.forward(seconds=10)
    second = opened(sdk, "b")
    since = int(NOW.timestamp()) + 5
    assert [one.id for one in sdk.v1.checkout.sessions.list({"created": {"gte": since}}).data] == [second.id]
    intent = fake.page.pay(first.id)["payment_intent"]
    assert [one.id for one in sdk.v1.checkout.sessions.list({"payment_intent": intent}).data] == [first.id]
    every = sdk.v1.checkout.sessions.list({"limit": 1})
    assert [one.id for one in every.auto_paging_iter()] == [second.id, first.id]


def test_a_manual_payment_is_captured_once_or_let_go(
    fake: FakeStripe, sdk: stripe.StripeClient, clock: SettableClock
) -> None:
    manual = {"payment_intent_data": {"capture_method": "manual"}}
    taken, left = (paid(fake, sdk, key=key, **manual) for key in ("a", "b"))
    refuses("payment_intent_unexpected_state", None, lambda: sdk.v1.refunds.create({"payment_intent": taken}))
    assert sdk.v1.payment_intents.retrieve(taken).amount_capturable == PRICE
    assert sdk.v1.payment_intents.capture(taken).amount_received == PRICE
    refuses("payment_intent_unexpected_state", None, lambda: sdk.v1.payment_intents.capture(taken))
    clock.forward(days=8)
    assert sdk.v1.payment_intents.retrieve(left).status == "canceled"
    refuses("payment_intent_unexpected_state", None, lambda: sdk.v1.payment_intents.cancel(left))


def test_a_slow_method_is_settled_later(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    good, bad = opened(sdk, "a"), opened(sdk, "b")
    for session in (good, bad):
        fake.page.pay_slowly(session.id)
        read = sdk.v1.checkout.sessions.retrieve(session.id)
        assert (read.status, read.payment_status) == ("complete", "unpaid")
    fake.page.settle(good.id, paid=True)
    fake.page.settle(bad.id, paid=False)
    assert sdk.v1.checkout.sessions.retrieve(good.id).payment_status == "paid"
    assert sdk.v1.checkout.sessions.retrieve(bad.id).payment_status == "unpaid"


def test_no_more_is_refunded_than_was_taken(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    intent = paid(fake, sdk)

    def refund(amount: int, key: str) -> Any:
        return sdk.v1.refunds.create({"payment_intent": intent, "amount": amount}, {"idempotency_key": key})

    assert refund(PRICE - 1, "a").status == "succeeded"
    assert refund(PRICE - 1, "a").amount == PRICE - 1
    refuses(None, "amount", lambda: refund(2, "b"))
    refuses("parameter_invalid_integer", "amount", lambda: refund(0, "c"))
    assert refund(1, "d").amount == 1
    refuses("charge_already_refunded", None, lambda: refund(1, "e"))
    assert [one.amount for one in sdk.v1.refunds.list({"payment_intent": intent}).data] == [1, PRICE - 1]


def test_a_refund_may_take_its_time_and_may_fail_even_after_it_was_done(
    fake: FakeStripe, sdk: stripe.StripeClient
) -> None:
    intent = paid(fake, sdk)
    fake.refunds_at_once = False
    refund = sdk.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "pending"
    fake.treasury.settle_refund(refund.id)
    assert sdk.v1.refunds.retrieve(refund.id).status == "succeeded"
    fake.treasury.fail_refund(refund.id)
    failed = sdk.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert sdk.v1.refunds.create({"payment_intent": intent}).amount == PRICE


def test_a_disputed_charge_is_not_refunded(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    intent = paid(fake, sdk)
    dispute = fake.treasury.dispute(intent)
    read = sdk.v1.disputes.retrieve(dispute["id"])
    assert [one.amount for one in read.balance_transactions] == [-PRICE]
    refuses("charge_disputed", None, lambda: sdk.v1.refunds.create({"payment_intent": intent}))
    fake.treasury.close_dispute(dispute["id"], won=True)
    assert sdk.v1.refunds.create({"payment_intent": intent}).status == "succeeded"


def test_a_payout_is_the_sum_of_its_movements(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    sdk.v1.refunds.create({"payment_intent": paid(fake, sdk), "amount": 100_000})
    payout = fake.treasury.pay_out()
    moved = sdk.v1.balance_transactions.list({"payout": payout["id"], "expand": ["data.source"]}).data
    assert {one.type: one.amount for one in moved} == {
        "charge": PRICE,
        "refund": -100_000,
        "payout": -payout["amount"],
    }
    assert sum(one.net for one in moved) == 0
    assert [one.id for one in sdk.v1.payouts.list({"status": "paid"}).data] == [payout["id"]]


@pytest.mark.parametrize(
    ("trouble", "error", "made", "again"),
    [
        (Trouble.LOST_BEFORE, stripe.APIConnectionError, 0, None),
        (Trouble.LOST_AFTER, stripe.APIConnectionError, 1, None),
        (Trouble.ERROR_BEFORE, stripe.APIError, 0, stripe.APIError),
        (Trouble.ERROR_AFTER, stripe.APIError, 1, stripe.APIError),
        (Trouble.UNAVAILABLE, stripe.APIError, 0, None),
        (Trouble.TOO_MANY, stripe.RateLimitError, 0, None),
        (Trouble.IN_PROGRESS, stripe.APIError, 0, None),
    ],
)
def test_troubles(
    fake: FakeStripe,
    sdk: stripe.StripeClient,
    trouble: Trouble,
    error: type[stripe.StripeError],
    made: int,
    again: type[stripe.StripeError] | None,
) -> None:
    fake.weather.plan(trouble, "POST", "/v1/checkout")
    with pytest.raises(error):
        opened(sdk)
    assert len(fake.memory.every("checkout.session")) == made
    if again is None:
        opened(sdk)
    else:
        with pytest.raises(again) as replayed:
            opened(sdk)
        assert (replayed.value.headers or {})["Idempotent-Replayed"] == "true"
    assert len(fake.memory.every("checkout.session")) == (made if again else 1)


def test_events_are_signed_as_the_sdk_checks_and_listed_until_they_arrive(
    fake: FakeStripe, sdk: stripe.StripeClient
) -> None:
    arrived: list[tuple[bytes, dict[str, str]]] = []
    answers = iter([500, 200, 200])

    def receive(raw: bytes, headers: dict[str, str]) -> int:
        arrived.append((raw, headers))
        return next(answers)

    postman = Postman(fake.memory, receive)
    paid(fake, sdk)
    assert postman.deliver_all() == [500, 200]
    left = sdk.v1.events.list({"delivery_success": False}).data
    assert [one.type for one in left] == ["payment_intent.succeeded"]
    assert postman.deliver_all() == [200]
    assert sdk.v1.events.list({"delivery_success": False}).data == []
    for raw, headers in arrived:
        stripe.WebhookSignature.verify_header(raw, headers["Stripe-Signature"], WEBHOOK_SECRET)


def test_bad_post_loses_doubles_and_mixes(fake: FakeStripe, sdk: stripe.StripeClient) -> None:
    arrived: list[bytes] = []

    def receive(raw: bytes, _headers: dict[str, str]) -> int:
        arrived.append(raw)
        return 200

    for number in range(12):
        paid(fake, sdk, key=f"order:{number}")
    postman = Postman(fake.memory, receive)
    sent = len(postman.waiting())
    postman.deliver_badly(random.Random(4))
    assert 0 < len(postman.waiting()) < sent
    assert len(set(arrived)) < len(arrived)
    assert arrived != sorted(arrived)
