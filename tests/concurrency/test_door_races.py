"""Refunds and scans of one ticket at once. Each guard is shown to be needed by taking it away."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest

from tests.support.calls import Answer, a_scan, hold, order, pay, read_order, refund, scan, session_of
from tests.support.house import House
from tests.support.together import together
from ticketing.door import facts, scans
from ticketing.foundation.prepared import Prepared
from ticketing.sales.payments.port import RefundRequest

ROUNDS = 8


def buy(house: House, quantity: int = 1) -> tuple[Any, list[Any]]:
    """Buy numbered seats; return the order and its tickets."""
    ordered = order(house.call, [hold(house.call, "seats", quantity).body]).body
    assert pay(house.call, ordered).status == 200
    return ordered, read_order(house.call, ordered)["tickets"]


def refunder(house: House, ordered: Any, ticket: Any) -> Callable[[], Answer]:
    """Return a clerk who refunds one ticket."""
    return lambda: refund(house.call, house.staff, ordered["order"], [ticket["ticket"]])


def scanner(house: House, phone: int, code: str, number: int) -> Callable[[], str]:
    """Return a phone that scans a code once and tells the reason."""
    body = a_scan(UUID(int=number), code, "seats", house.now())
    return lambda: str(scan(house.call, house.phones[phone], house.now(), body)[0]["reason"])


def test_one_ticket_refunded_by_two_at_once_is_refunded_once(house: House) -> None:
    for _ in range(ROUNDS):
        ordered, [ticket] = buy(house)
        answers = together(*[refunder(house, ordered, ticket)] * 2)
        assert Counter((one.status, one.code) for one in answers) == {
            (201, ""): 1,
            (409, "already_refunded"): 1,
        }
        assert len(read_order(house.call, ordered)["refunds"]) == 1
        house.require_invariants()


def test_two_tickets_of_an_order_refunded_at_once_both_give_money_back(house: House) -> None:
    for _ in range(ROUNDS):
        ordered, tickets = buy(house, 2)
        answers = together(*[refunder(house, ordered, ticket) for ticket in tickets])
        assert [one.status for one in answers] == [201, 201]
        seen = read_order(house.call, ordered)
        assert seen["status"] == "refunded"
        assert [one["status"] for one in seen["refunds"]] == ["done", "done"]
        house.require_invariants()


def test_a_refund_asked_of_the_bank_by_desk_and_workers_at_once_is_paid_once(house: House) -> None:
    gateway = house.calls.gateways["demo"]
    for number in range(ROUNDS):
        ordered, _ = buy(house)
        amount = ordered["total"]["minor"]
        page = session_of(ordered)
        asked = RefundRequest(
            key=f"key-{number}", refund=f"{number}", session=page, amount_minor=amount, currency="KZT"
        )
        answers = together(*[partial(gateway.refund, asked)] * 4)
        assert [one.state for one in answers] == ["done"] * 4
        taken = house.value("SELECT refunded_minor FROM demo_session WHERE id = :id", {"id": page})
        assert taken == amount


def test_a_refund_and_a_scan_at_once_never_both_succeed(house: House) -> None:
    seen = Counter[tuple[str, str]]()
    for number in range(ROUNDS):
        ordered, [ticket] = buy(house)
        scan_once = scanner(house, 0, ticket["code"], number)
        clerk = refunder(house, ordered, ticket)
        at_desk, at_door = together(lambda clerk=clerk: clerk().code or "refunded", scan_once)
        seen[at_desk, at_door] += 1
        house.require_invariants()
    assert seen.keys() <= {("refunded", "refunded"), ("already_admitted", "ok")}


@pytest.fixture(params=["apart", "together"])
def phones(request: pytest.FixtureRequest) -> str:
    """Whether phones speak to different web processes, or to one that does their work together."""
    if request.param == "apart":
        request.getfixturevalue("phones_apart")
    return str(request.param)


def eight_phones(house: House, first: int) -> Counter[str]:
    """Let eight phones scan one new ticket at once; count the reasons."""
    _, [ticket] = buy(house)
    return Counter(together(*[scanner(house, n, ticket["code"], first + n) for n in range(8)]))


@pytest.mark.usefixtures("phones")
def test_one_ticket_at_eight_phones_at_once_admits_one(house: House) -> None:
    for number in range(ROUNDS):
        assert eight_phones(house, 8 * number) == {"ok": 1, "already_in": 7}
        house.require_invariants()
    assert house.value("SELECT count(*) FROM incident") == 0


@pytest.mark.usefixtures("phones_apart")
def test_without_the_tickets_lock_two_phones_admit_it(
    house: House, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: what the test above would see if the rows were read without their lock."""
    if backend == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no row lock to take away")
    unlocked = facts._ANY_TICKETS.with_for_update()
    unlocked._for_update_arg = None
    monkeypatch.setattr(facts, "_TICKET", Prepared(unlocked.where(facts._HAS_CODE)))
    locked, both_have_read = scans.locked_tickets, Barrier(2)

    def read_and_wait(*arguments: Any) -> Any:
        found = locked(*arguments)
        with suppress(BrokenBarrierError):
            both_have_read.wait(10)
        return found

    monkeypatch.setattr(scans, "locked_tickets", read_and_wait)
    _, [ticket] = buy(house)
    reasons = together(*[scanner(house, n, ticket["code"], n) for n in range(2)])
    assert reasons == ["ok", "ok"]


@pytest.mark.usefixtures("phones")
def test_one_scan_sent_twice_at_once_is_stored_once(house: House) -> None:
    for number in range(ROUNDS):
        _, [ticket] = buy(house)
        body = a_scan(UUID(int=number), ticket["code"], "seats", house.now())
        answers = together(*[partial(scan, house.call, house.phones[0], house.now(), body)] * 3)
        results = [result for [result] in answers]
        assert Counter(one["stored"] for one in results) == {"stored": 1, "duplicate": 2}
        assert {(one["verdict"], one["reason"]) for one in results} == {("admit", "ok")}
