"""Reissue: the old code ends the moment the new one begins, at the door, on phones and at the desk."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from tests.support.held import unpacked
from tests.support.kassa import Json, Kassa, expect
from ticketing.boxoffice.desk_queries import find_orders
from ticketing.boxoffice.search_terms import SearchTerms
from ticketing.door.models import Incident
from ticketing.foundation.errors import DomainError
from ticketing.tickets.codes import digest
from ticketing.tickets.models import FormerCode, Ticket
from ticketing.tickets.reissue import RevisionLostError, lock_ticket, reissue


def reissued(kassa: Kassa, ticket: Json) -> str:
    """Give a ticket another code, and return it."""
    with kassa.database.transaction() as session:
        order_id = session.scalar(select(Ticket.order_id).where(Ticket.id == UUID(ticket["ticket"])))
        assert order_id is not None
        row = lock_ticket(session, order_id, UUID(ticket["ticket"]))
        reissue(session, kassa.runtime.vault, row, kassa.clock.now())
        return kassa.runtime.vault.open(row.code_sealed)


def incidents(kassa: Kassa) -> list[str]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(Incident.kind).order_by(Incident.id)))


def test_the_old_code_is_refused_and_the_new_one_admits(kassa: Kassa) -> None:
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    new, device = reissued(kassa, ticket), kassa.device()
    kassa.open_doors()
    old = kassa.scan(device, ticket["code"])
    assert (old["verdict"], old["reason"], old["ticket"]["place"]) == ("refuse", "reissued", ticket["place"])
    assert kassa.scan(device, new)["verdict"] == "admit"
    assert kassa.scan(device, ticket["code"])["reason"] == "reissued"
    assert incidents(kassa) == []


def test_every_earlier_code_is_an_older_copy(kassa: Kassa) -> None:
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    codes = [ticket["code"], *(reissued(kassa, ticket) for _ in range(3))]
    assert len(set(codes)) == 4
    device = kassa.device()
    kassa.open_doors()
    scans = [kassa.scan_body(code, "s06", seq=number) for number, code in enumerate(codes)]
    body = {"sent_at": kassa.clock.now().isoformat(), "scans": scans}
    answers = expect(kassa.post("/api/v1/door/scans", body, device), 200)["results"]
    assert [one["reason"] for one in answers[:3]] == ["reissued"] * 3
    assert answers[3]["verdict"] == "admit"
    with kassa.database.reading() as session:
        kept = select(FormerCode.revision).order_by(FormerCode.revision)
        assert list(session.scalars(kept)) == [1, 2, 3]
        assert session.scalar(select(Ticket.revision)) == 4


def test_an_old_code_let_in_without_a_network_is_the_one_admission_and_reported(kassa: Kassa) -> None:
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    new, device = reissued(kassa, ticket), kassa.device()
    kassa.open_doors()
    shown = kassa.scan(device, ticket["code"], verdict="admit", reason="ok", offline=True)
    assert shown["occupancy"]["admitted"] == 1
    assert incidents(kassa) == ["void_admitted"]
    assert kassa.scan(device, new)["reason"] == "already_in"


def test_an_answer_that_came_late_repairs_the_admission_of_an_old_code(kassa: Kassa) -> None:
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    reissued(kassa, ticket)
    device = kassa.device()
    kassa.open_doors()
    asked = kassa.scan_body(ticket["code"], "s06")
    body = {"sent_at": kassa.clock.now().isoformat(), "scans": [asked]}
    expect(kassa.post("/api/v1/door/scans", body, device), 200)
    body["scans"] = [{**asked, "verdict": "admit", "reason": "ok"}]
    expect(kassa.post("/api/v1/door/scans", body, device), 200)
    assert incidents(kassa) == ["void_admitted"]


def test_a_void_ticket_says_why_by_its_old_code_too(kassa: Kassa) -> None:
    order, device = kassa.buy("s06", 1), kassa.device()
    reissued(kassa, order["tickets"][0])
    expect(kassa.refund(order, kassa.staff()), 201)
    kassa.open_doors()
    assert kassa.scan(device, order["tickets"][0]["code"])["reason"] == "refunded"


def test_a_phone_learns_old_codes_as_reissued(kassa: Kassa) -> None:
    order = kassa.buy("s06", 2)
    first, second = order["tickets"]
    new, device = reissued(kassa, first), kassa.device()
    known = unpacked(expect(kassa.get("/api/v1/door/sync", device), 200))
    assert {code: (one["state"], one["revision"]) for code, one in known.items()} == {
        digest(first["code"])[:8].hex(): ("reissued", 1),
        digest(new)[:8].hex(): ("valid", 2),
        digest(second["code"])[:8].hex(): ("valid", 1),
    }


def test_the_desk_finds_the_order_by_an_older_copy(kassa: Kassa) -> None:
    order = kassa.buy("s06", 1)
    (ticket,) = order["tickets"]
    new = reissued(kassa, ticket)
    with kassa.database.reading() as session:
        for code in (ticket["code"], new):
            (row,) = find_orders(session, SearchTerms(ticket_code=code, words=())).rows
            assert row.code == order["order"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"blocked": True}, "ticket_blocked"), ({"admitted_at": Ticket.issued_at}, "already_admitted")],
)
def test_a_ticket_that_is_not_free_keeps_its_code(kassa: Kassa, changed: Json, code: str) -> None:
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    kassa.invariants_hold = False  # no dispute and no scan has led to this
    with kassa.database.transaction() as session:
        session.execute(update(Ticket).values(**changed))
    with pytest.raises(DomainError) as refusal:
        reissued(kassa, ticket)
    assert refusal.value.code == code
    with kassa.database.reading() as session:
        assert session.scalar(select(Ticket.code_hash)) == digest(ticket["code"])
        assert session.scalars(select(FormerCode)).all() == []


def test_whoever_did_not_lock_the_ticket_changes_nothing(kassa: Kassa) -> None:
    kassa.invariants_hold = False  # the history of codes is thrown away below
    (ticket,) = kassa.buy("s06", 1)["tickets"]
    with kassa.database.reading() as session:
        stale = session.scalars(select(Ticket)).one()
    reissued(kassa, ticket)
    with kassa.database.transaction() as session:
        # Else the key of the former code alone would stop it.
        session.execute(delete(FormerCode))
        with pytest.raises(RevisionLostError), session.begin_nested():
            reissue(session, kassa.runtime.vault, stale, kassa.clock.now())
