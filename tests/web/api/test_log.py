"""The logs of phones that were offline, as they arrive: chained, merged, never twice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.support.kassa import Kassa
from tests.unit.door.test_chain import entry
from ticketing.door.models import Incident, Scan
from ticketing.tickets.models import Ticket

Json = dict[str, Any]


class Phone:
    """A phone that keeps a log, chained as scanner/src/log.js does it."""

    def __init__(self, kassa: Kassa, name: str) -> None:
        self.kassa, self.auth = kassa, kassa.device(name=name)
        self.seq, self.prev = 0, ""
        self.log: list[Json] = []

    def write(self, code: str, at: datetime | None = None, **more: object) -> Json:
        moment = (at or self.kassa.clock.now()).isoformat(timespec="milliseconds")
        self.seq += 1
        one = {
            "id": str(uuid4()), "code": code, "screening": "s06", "hall": "esentai-1", "at": moment,
            "offline": True, "direction": "in", "gate": "A", "verdict": "admit", "reason": "ok",
            **more, "seq": self.seq, "prev": self.prev,
        }  # fmt: skip
        self.prev = entry(one).hash()
        self.log.append(one)
        return one

    def undo(self, one: Json) -> Json:
        at = datetime.fromisoformat(one["at"])
        return self.write(one["code"], at, id=one["id"], verdict="refuse", reason="undo")

    def send(self, *entries: Json) -> list[Json]:
        return self.kassa.scans(self.auth, list(entries) or self.log)


@pytest.fixture
def code(kassa: Kassa) -> str:
    bought = str(kassa.buy("s06", 1)["tickets"][0]["code"])
    kassa.open_doors()
    return bought


def incidents(kassa: Kassa) -> list[tuple[str, Json]]:
    with kassa.database.reading() as session:
        rows = session.execute(select(Incident.kind, Incident.details).order_by(Incident.at, Incident.kind))
        return [(row.kind, row.details) for row in rows]


def inside(kassa: Kassa) -> list[bool]:
    with kassa.database.reading() as session:
        return list(session.scalars(select(Ticket.inside).order_by(Ticket.serial)))


@pytest.mark.parametrize("first", [0, 1])
def test_two_offline_phones_that_admitted_one_ticket_are_one_incident(
    kassa: Kassa, code: str, first: int
) -> None:
    phones = Phone(kassa, "One"), Phone(kassa, "Two")
    phones[0].write(code, gate="A")
    kassa.clock.forward(minutes=2)
    phones[1].write(code, gate="B")
    kassa.clock.forward(minutes=20)
    for phone in (phones[first], phones[1 - first]):
        phone.send()
        phone.send()  # as when the answer was lost
    ((kind, details),) = incidents(kassa)
    assert kind == "double_admission"
    assert (details["devices"], details["gates"]) == (["One", "Two"], ["A", "B"])
    assert (details["gate"], details["minutes_late"], details["same_seat"]) == ("B", 20, True)
    assert inside(kassa) == [True]
    assert kassa.scan(phones[0].auth, code)["since_gate"] == "A"


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("later", [False, True])
def test_undo_of_one_of_two_leaves_the_other_guest_inside(
    kassa: Kassa, code: str, which: int, *, later: bool
) -> None:
    phones = Phone(kassa, "One"), Phone(kassa, "Two")
    shown = [phone.write(code, kassa.clock.now() + timedelta(minutes=n)) for n, phone in enumerate(phones)]
    if later:
        for phone in phones:
            phone.send()
    back = phones[which].undo(shown[which])
    for phone in phones:
        phone.send(*([back] if later and phone is phones[which] else phone.log))
    assert inside(kassa) == [True]
    with kassa.database.reading() as session:
        assert str(session.scalars(select(Ticket.admitted_scan)).one()) == shown[1 - which]["id"]
    # Taken back before it was sent, nobody was ever in twice.
    assert [kind for kind, _ in incidents(kassa)] == (["double_admission"] if later else [])
    phones[1 - which].send(phones[1 - which].undo(shown[1 - which]))
    assert inside(kassa) == [False]
    assert kassa.scan(phones[0].auth, code)["reason"] in ("ok", "ok_attention")


def test_a_statement_replayed_does_not_undo_a_later_one(kassa: Kassa, code: str) -> None:
    phone = Phone(kassa, "One")
    shown = phone.write(code)
    phone.send()
    back = phone.undo(shown)
    assert phone.send(back)[0]["stored"] == "stored"
    assert [one["stored"] for one in phone.send()] == ["duplicate", "duplicate"]
    assert inside(kassa) == [False]
    assert incidents(kassa) == []


def test_an_entry_whose_exit_arrives_late_is_no_double(kassa: Kassa, code: str) -> None:
    one, two = Phone(kassa, "One"), Phone(kassa, "Two")
    one.write(code)
    kassa.clock.forward(minutes=1)
    one.write(code, direction="out", reason="exit")
    kassa.clock.forward(minutes=1)
    two.write(code, reason="ok")
    kassa.clock.forward(minutes=1)
    one.send()
    two.send()
    assert incidents(kassa) == []
    assert inside(kassa) == [True]


def test_an_exit_that_arrives_before_its_entry(kassa: Kassa, code: str) -> None:
    one, two = Phone(kassa, "One"), Phone(kassa, "Two")
    one.write(code)
    kassa.clock.forward(minutes=1)
    two.write(code, direction="out", reason="exit")
    two.send()
    assert inside(kassa) == [False]
    kassa.clock.forward(minutes=1)
    one.send()
    assert inside(kassa) == [False]
    assert kassa.scan(one.auth, code)["reason"] == "reentry"


def test_an_ask_whose_answer_was_lost_and_its_statement_in_one_batch(kassa: Kassa, code: str) -> None:
    phone = Phone(kassa, "One")
    ask = phone.write(code, verdict=None, reason=None, offline=False)
    phone.write(code, datetime.fromisoformat(ask["at"]), id=ask["id"], verdict="refuse", reason="stale")
    assert [one["stored"] for one in phone.send()] == ["stored", "stored"]
    assert inside(kassa) == [False]
    assert incidents(kassa) == []


def test_a_gap_and_a_break_of_the_chain_are_reported_once(kassa: Kassa, code: str) -> None:
    phone = Phone(kassa, "One")
    for _ in range(6):
        phone.write(code, verdict="refuse", reason="undo")
    phone.send(*phone.log[:2])
    phone.send(*phone.log[3:])
    phone.send(*phone.log[3:])
    phone.send(phone.log[2])  # it comes in the end: the gap was said
    (broken, _), (kind, details) = incidents(kassa)
    assert (kind, details["expected"], details["seq"], details["device"]) == ("log_gap", 3, 4, "One")
    assert broken == "log_break"
    fresh = Phone(kassa, "Two")
    fresh.write(code, verdict="refuse", reason="undo")
    fresh.prev = "0" * 64
    fresh.write(code, verdict="refuse", reason="undo")
    fresh.send()
    assert [one for one, _ in incidents(kassa)] == ["log_break", "log_break", "log_gap"]


def test_an_override_is_one_incident_with_its_reason(kassa: Kassa, code: str) -> None:
    phone = Phone(kassa, "One")
    phone.write(code)
    kassa.clock.forward(minutes=1)
    phone.write(code, reason="already_in", override={"reason": "left without a scan"})
    phone.send()
    ((kind, details),) = incidents(kassa)
    assert (kind, details["override"]) == ("double_admission", "left without a scan")
    late = str(kassa.buy("s10", 1)["tickets"][0]["code"])
    phone.write(late, screening="s10", hall="esentai-3", reason="too_early", override={"reason": "jury"})
    phone.send(phone.log[-1])
    _, (kind, details) = incidents(kassa)
    assert (kind, details["override"], details["judged"]) == ("override", "jury", "too_early")


def test_a_note_with_a_nul_is_kept_with_those_sent_beside_it(kassa: Kassa, code: str) -> None:
    """PostgreSQL stores one in JSON, and yet cannot read it there."""
    phone = Phone(kassa, "One")
    phone.write(code)
    phone.write(code, reason="already_in", override={"pin": "\0", "reason": "a child"})
    phone.write(code, reason="already_in", override={"reason": "a child"})
    assert [one["stored"] for one in phone.send()] == ["stored"] * 3
    with kassa.database.reading() as session:
        notes = session.scalars(select(Scan.device_notes).order_by(Scan.seq)).all()
    assert [(note or {}).get("override", {}).get("pin") for note in notes] == [None, "\0", None]


def test_a_whole_evening_offline_arrives_in_batches(kassa: Kassa) -> None:
    orders = [kassa.buy("s06", 6) for _ in range(2)]
    codes = [ticket["code"] for order in orders for ticket in order["tickets"]]
    kassa.open_doors()
    phone = Phone(kassa, "One")
    for number in range(400):
        known = number < len(codes)
        phone.write(codes[number] if known else "K1" + "A" * 26, verdict="admit" if known else "refuse")
    for start in range(0, 400, 200):
        results = phone.send(*phone.log[start : start + 200])
        assert {one["stored"] for one in results} == {"stored"}
    assert {one["stored"] for one in phone.send(*phone.log[100:300])} == {"duplicate"}
    assert inside(kassa) == [True] * len(codes)
    assert incidents(kassa) == []
    with kassa.database.reading() as session:
        assert len(list(session.scalars(select(Scan.id)))) == 400
