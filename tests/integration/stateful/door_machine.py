"""The part of the state machine that happens at the door, and what every part shares."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.integration.stateful.model import PLACES, Model, Scanned, Sold, judged, settle
from tests.support import calls
from tests.support.calls import Answer
from tests.support.house import House

picks = st.integers(0, 999)
Thing = TypeVar("Thing")


def pick(things: Sequence[Thing], number: int) -> Thing:
    """Return one of the things."""
    return things[number % len(things)]


class DoorMachine(RuleBasedStateMachine):
    """Scans tickets of the house and of the model side by side."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house, self.model = house, Model()
        self.call, self.steps, self.made = house.call, 0, 0
        self.repeats: list[tuple[Callable[[], Answer], str, str]] = []
        house.empty()

    @property
    def now(self) -> Any:
        return self.house.clock.now()

    @precondition(lambda self: self.model.tickets)
    @rule(number=picks, phone=st.integers(0, 1), direction=st.sampled_from(("in", "in", "out")))
    def scan(self, number: int, phone: int, direction: str) -> None:
        ticket = pick(self.model.tickets, number)
        body = self._scan_body(ticket, direction=direction)
        verdict, reason = judged(ticket, direction)
        self._scan(phone, body, "stored", verdict, reason)
        self.model.scans.append(
            Scanned(body=body, ticket=ticket, verdict=verdict, reason=reason, at=self.now)
        )
        settle(ticket, self.model.scans)

    @precondition(lambda self: self.model.tickets)
    @rule(number=picks, phone=st.integers(0, 1))
    def admit_offline(self, number: int, phone: int) -> None:
        ticket = pick(self.model.tickets, number)
        body = self._scan_body(ticket, offline=True, verdict="admit", reason="ok")
        verdict, reason = judged(ticket, "in")
        self._scan(phone, body, "stored", verdict, reason)
        scanned = Scanned(body=body, ticket=ticket, verdict=verdict, reason=reason, at=self.now, final=True)
        self.model.scans.append(scanned)
        settle(ticket, self.model.scans)

    @precondition(lambda self: self.model.scans)
    @rule(number=picks, phone=st.integers(0, 1))
    def scan_again(self, number: int, phone: int) -> None:
        scanned = pick(self.model.scans, number)
        self._scan(phone, scanned.body, "duplicate", scanned.verdict, scanned.reason)

    @precondition(lambda self: self.model.scans)
    @rule(number=picks, phone=st.integers(0, 1), shown=st.sampled_from(("admit", "refuse")))
    def say_finally(self, number: int, phone: int, shown: str) -> None:
        """An usher confirms, takes back, or overrides; once, or again under a later number."""
        scanned = pick(self.model.scans, number)
        again = scanned.final and number % 2 == 0
        reason = "undo" if shown == "refuse" else "ok"
        body = scanned.body | {"verdict": shown, "reason": reason}
        if again:
            self.made += 1
            body["seq"] = self.made
        stored = "duplicate" if scanned.final and not again else "stored"
        self._scan(phone, body, stored, scanned.verdict, scanned.reason)
        if stored == "stored":
            scanned.final, scanned.body = True, body
            settle(scanned.ticket, self.model.scans)

    def _scan_body(self, ticket: Sold, **more: object) -> dict[str, Any]:
        self.made += 1
        return calls.a_scan(
            UUID(int=self.made),
            ticket.code,
            ticket.seat[0],
            self.house.now(),
            self.made,
            **{"direction": "in", **more},
        )

    def _scan(self, phone: int, body: dict[str, Any], stored: str, verdict: str, reason: str) -> None:
        [result] = calls.scan(self.call, self.house.phones[phone], self.house.now(), body)
        assert (result["stored"], result["verdict"], result["reason"]) == (stored, verdict, reason)
        code = body["screening"]
        if stored == "stored" and "verdict" not in body and verdict == "refuse":
            inside = sum(t.inside for t in self.model.tickets if t.seat[0] == code)
            assert result["occupancy"] == {"admitted": inside, "capacity": len(PLACES[code])}
