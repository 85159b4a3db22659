"""A swap whose money comes in while the door, a desk or another buyer wants the same ticket or place."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from tests.support.calls import API, Answer, a_scan, hold, order, pay, read_order, refund, scan
from tests.support.house import House
from tests.support.together import together
from ticketing.sales import swaps

ROUNDS = 8


def bought(house: House) -> dict[str, Any]:
    ordered = order(house.call, [hold(house.call, "seats", 1).body]).body
    assert pay(house.call, ordered).status == 200
    return {**read_order(house.call, ordered), "key": ordered["key"]}


def begin(house: House, bill: dict[str, Any], screening: str = "many") -> Answer:
    """Begin an exchange of the order's ticket for a place of another screening."""
    held = hold(house.call, screening, 1).body
    body = {
        "tickets": [ticket["ticket"] for ticket in bill["tickets"]],
        "holds": [{"hold": held["hold"], "key": held["key"], "concessions": {}}],
        "reason": "rain",
    }
    headers = {"Authorization": f"Bearer {house.staff}"}
    return house.call("POST", f"{API}/orders/{bill['order']}/swaps", body, headers)


def door(house: House, bill: dict[str, Any], number: int) -> str:
    body = a_scan(UUID(int=number), bill["tickets"][0]["code"], "seats", house.now())
    return str(scan(house.call, house.phones[0], house.now(), body)[0]["verdict"])


def paid_and_shown(house: House, number: int) -> tuple[str, str]:
    """Let the difference come in while the old ticket is shown; return the door's word and the swap's end."""
    bill = bought(house)
    begun = begin(house, bill).body
    verdict, _ = together(
        lambda: door(house, bill, number),
        lambda: str(pay(house.call, {**bill, "payment": begun["payment"]}).status),
    )
    house.work()
    return verdict, str(read_order(house.call, bill)["swaps"][0]["status"])


def test_an_old_ticket_is_admitted_or_exchanged_and_never_both(house: House) -> None:
    seen = Counter(paid_and_shown(house, number) for number in range(1, ROUNDS + 1))
    assert set(seen) <= {("admit", "released"), ("refuse", "done")}, seen
    house.require_invariants()


def test_without_the_look_at_old_tickets_both_happen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a swap that trusts what was true when it began."""

    def trusting(session: Any, order_id: UUID, ids: Any, reason: str, now: Any) -> list[Any]:
        tickets = list(session.scalars(swaps.select(swaps.Ticket).where(swaps.Ticket.id.in_(ids))))
        for ticket in tickets:
            ticket.state, ticket.void_reason, ticket.voided_at = "void", reason, now
        session.flush()
        swaps.claims.free_tickets(session, [ticket.id for ticket in tickets])
        return tickets

    bill = bought(house)
    begun = begin(house, bill).body
    assert door(house, bill, 99) == "admit"
    monkeypatch.setattr(swaps, "void", trusting)
    monkeypatch.setattr(swaps, "_old_tickets", lambda *_: [])
    assert pay(house.call, {**bill, "payment": begun["payment"]}).status == 200
    assert read_order(house.call, bill)["swaps"][0]["status"] == "done"


def test_two_desks_begin_one_swap(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        answers = together(lambda bill=bill: begin(house, bill), lambda bill=bill: begin(house, bill))
        assert Counter((one.status, one.code) for one in answers) == {(201, ""): 1, (409, "swap_pending"): 1}
    house.require_invariants()


def test_a_refund_and_the_money_of_a_swap_at_once_lose_nothing(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        begun = begin(house, bill).body
        [ticket] = bill["tickets"]
        together(
            lambda bill=bill, ticket=ticket: (
                refund(house.call, house.staff, bill["order"], [ticket["ticket"]]).status
            ),
            lambda bill=bill, begun=begun: pay(house.call, {**bill, "payment": begun["payment"]}).status,
        )
        house.work()
        house.require_invariants()
        left = house.value("SELECT count(*) FROM swap WHERE status = 'pending'")
        assert int(left) == 0
