"""A ticket sent to a friend while its friend, its buyer and the door want it in the same moment."""

from collections import Counter
from typing import Any, cast
from uuid import UUID

import pytest

from tests.support.calls import API, Answer, a_scan, hold, order, pay, read_order, scan
from tests.support.house import House
from tests.support.together import together
from ticketing.foundation.errors import DomainError
from ticketing.foundation.security import CodeVault
from ticketing.sales import transfers
from ticketing.tickets import reissue

ROUNDS = 8
FRIEND = {"name": "Dana", "email": "dana@example.kz"}


def bought(house: House) -> dict[str, Any]:
    ordered = order(house.call, [hold(house.call, "seats", 1).body]).body
    assert pay(house.call, ordered).status == 200
    return {**read_order(house.call, ordered), "key": ordered["key"]}


def call(house: House, bill: dict[str, Any], method: str) -> Answer:
    path = f"{API}/orders/{bill['order']}/tickets/{bill['tickets'][0]['ticket']}/transfer"
    body = FRIEND if method == "POST" else None
    return house.call(method, path, body, {"Authorization": f"Order {bill['key']}"})


def door(house: House, bill: dict[str, Any], number: int) -> str:
    body = a_scan(UUID(int=number), bill["tickets"][0]["code"], "seats", house.now())
    return str(scan(house.call, house.phones[0], house.now(), body)[0]["reason"])


def opened(house: House, sent: dict[str, Any]) -> str:
    try:
        with house.database.transaction() as session:
            transfers.open_transfer(session, UUID(sent["transfer"]), house.clock.now())
    except DomainError as refusal:
        return refusal.code
    return "opened"


def sent_and_shown(house: House, number: int) -> tuple[str, int]:
    """Send a ticket while its buyer shows it at the door."""
    bill = bought(house)
    return cast(
        "tuple[str, int]",
        tuple(
            together(lambda: door(house, bill, number), lambda: call(house, bill, "POST").status),
        ),
    )


def test_a_ticket_lets_its_buyer_in_or_is_the_friends_and_never_both(house: House) -> None:
    seen = Counter(sent_and_shown(house, number) for number in range(1, ROUNDS + 1))
    assert {(reason in ("ok", "ok_attention"), status) for reason, status in seen} <= {
        (True, 409),
        (False, 201),
    }, seen
    assert {reason for reason, status in seen if status == 201} <= {"reissued"}
    house.require_invariants()


def test_a_ticket_is_opened_or_taken_back_and_never_both(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        sent = call(house, bill, "POST").body
        word, status = together(
            lambda sent=sent: opened(house, sent), lambda bill=bill: call(house, bill, "DELETE").status
        )
        assert (word, status) in (("opened", 409), ("transfer_taken_back", 204))
        ticket = read_order(house.call, bill)["tickets"][0]
        assert ticket["transferred"] is (word == "opened")
    house.require_invariants()


def test_a_ticket_is_sent_to_one_friend(house: House) -> None:
    for _ in range(ROUNDS):
        bill = bought(house)
        statuses = together(*[lambda bill=bill: call(house, bill, "POST").status] * 4)
        assert Counter(statuses) == {201: 1, 409: 3}
    house.require_invariants()


def test_without_the_look_at_admission_both_happen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a reissue that trusts what was true when its page was opened."""
    bill = bought(house)
    assert door(house, bill, 99) in ("ok", "ok_attention")

    def trusting(session: Any, _vault: CodeVault, ticket: Any, now: Any) -> int:
        session.add(
            reissue.FormerCode(
                code_hash=ticket.code_hash, ticket_id=ticket.id, revision=ticket.revision, ended_at=now
            )
        )
        ticket.code_hash, ticket.revision = b"x" * 32, ticket.revision + 1
        session.flush()
        return int(ticket.revision)

    monkeypatch.setattr(transfers, "require_unused", lambda _ticket: None)
    monkeypatch.setattr(transfers, "reissue", trusting)
    assert call(house, bill, "POST").status == 201
    assert door(house, bill, 100) == "reissued"
