"""The webhook's address: what is not genuine is refused, counted, and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.kassa import expect_problem, session_of
from tests.support.stripe_fake.events import WEBHOOK_SECRET, sign
from tests.support.stripe_kassa import WEBHOOK, StripeKassa
from ticketing.sales.affair_models import CallbackRefusal
from ticketing.sales.callbacks import MOST_BODY
from ticketing.sales.payments.stripe_words import KINDS

FAR_TOO_DEEP = b"[" * 100_000
EVENT = {
    "object": "event",
    "id": "evt_1",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {"object": {"id": "cs_1", "object": "checkout.session"}},
}


@pytest.fixture
def paid(stripe_kassa: StripeKassa) -> Iterator[tuple[StripeKassa, dict[str, Any]]]:
    """A paid page whose event has not been sent, and the event."""
    order = stripe_kassa.open()
    stripe_kassa.pay(order)
    (event,) = [one for one in stripe_kassa.postman.waiting() if one["type"] == "checkout.session.completed"]
    yield stripe_kassa, event
    stripe_kassa.hear()
    stripe_kassa.reconcile()
    assert stripe_kassa.read(order)["status"] == "paid"


def send(kassa: StripeKassa, raw: bytes, signature: str | None) -> TestResponse:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return kassa.client.post(WEBHOOK, data=raw, headers=headers)


def refusals(kassa: StripeKassa) -> dict[str, int]:
    with kassa.database.reading() as session:
        return {row.reason: row.count for row in session.scalars(select(CallbackRefusal))}


def unchanged(kassa: StripeKassa, before: dict[str, tuple[int, str]]) -> bool:
    now = kassa.fingerprint()
    return {name: value for name, value in now.items() if name != "callback_refusal"} == {
        name: value for name, value in before.items() if name != "callback_refusal"
    }


def test_forged_callbacks(paid: tuple[StripeKassa, dict[str, Any]]) -> None:
    kassa, event = paid
    raw, now, before = json.dumps(event).encode(), kassa.stripe.memory.moment(), kassa.fingerprint()
    good = sign(raw, WEBHOOK_SECRET, now)
    forged = [
        None,
        "",
        "nonsense",
        f"t={now}",
        f"t={now},v1=",
        f"t={now},v1={'0' * 64}",
        f"v1={good.partition('v1=')[2]}",
        f"t={now + 1},v1={good.partition('v1=')[2]}",
        f"t={now},t={now + 1},v1={good.partition('v1=')[2]}",
        f"t={now},v0={good.partition('v1=')[2]}",
        f"t=٣,v1={'0' * 64}",
        sign(raw, "whsec_other", now),
        sign(raw, "", now),
        "t=" + "9" * 5000,
        f"t={now},v1=ё",
    ]
    for signature in forged:
        header = None if signature is None else signature.encode().decode("latin-1")
        problem = expect_problem(send(kassa, raw, header), 400, "callback_refused")
        assert problem["reason"] == "forged"
    # The body of one event under the signature of another, and a body cut off or changed on its way.
    for other in (raw[:-1], raw + b" ", raw.replace(b"cs_test", b"cs_tesT"), b""):
        expect_problem(send(kassa, other, good), 400, "callback_refused")
    assert unchanged(kassa, before)
    assert refusals(kassa) == {"forged": len(forged) + 4}


@pytest.mark.parametrize("seconds", [-301, 301])
def test_stale_callbacks(paid: tuple[StripeKassa, dict[str, Any]], seconds: int) -> None:
    kassa, event = paid
    raw, before = json.dumps(event).encode(), kassa.fingerprint()
    signature = sign(raw, WEBHOOK_SECRET, kassa.stripe.memory.moment() + seconds)
    assert expect_problem(send(kassa, raw, signature), 400, "callback_refused")["reason"] == "stale"
    assert unchanged(kassa, before)
    assert refusals(kassa) == {"stale": 1}
    in_time = sign(raw, WEBHOOK_SECRET, kassa.stripe.memory.moment() + (300 if seconds > 0 else -300))
    assert send(kassa, raw, in_time).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b"\xff\xfe",
        FAR_TOO_DEEP,
        b'{"object": "event"}',
        b'{"object": "event", "id": "evt_1", "type": "x", "livemode": false, "data": {"object": null}}',
        json.dumps({**EVENT, "id": ""}).encode(),
        json.dumps({**EVENT, "id": 7}).encode(),
        json.dumps({**EVENT, "id": "e" * 201}).encode(),
        json.dumps({**EVENT, "livemode": "no"}).encode(),
        json.dumps({**EVENT, "object": "v2.core.event"}).encode(),
    ],
)
def test_signed_bodies_that_are_no_events(stripe_kassa: StripeKassa, raw: bytes) -> None:
    before = stripe_kassa.fingerprint()
    signature = sign(raw, WEBHOOK_SECRET, stripe_kassa.stripe.memory.moment())
    assert (
        expect_problem(send(stripe_kassa, raw, signature), 400, "callback_refused")["reason"] == "malformed"
    )
    assert unchanged(stripe_kassa, before)


def test_oversized_callbacks(stripe_kassa: StripeKassa) -> None:
    before, raw = stripe_kassa.fingerprint(), b"x" * (MOST_BODY + 1)
    signature = sign(raw, WEBHOOK_SECRET, stripe_kassa.stripe.memory.moment())
    expect_problem(send(stripe_kassa, raw, signature), 413, "too_large")
    assert unchanged(stripe_kassa, before)
    assert refusals(stripe_kassa) == {"too_large": 1}


def test_a_body_shorter_than_it_says(stripe_kassa: StripeKassa) -> None:
    answer = stripe_kassa.client.post(WEBHOOK, data=b"{}", headers={"Content-Length": "10"})
    expect_problem(answer, 400, "callback_refused")


def test_an_event_of_real_money_is_not_for_a_test_key(paid: tuple[StripeKassa, dict[str, Any]]) -> None:
    kassa, event = paid
    raw = json.dumps({**event, "livemode": True}).encode()
    answer = send(kassa, raw, sign(raw, WEBHOOK_SECRET, kassa.stripe.memory.moment()))
    assert expect_problem(answer, 400, "callback_refused")["reason"] == "unknown"


def test_other_gateways_have_no_webhook(stripe_kassa: StripeKassa) -> None:
    for gateway in ("demo", "nobody", "STRIPE", "x" * 50):
        expect_problem(stripe_kassa.client.post(f"/payments/{gateway}/webhook"), 404, "not_found")
    expect_problem(stripe_kassa.client.get(WEBHOOK), 405, "method_not_allowed")


def test_an_event_that_nobody_asked_for_is_acknowledged_and_not_kept(stripe_kassa: StripeKassa) -> None:
    """Stripe repeats for days what is refused, and then switches the endpoint off for everything."""
    before = stripe_kassa.fingerprint()
    event = stripe_kassa.stripe.memory.emit("customer.created", {"id": "cus_1", "object": "customer"})
    assert stripe_kassa.postman.deliver(event) == 200
    assert stripe_kassa.fingerprint() == before


def test_an_event_that_comes_again_is_kept_once(paid: tuple[StripeKassa, dict[str, Any]]) -> None:
    kassa, event = paid
    for _ in range(3):
        assert kassa.postman.deliver(event) == 200
        kassa.clock.forward(minutes=1)
    kassa.work()
    assert kassa.postman.deliver(event) == 200
    kassa.work()
    assert kassa.fingerprint()["gateway_event"][0] == 1
    assert kassa.fingerprint()["ticket"][0] == 2


def test_the_answer_does_not_wait_for_stripe(paid: tuple[StripeKassa, dict[str, Any]]) -> None:
    kassa, event = paid
    calls = len(kassa.stripe.log)
    assert kassa.postman.deliver(event) == 200
    assert len(kassa.stripe.log) == calls


def test_what_an_event_says_is_not_believed(stripe_kassa: StripeKassa) -> None:
    order = stripe_kassa.open()
    page = stripe_kassa.stripe.memory.things[session_of(order)]
    paid = {**page, "status": "complete", "payment_status": "paid"}
    stripe_kassa.stripe.memory.emit("checkout.session.completed", paid)
    stripe_kassa.hear()
    assert stripe_kassa.read(order)["status"] == "pending"


def test_every_kind_of_event_is_understood(stripe_kassa: StripeKassa) -> None:
    order, intent = stripe_kassa.bought()
    things = stripe_kassa.stripe.memory
    session = things.things[session_of_payment(stripe_kassa, intent)]
    objects = {
        "checkout": session,
        "payment_intent": things.things[intent],
        "refund": things.add("re", payment_intent="pi_unknown", amount=1, currency="kzt", status="pending",
                             metadata={}, failure_reason=None),
        "charge": things.add("dp", payment_intent="pi_unknown", amount=1, currency="kzt", reason="general",
                             status="lost", balance_transactions=[], evidence_details={"due_by": None}),
        "radar": things.add("issfr", payment_intent="pi_unknown"),
        "payout": things.add("po", amount=1, currency="kzt", status="paid", arrival_date=things.moment()),
    }  # fmt: skip
    for kind in KINDS:
        things.emit(kind, objects[kind.partition(".")[0]])
    stripe_kassa.hear()
    with stripe_kassa.database.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT kind, outcome FROM gateway_event WHERE processed_at IS NULL OR outcome = 'ignored'"
        )
        assert list(rows) == []
    assert stripe_kassa.read(order)["status"] == "paid"


def session_of_payment(kassa: StripeKassa, intent: str) -> str:
    return str(kassa.stripe.memory.things[intent]["_session"])
