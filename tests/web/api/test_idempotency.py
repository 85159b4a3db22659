"""`Idempotency-Key`: the same key finds the same object, and nothing else."""

from sqlalchemy import select

from tests.support.kassa import Kassa, expect, expect_problem, hold_auth, order_auth, order_body, session_of
from ticketing.foundation.idempotency import forget_old
from ticketing.foundation.models import IdempotencyRecord
from ticketing.sales.payments.port import Capture, GatewayUnreachableError


def records(kassa: Kassa) -> list[IdempotencyRecord]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(IdempotencyRecord)))


def test_a_repeated_hold_is_the_same_hold(kassa: Kassa) -> None:
    body = {"screening": "s06", "quantity": 2}
    first = kassa.post("/api/v1/holds", body, key="a")
    again = kassa.post("/api/v1/holds", body, key="a")
    assert (again.status_code, again.get_json()) == (201, expect(first, 201))
    assert len(kassa.free_places("s06")) == 344
    other = expect(kassa.post("/api/v1/holds", body, key="b"), 201)
    assert other["hold"] != first.get_json()["hold"]


def test_a_repeated_order_is_the_same_order(kassa: Kassa) -> None:
    body = order_body(kassa.hold())
    first = expect(kassa.post("/api/v1/orders", body, key="a"), 201)
    assert expect(kassa.post("/api/v1/orders", body, key="a"), 201) == first
    kassa.play(first, "approve")
    replayed = expect(kassa.post("/api/v1/orders", body, key="a"), 201)
    assert (replayed["order"], replayed["key"], replayed["status"]) == (first["order"], first["key"], "paid")


def test_a_repeated_attempt_renewal_and_refund(kassa: Kassa) -> None:
    hold = kassa.hold()
    renew = f"/api/v1/holds/{hold['hold']}/renew"
    first = expect(kassa.post(renew, auth=hold_auth(hold), key="a"), 200)
    assert expect(kassa.post(renew, auth=hold_auth(hold), key="a"), 200) == first
    expect_problem(kassa.post(renew, auth=hold_auth(hold), key="b"), 409, "already_renewed")

    order = kassa.order(hold)
    kassa.play(order, "decline")
    pay = f"/api/v1/orders/{order['order']}/payments"
    attempt = expect(kassa.post(pay, auth=order_auth(order), key="a"), 201)
    assert expect(kassa.post(pay, auth=order_auth(order), key="a"), 201) == attempt
    expect_problem(kassa.post(pay, auth=order_auth(order), key="b"), 409, "payment_open")
    kassa.play(attempt, "approve")

    staff = kassa.staff()
    ticket = [kassa.read(order)["tickets"][0]["ticket"]]
    refund = expect(kassa.refund(order, staff, "a", tickets=ticket), 201)
    assert expect(kassa.refund(order, staff, "a", tickets=ticket), 201) == refund
    expect_problem(kassa.refund(order, staff, "b", tickets=ticket), 409, "already_refunded")
    assert len(kassa.read(order)["refunds"]) == 1


def test_another_body_is_refused_before_it_is_read(kassa: Kassa) -> None:
    body = {"screening": "s06", "quantity": 2}
    expect(kassa.post("/api/v1/holds", body, key="a"), 201)
    before = kassa.fingerprint()
    for other in ({**body, "quantity": 3}, {"nonsense": True}, [], None):
        expect_problem(kassa.post("/api/v1/holds", other, key="a"), 422, "idempotency_mismatch")
    order = kassa.client.post("/api/v1/holds", data=b"{", headers={"Idempotency-Key": "a"})
    expect_problem(order, 422, "idempotency_mismatch")
    assert kassa.fingerprint() == before


def test_a_mismatch_on_orders_and_refunds(kassa: Kassa) -> None:
    hold = kassa.hold()
    order = expect(kassa.post("/api/v1/orders", order_body(hold), key="a"), 201)
    expect_problem(
        kassa.post("/api/v1/orders", order_body(hold, name="Б"), key="a"), 422, "idempotency_mismatch"
    )
    kassa.play(order, "approve")
    staff = kassa.staff()
    expect(kassa.refund(order, staff, "a"), 201)
    expect_problem(kassa.refund(order, staff, "a", reason="other"), 422, "idempotency_mismatch")


def test_a_key_belongs_to_a_caller_a_method_and_a_path(kassa: Kassa) -> None:
    one, two = kassa.hold(), kassa.hold()
    for hold in (one, two):  # the same key at two paths, by two callers
        path = f"/api/v1/holds/{hold['hold']}/renew"
        assert expect(kassa.post(path, auth=hold_auth(hold), key="k"), 200)["hold"] == hold["hold"]
    body = {"screening": "s06", "quantity": 1}
    here = expect(kassa.post("/api/v1/holds", body, key="k"), 201)
    there = kassa.client.post(
        "/api/v1/holds", json=body, headers={"Idempotency-Key": "k"}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert expect(there, 201)["hold"] != here["hold"]
    order = kassa.buy("s06", 2)
    first, second = ([ticket["ticket"]] for ticket in order["tickets"])
    expect(kassa.refund(order, kassa.staff(), "k", tickets=first), 201)
    expect(kassa.refund(order, kassa.staff(), "k", tickets=second), 201)


def test_a_replay_needs_the_callers_credentials(kassa: Kassa) -> None:
    order, staff = kassa.buy("s06", 1), kassa.staff()
    expect(kassa.refund(order, staff, "a"), 201)
    expect_problem(kassa.refund(order, "", "a"), 401, "unauthorized")
    expect_problem(kassa.refund(order, "Bearer other", "a"), 401, "unauthorized")


def test_a_refused_request_leaves_its_key_free(kassa: Kassa) -> None:
    taken = kassa.hold("s06", places=["З-5-7"])
    body = {"screening": "s06", "places": ["З-5-7"]}
    expect_problem(kassa.post("/api/v1/holds", body, key="a"), 409, "places_taken")
    assert records(kassa) == []
    kassa.delete(f"/api/v1/holds/{taken['hold']}", hold_auth(taken))
    expect(kassa.post("/api/v1/holds", body, key="a"), 201)


def test_the_record_holds_no_secret(kassa: Kassa) -> None:
    hold = expect(kassa.post("/api/v1/holds", {"screening": "s06", "quantity": 1}, key="my-key"), 201)
    order = expect(kassa.post("/api/v1/orders", order_body(hold), key="my-key"), 201)
    kept = records(kassa)
    assert len(kept) == 2
    for record in kept:
        seen = record.object_id.encode() + record.scope + record.body_hash
        for secret in (hold["key"], order["key"], "my-key", session_of(order), "aigerim"):
            assert secret.encode() not in seen
        assert (len(record.scope), len(record.body_hash)) == (32, 32)


def test_keys_are_forgotten_after_a_day(kassa: Kassa) -> None:
    body = {"screening": "s06", "quantity": 1}
    first = expect(kassa.post("/api/v1/holds", body, key="a"), 201)
    kassa.clock.forward(hours=23)
    forget_old(kassa.database, kassa.clock.now())
    assert expect(kassa.post("/api/v1/holds", body, key="a"), 201)["hold"] == first["hold"]
    kassa.clock.forward(hours=2)
    forget_old(kassa.database, kassa.clock.now())
    assert expect(kassa.post("/api/v1/holds", body, key="a"), 201)["hold"] != first["hold"]


def test_pairing_and_scans_have_their_own_ways(kassa: Kassa) -> None:
    code = kassa.pairing_code()
    device = expect(kassa.post("/api/v1/door/devices", {"pairing_code": code}, key="a"), 201)
    expect_problem(
        kassa.post("/api/v1/door/devices", {"pairing_code": code}, key="a"), 410, "pairing_expired"
    )
    other = kassa.post("/api/v1/door/devices", {"pairing_code": kassa.pairing_code()}, key="a")
    assert expect(other, 201)["device"] != device["device"]
    auth = f"Bearer {device['token']}"
    for code in ("junk", "other junk"):
        body = {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body(code)]}
        expect(kassa.post("/api/v1/door/scans", body, auth, key="a"), 200)
    assert records(kassa) == []


def test_a_replay_resumes_an_unfinished_start(kassa: Kassa) -> None:
    body = order_body(kassa.hold())
    gateways = kassa.desk.calls.gateways
    working = dict(gateways)
    gateways["demo"] = Unreachable()
    try:
        expect_problem(kassa.post("/api/v1/orders", body, key="a"), 503, "gateway_unavailable")
    finally:
        gateways.update(working)
    resumed = expect(kassa.post("/api/v1/orders", body, key="a"), 201)
    assert resumed["payment"]["url"]
    assert [one["attempt"] for one in resumed["payments"]] == [1]
    assert kassa.play(resumed, "approve").status_code == 200


class Unreachable:
    """A bank that does not answer."""

    name = "demo"
    itemised = False
    capture_mode = Capture.AUTOMATIC

    def start(self, request: object) -> None:
        raise GatewayUnreachableError
