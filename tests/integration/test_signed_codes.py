"""Signed codes from the sale to the door: the switch, keys over time, a leak."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from tests.support.friends import FRIEND, send
from tests.support.held import Held
from tests.support.kassa import BUYER, Json, Kassa, expect, order_auth, order_body
from tests.support.signing import (
    MANAGER,
    flipped,
    known_keys,
    publish,
    reading_of,
    retire,
    revoke,
    sign_codes,
)
from ticketing.boxoffice.desk_queries import find_orders
from ticketing.boxoffice.search_terms import read_query
from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation.errors import DomainError
from ticketing.foundation.models import MailEntry
from ticketing.sales.reissuing import ask_reissue, exposed
from ticketing.sales.transfers import open_transfer
from ticketing.staff.models import AuditEntry
from ticketing.tickets.key_models import SigningKey
from ticketing.tickets.key_rules import KNOWN_BEFORE, KeyState
from ticketing.tickets.keys import KeyRow, list_keys, publish_key, retire_key, revoke_key
from ticketing.tickets.models import Ticket
from ticketing.tickets.signed_codes import Standing, Statement, make


@pytest.fixture
def signing(kassa: Kassa) -> Kassa:
    """A festival that has just switched."""
    sign_codes(kassa.runtime, kassa.clock)
    return kassa


def keys_of(kassa: Kassa) -> dict[int, KeyRow]:
    with kassa.database.reading() as session:
        return {row.number: row for row in list_keys(session, kassa.clock.now())}


def reissue_all(kassa: Kassa, number: int) -> int:
    with kassa.database.transaction() as session:
        orders = ask_reissue(session, number, "it leaked", MANAGER, kassa.clock.now())
    kassa.work()
    return orders


def left(kassa: Kassa, number: int) -> int:
    with kassa.database.reading() as session:
        return sum(one.tickets for one in exposed(session, number, kassa.clock.now()))


def code_of(kassa: Kassa, ticket: Json) -> str:
    with kassa.database.reading() as session:
        sealed = session.scalars(select(Ticket.code_sealed).where(Ticket.id == UUID(ticket["ticket"]))).one()
    return kassa.runtime.vault.open(sealed)


def letters(kassa: Kassa) -> list[str]:
    """Return to whom letters about new codes went."""
    kinds = select(MailEntry.recipient).where(MailEntry.kind == "codes_changed")
    with kassa.database.reading() as session:
        return sorted(session.scalars(kinds))


def test_the_switch_concerns_tickets_issued_from_then_on_and_both_are_valid(kassa: Kassa) -> None:
    (opaque,) = kassa.buy("s06", 1)["tickets"]
    sign_codes(kassa.runtime, kassa.clock)
    bought = kassa.buy("s06", 2)
    (screening,) = {ticket["screening"] for ticket in bought["tickets"]}
    with kassa.database.reading() as session:
        number = session.scalars(select(Screening.id).where(Screening.code == screening)).one()
        serials = list(session.scalars(select(Ticket.serial).order_by(Ticket.serial)))
    read = [reading_of(kassa.runtime, kassa.clock, ticket["code"]) for ticket in bought["tickets"]]
    assert {one.standing for one in read} == {Standing.GOOD}
    said = sorted((one.statement for one in read if one.statement), key=lambda one: one.serial)
    assert said == [Statement(serial=serial, screening=number, revision=1) for serial in sorted(serials)[1:]]
    sign_codes(kassa.runtime, kassa.clock, TicketCodeKind.OPAQUE)
    (again,) = kassa.buy("s06", 1)["tickets"]
    assert [ticket["code"][:2] for ticket in (opaque, *bought["tickets"], again)] == ["K1", "K2", "K2", "K1"]
    device = kassa.device()
    kassa.open_doors()
    for ticket in (opaque, *bought["tickets"], again):
        assert kassa.scan(device, ticket["code"])["verdict"] == "admit"
        assert kassa.scan(device, ticket["code"])["reason"] == "already_in"
    with kassa.database.reading() as session:
        found = find_orders(session, read_query(bought["tickets"][0]["code"])).rows
    assert [row.code for row in found] == [bought["order"]]
    assert kassa.broken_invariants() == []


def test_a_concession_stands_in_the_code(signing: Kassa) -> None:
    hold = signing.hold("s06", 1)
    body = order_body(hold, concessions={hold["places"][0]: "student"})
    order = expect(signing.post("/api/v1/orders", body), 201)
    signing.play(order, "approve")
    signing.work()
    (ticket,) = signing.read(order)["tickets"]
    statement = reading_of(signing.runtime, signing.clock, ticket["code"]).statement
    assert statement is not None
    assert statement.card == "student"


def test_what_is_forged_is_refused_and_what_is_lost_is_unknown(signing: Kassa) -> None:
    (ticket,) = signing.buy("s06", 1)["tickets"]
    device = signing.device()
    signing.open_doors()
    reasons = {bit: signing.scan(device, flipped(ticket["code"], bit))["reason"] for bit in (8, 79, 200, 639)}
    assert set(reasons.values()) == {"bad_signature"}
    # The lowest bit of the key's number: there is no such key. The second of the version: a later form.
    assert signing.scan(device, flipped(ticket["code"], 0))["reason"] == "bad_signature"
    assert signing.scan(device, flipped(ticket["code"], 5))["reason"] == "newer_version"
    with signing.database.transaction() as session:
        key = session.get_one(SigningKey, 0)
        stolen = Ed25519PrivateKey.generate()
        key.public = stolen.public_key().public_bytes_raw()
        realm = key.realm
    copy = make(Statement(serial=9_999, screening=1, revision=1), 0, realm, stolen.sign)
    assert signing.scan(device, copy)["reason"] == "unknown"
    assert signing.scan(device, ticket["code"])["verdict"] == "admit"


def test_a_reissue_is_the_next_revision_and_phones_are_told_who_is_whose_copy(signing: Kassa) -> None:
    order = signing.buy("s06", 1)
    device, held = signing.device(), Held()
    held.apply(expect(signing.get("/api/v1/door/sync", device), 200))
    send(signing, order)
    new = code_of(signing, order["tickets"][0])
    statement = reading_of(signing.runtime, signing.clock, new).statement
    assert statement is not None
    assert statement.revision == 2
    held.apply(expect(signing.get(f"/api/v1/door/sync?cursor={held.cursor}", device), 200))
    assert [(one["state"], one["revision"], one["serial"]) for one in held.tickets.values()] == [
        ("reissued", 1, statement.serial),
        ("valid", 2, statement.serial),
    ]
    assert held.screenings["s06"]["number"] == statement.screening
    signing.open_doors()
    assert signing.scan(device, order["tickets"][0]["code"])["reason"] == "reissued"
    assert signing.scan(device, new)["verdict"] == "admit"


def test_keys_over_time(signing: Kassa) -> None:
    clock, device, held = signing.clock, signing.device(), Held()
    (first,) = signing.buy("s06", 1)["tickets"]
    held.apply(expect(signing.get("/api/v1/door/sync", device), 200))
    assert [one["key"] for one in held.head["keys"]] == [0]
    assert publish(signing.runtime, clock) == 1
    answer = expect(signing.get(f"/api/v1/door/sync?cursor={held.cursor}", device), 200)
    assert (answer["full"], [one["key"] for one in answer["keys"]]) == (False, [0, 1])
    held.apply(answer)
    quiet = expect(signing.get(f"/api/v1/door/sync?cursor={held.cursor}", device), 200)
    assert (quiet["policy"], quiet["keys"]) == (None, [])
    assert {number: row.state for number, row in keys_of(signing).items()} == {
        1: KeyState.NEXT,
        0: KeyState.SIGNING,
    }
    clock.forward(seconds=KNOWN_BEFORE.total_seconds() - 1)
    signing.buy("s06", 1)
    assert (keys_of(signing)[0].tickets, keys_of(signing)[1].tickets) == (2, 0)
    clock.forward(seconds=1)
    signing.buy("s06", 1)
    assert (keys_of(signing)[0].tickets, keys_of(signing)[1].tickets) == (2, 1)
    assert keys_of(signing)[0].state is KeyState.EARLIER
    retire(signing.runtime, clock, 0)
    assert set(known_keys(signing.runtime, clock)) == {0, 1}
    assert reading_of(signing.runtime, clock, first["code"]).standing is Standing.GOOD
    with signing.database.reading() as session:
        assert session.get_one(SigningKey, 0).private_sealed is None
        ends = session.scalars(select(Screening.ends_at).where(Screening.code == "s06")).one()
    clock.at = ends - timedelta(seconds=1)
    assert set(known_keys(signing.runtime, clock)) == {0, 1}
    clock.at = ends
    assert set(known_keys(signing.runtime, clock)) == {1}


def test_four_keys_are_published_and_sixteen_ever_made(signing: Kassa) -> None:
    assert [publish(signing.runtime, signing.clock) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(DomainError) as refusal:
        publish(signing.runtime, signing.clock)
    assert refusal.value.code == "too_many_keys"
    for number in range(12):
        retire(signing.runtime, signing.clock, number)
        assert publish(signing.runtime, signing.clock) == number + 4
    retire(signing.runtime, signing.clock, 12)
    with pytest.raises(DomainError) as refusal:
        publish(signing.runtime, signing.clock)
    assert refusal.value.code == "keys_spent"
    for end in (retire_key, revoke_key):
        with pytest.raises(DomainError) as refusal, signing.database.transaction() as session:
            end(session, 20, "test", MANAGER, signing.clock.now())
        assert refusal.value.code == "not_found"
    with pytest.raises(DomainError) as refusal:
        retire(signing.runtime, signing.clock, 12)
    assert refusal.value.code == "key_ended"


def test_a_leaked_key_counts_no_more_and_its_tickets_are_reissued_once(signing: Kassa) -> None:
    order, other = signing.buy("s06", 2), signing.buy("s07", 1)
    sent = send(signing, order)
    with signing.database.transaction() as session:
        open_transfer(session, UUID(sent["transfer"]), signing.clock.now())
    signing.work()
    codes = [code_of(signing, ticket) for ticket in (*order["tickets"], *other["tickets"])]
    with pytest.raises(DomainError) as refusal:
        reissue_all(signing, 0)
    assert refusal.value.code == "key_not_revoked"
    revoke(signing.runtime, signing.clock, 0)
    assert known_keys(signing.runtime, signing.clock) == {}
    # Nothing signs, and sales go on.
    assert signing.buy("s06", 1)["tickets"][0]["code"][:2] == "K1"
    assert publish(signing.runtime, signing.clock) == 1
    assert signing.buy("s06", 1)["tickets"][0]["code"][:2] == "K2"
    assert left(signing, 0) == 3
    assert reissue_all(signing, 0) == 2
    assert left(signing, 0) == 0
    now = [code_of(signing, ticket) for ticket in (*order["tickets"], *other["tickets"])]
    for old, new in zip(codes, now, strict=True):
        assert reading_of(signing.runtime, signing.clock, old).standing is Standing.UNKNOWN_KEY
        assert reading_of(signing.runtime, signing.clock, new).standing is Standing.GOOD
    expected = letters(signing)
    assert expected == sorted([BUYER["email"], BUYER["email"], FRIEND["email"]])
    # The friend still has the ticket, and sees the new code.
    read = {ticket["ticket"]: ticket["code"] for ticket in signing.read(order)["tickets"]}
    assert sorted(code or "" for code in read.values()) == sorted(["", now[1]])
    assert reissue_all(signing, 0) == 0
    assert letters(signing) == expected
    assert signing.broken_invariants() == []
    with signing.database.reading() as session:
        deeds = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
        counts = {row[0]: row[1] for row in session.execute(deeds)}
    assert (counts["set_ticket_code"], counts["publish_key"], counts["revoke_key"]) == (1, 2, 1)
    assert (counts["ask_reissue"], counts["reissue"]) == (2, 2)
    device = signing.device()
    signing.open_doors()
    assert [signing.scan(device, code)["reason"] for code in codes[:2]] == ["reissued", "reissued"]
    assert [signing.scan(device, code)["verdict"] for code in now[:2]] == ["admit", "admit"]


def test_who_has_entered_is_not_reissued(signing: Kassa) -> None:
    order = signing.buy("s06", 2)
    device = signing.device()
    signing.open_doors()
    assert signing.scan(device, order["tickets"][0]["code"])["verdict"] == "admit"
    revoke(signing.runtime, signing.clock, 0)
    assert left(signing, 0) == 1
    assert reissue_all(signing, 0) == 1
    assert code_of(signing, order["tickets"][0]) == order["tickets"][0]["code"]
    read = expect(signing.get(f"/api/v1/orders/{order['order']}", order_auth(order)), 200)
    assert read["tickets"][1]["code"] != order["tickets"][1]["code"]


def test_reasons_are_asked_for(kassa: Kassa) -> None:
    with pytest.raises(DomainError) as refusal, kassa.database.transaction() as session:
        publish_key(session, kassa.runtime.vault, " ", MANAGER, kassa.clock.now())
    assert refusal.value.code == "reason_required"
    assert keys_of(kassa) == {}
