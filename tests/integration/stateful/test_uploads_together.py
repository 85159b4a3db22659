"""What several phones send at one moment counts as if it had come one after the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.calls import hold, order, pay, read_order
from tests.support.house import House
from tests.support.tried import tried
from ticketing.door.batch import ScanIn, Upload
from ticketing.door.chain import Entry
from ticketing.door.devices import KnownDevice
from ticketing.door.models import Device
from ticketing.door.rules import Direction
from ticketing.door.scans import record_scans, record_uploads

PHONES, TICKETS, IDS = 3, 3, 12
# All that a scan changes, without the ids that are made for incidents.
_STATE = (
    "SELECT * FROM scan",
    "SELECT id, inside, admitted_at, admitted_scan, admitted_gate, left_at FROM ticket",
    "SELECT kind, scan_id, ticket_id, details FROM incident",
    "SELECT id, log_seq, log_hash FROM device",
)


class Crowd:
    """A house with phones and sold tickets."""

    def __init__(self, house: House) -> None:
        self.house = house
        bought = order(house.call, [hold(house.call, "seats", TICKETS).body]).body
        assert pay(house.call, bought).status == 200
        sold = read_order(house.call, bought)["tickets"]
        self.codes = [*(ticket["code"] for ticket in sold), "K1" + "A" * 26]
        with house.database.reading() as session:
            rows = session.execute(select(Device.id, Device.name, Device.venue_id).order_by(Device.name))
            self.devices = [KnownDevice(id=row.id, name=row.name, venue_id=row.venue_id) for row in rows]


@pytest.fixture(scope="module")
def crowd(lasting_house: House) -> Crowd:
    return Crowd(lasting_house)


_SCAN = st.fixed_dictionaries(
    {
        "id": st.integers(1, IDS),
        "verdict": st.sampled_from([None, None, "admit", "admit", "refuse"]),
        "offline": st.booleans(),
        # What a phone that keeps a log says of the entry before it.
        "prev": st.sampled_from([None, "", "another"]),
    }
)
_UPLOADS = st.lists(
    st.tuples(st.integers(0, PHONES - 1), st.lists(_SCAN, min_size=1, max_size=3)), min_size=1, max_size=5
)


@given(sent=_UPLOADS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_together_is_as_one_after_the_other(crowd: Crowd, sent: list[tuple[int, list[Any]]]) -> None:
    now = crowd.house.clock.now() + timedelta(hours=1)
    uploads = [
        Upload(
            device=crowd.devices[phone],
            sent_at=now,
            scans=[_scan(crowd, one, seq, now) for seq, one in enumerate(scans, 10 * number)],
        )
        for number, (phone, scans) in enumerate(sent)
    ]

    def one_by_one(session: Session) -> Sequence[Sequence[Any]]:
        return [record_scans(session, one.device, one.sent_at, one.scans, now) for one in uploads]

    def at_once(session: Session) -> Sequence[Sequence[Any]]:
        return record_uploads(session, uploads, now)

    expected, state = tried(crowd.house.database, one_by_one, _STATE)
    got, left = tried(crowd.house.database, at_once, _STATE)
    assert _without_counts(got) == _without_counts(expected)
    assert left == state


def _scan(crowd: Crowd, one: dict[str, Any], seq: int, now: datetime) -> ScanIn:
    """Return a scan: of an id everything is always the same but what is stated of it."""
    number = one["id"]
    said: dict[str, Any] = {
        "id": UUID(int=number),
        "code": crowd.codes[number % len(crowd.codes)],
        "screening": "seats",
        "at": now + timedelta(minutes=number * 5 % 7 - 3),
        "seq": seq,
        "offline": one["offline"],
        "direction": Direction.OUT if number % 5 == 0 else Direction.IN,
        "gate": "A",
        "verdict": one["verdict"],
        "reason": "ok" if one["verdict"] == "admit" else None,
        "override": "",
    }
    logged = {**said, "verdict": said["verdict"] or "", "reason": said["reason"] or "", "prev": one["prev"]}
    entry = None if one["prev"] is None else Entry(**logged)
    return ScanIn(**said, ticket=None, hall=None, place=None, notes={}, entry=entry)


def _without_counts(answers: Sequence[Sequence[dict[str, Any]]]) -> list[Any]:
    """Return answers less how many were in, which is told of the end of the transaction."""
    return [
        [{name: value for name, value in answer.items() if name != "occupancy"} for answer in one]
        for one in answers
    ]
