"""Buying through a bank of the local pattern: its callback is not believed, its status is."""

from datetime import timedelta

from tests.support.kassa import expect, expect_problem, session_of
from tests.support.local_kassa import LocalKassa


def test_a_purchase(local_kassa: LocalKassa) -> None:
    order = local_kassa.order(local_kassa.hold())
    number = session_of(order)
    assert number.isdigit()
    assert 6 <= len(number) <= 15
    local_kassa.bank.pay(number)
    local_kassa.hear()
    assert local_kassa.read(order)["status"] == "paid"
    assert local_kassa.money() == order["total"]["minor"]


def test_a_forged_callback_pays_nothing_and_does_not_stand_in_the_way_of_the_real_one(
    local_kassa: LocalKassa,
) -> None:
    order = local_kassa.order(local_kassa.hold())
    number = session_of(order)
    forged = f"number={number}&result=paid".encode()
    for _ in range(3):
        assert local_kassa.call_back(forged).status_code == 200
        local_kassa.work()
    assert local_kassa.read(order)["status"] == "pending"
    local_kassa.bank.pay(number)
    assert local_kassa.bank.sent == [forged], "the real one says the same"
    local_kassa.hear()
    assert local_kassa.read(order)["status"] == "paid"


def test_callbacks_about_nothing(local_kassa: LocalKassa) -> None:
    before = local_kassa.fingerprint()
    for raw in (b"number=100000&result=paid", b"number=99&result=paid", b"number=1&number=2", b"x", b""):
        expect_problem(local_kassa.call_back(raw), 400, "callback_refused")
    after = local_kassa.fingerprint()
    assert {name for name in after if after[name] != before[name]} == {"callback_refusal"}


def test_a_lost_callback_is_made_up_for(local_kassa: LocalKassa) -> None:
    order = local_kassa.order(local_kassa.hold())
    local_kassa.bank.pay(session_of(order))
    local_kassa.bank.sent.clear()
    local_kassa.reconciler.reconcile(local_kassa.clock.now())
    assert local_kassa.read(order)["status"] == "paid"


def test_an_unpaid_number_is_cancelled(local_kassa: LocalKassa) -> None:
    order = local_kassa.order(local_kassa.hold())
    local_kassa.clock.forward(minutes=10)
    local_kassa.work()
    assert local_kassa.read(order)["status"] == "expired"
    assert local_kassa.bank.papers[session_of(order)].state == "cancelled"


def test_a_start_without_answer_has_the_same_number(local_kassa: LocalKassa) -> None:
    body = order_body_of(local_kassa)
    local_kassa.bank.losing.append(("open", True))
    expect_problem(local_kassa.post("/api/v1/orders", body, key="one"), 503, "gateway_unavailable")
    order = expect(local_kassa.post("/api/v1/orders", body, key="one"), 201)
    assert list(local_kassa.bank.papers) == [session_of(order)]


def test_a_second_part_goes_to_staff_because_the_bank_gives_back_only_once(local_kassa: LocalKassa) -> None:
    order = local_kassa.order(local_kassa.hold("s06", 2))
    local_kassa.bank.pay(session_of(order))
    local_kassa.hear()
    paid = local_kassa.read(order)
    staff = local_kassa.staff()
    for ticket in paid["tickets"]:
        expect(local_kassa.refund(order, staff, tickets=[ticket["ticket"]]), 201)
    half = order["total"]["minor"] // 2
    assert sorted(one["status"] for one in local_kassa.read(order)["refunds"]) == ["done", "failed"]
    assert local_kassa.matters() == [("refund_failed", half)]
    assert local_kassa.money() == half


def test_a_refund_without_answer_is_made_once(local_kassa: LocalKassa) -> None:
    order = local_kassa.order(local_kassa.hold())
    local_kassa.bank.pay(session_of(order))
    local_kassa.hear()
    for after in (False, True):
        local_kassa.bank.losing.append(("refund", after))
    expect(local_kassa.refund(order, local_kassa.staff()), 201)
    for _ in range(4):
        local_kassa.clock.at += timedelta(minutes=11)
        local_kassa.reconciler.reconcile(local_kassa.clock.now())
    assert [one["status"] for one in local_kassa.read(order)["refunds"]] == ["done"]
    assert local_kassa.money() == 0


def order_body_of(kassa: LocalKassa) -> object:
    held = kassa.hold()
    return {
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "buyer": {"email": "buyer@example.kz", "name": "Дана"},
        "locale": "ru",
        "accept_terms": True,
    }
