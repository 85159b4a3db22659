"""Three phones that lose the network when they like, and what the server makes of their logs.

The model knows nothing of batches, replays or arrival: it is the list of what each phone finally showed.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import update

from tests.support import calls
from tests.support.house import House
from tests.unit.door.test_chain import entry
from ticketing.door.models import Device

PHONES = 3
TICKETS = 4
phones = st.integers(0, PHONES - 1)
numbers = st.integers(0, 999)


class LoggingPhone:
    """A phone with a log; what the server has not answered for stays in it."""

    def __init__(self) -> None:
        self.seq, self.prev = 0, ""
        self.waiting: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def write(self, body: dict[str, Any]) -> dict[str, Any]:
        self.seq += 1
        one = {**body, "seq": self.seq, "prev": self.prev}
        self.prev = entry(one).hash()
        self.waiting.append(one)
        return one


class MergeMachine(RuleBasedStateMachine):
    """Each scan is at a second of its own, so that every order of arrival has one truth."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house, self.call = house, house.call
        house.empty()
        ordered = calls.order(self.call, [calls.hold(self.call, "crowd", TICKETS).body]).body
        assert calls.pay(self.call, ordered).status == 200
        self.tickets = calls.read_order(self.call, ordered)["tickets"]
        house.clock.time += timedelta(hours=3)
        self.logs = [LoggingPhone() for _ in range(PHONES)]
        self.shown: dict[str, dict[str, Any]] = {}
        self.by: dict[str, int] = {}
        self._forget_devices()

    @rule(phone=phones, number=numbers, out=st.booleans(), green=st.booleans())
    def a_phone_decides_alone(self, phone: int, number: int, *, out: bool, green: bool) -> None:
        body = self._scan(number, "out" if out else "in")
        self._show(phone, {**body, "verdict": "admit" if green else "refuse", "reason": "ok"})

    @rule(phone=phones, number=numbers)
    def a_question_gets_no_answer(self, phone: int, number: int) -> None:
        """It is in the log; whether it arrives is another matter, and the phone then says what it showed."""
        body = self._scan(number, "in")
        self.logs[phone].write({**body, "offline": False})
        self._show(phone, {**body, "verdict": "admit", "reason": "ok"})

    @precondition(lambda self: self.shown)
    @rule(number=numbers)
    def an_usher_takes_it_back(self, number: int) -> None:
        scan = sorted(self.shown)[number % len(self.shown)]
        body = {key: value for key, value in self.shown[scan].items() if key not in ("seq", "prev")}
        self._show(self.by[scan], {**body, "verdict": "refuse", "reason": "undo"})

    @rule(phone=phones, most=st.integers(1, 5), answered=st.booleans())
    def a_phone_has_network_for_a_moment(self, phone: int, most: int, *, answered: bool) -> None:
        self._upload(phone, most, answered=answered)

    @precondition(lambda self: any(log.sent for log in self.logs))
    @rule(phone=phones, number=numbers)
    def a_batch_arrives_again(self, phone: int, number: int) -> None:
        sent = self.logs[phone].sent
        if sent:
            start = number % len(sent)
            self._post(phone, sent[start : start + 3])

    def teardown(self) -> None:
        """Let all have network: the server then says what the model says."""
        for phone in range(PHONES):
            while self.logs[phone].waiting:
                self._upload(phone, 7, answered=True)
        self.house.require_invariants()
        for ticket in self.tickets:
            inside, doubles = self._truth(ticket["code"])
            key = {"id": self._key(ticket["ticket"])}
            assert bool(self.house.value("SELECT inside FROM ticket WHERE id = :id", key)) is inside
            reported = self.house.rows(
                "SELECT scan_id FROM incident WHERE kind = 'double_admission' AND ticket_id = :id", key
            )
            scans = [str(UUID(str(row[0]))) for row in reported]
            assert len(scans) == len(set(scans))
            assert doubles <= set(scans)
        assert self.house.value("SELECT count(*) FROM scan") == len(self.shown)
        assert self.house.value("SELECT count(*) FROM incident WHERE kind LIKE 'log%'") == 0

    def _truth(self, code: str) -> tuple[bool, set[str]]:
        """Return whether somebody is in on a ticket, and which entries were one too many."""
        inside, doubles = False, set()
        green = [one for one in self.shown.values() if one["code"] == code and one["verdict"] == "admit"]
        for one in sorted(green, key=lambda some: datetime.fromisoformat(some["at"])):
            if one["direction"] == "out":
                inside = False
            elif inside:
                doubles.add(one["id"])
            else:
                inside = True
        return inside, doubles

    def _scan(self, number: int, direction: str) -> dict[str, Any]:
        self.house.clock.time += timedelta(seconds=1)
        code = self.tickets[number % TICKETS]["code"]
        made = UUID(int=len(self.shown) + 1)
        return calls.a_scan(
            made, code, "crowd", self.house.now(), direction=direction, offline=True, gate="A"
        )

    def _show(self, phone: int, body: dict[str, Any]) -> None:
        self.shown[body["id"]] = self.logs[phone].write(body)
        self.by[body["id"]] = phone

    def _upload(self, phone: int, most: int, *, answered: bool) -> None:
        log = self.logs[phone]
        batch = log.waiting[:most]
        if batch:
            self._post(phone, batch)
        log.sent += [one for one in batch if one not in log.sent]
        if answered:
            log.waiting = log.waiting[most:]

    def _post(self, phone: int, batch: list[dict[str, Any]]) -> None:
        results = calls.scan(self.call, self.house.phones[phone], self.house.now(), *batch)
        assert [one["id"] for one in results] == [one["id"] for one in batch]

    def _forget_devices(self) -> None:
        """Let the phones' logs be empty at the server too: the phones themselves outlive an example."""
        with self.house.database.transaction() as session:
            session.execute(update(Device).values(log_seq=None, log_hash=None))

    def _key(self, ticket: str) -> str:
        is_sqlite = self.house.database.is_sqlite
        return UUID(ticket).hex if is_sqlite else ticket
