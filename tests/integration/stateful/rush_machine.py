"""A small hall, three phones that lose the network, a counter that sells, and staff who release and call.

The truth is who walked through the doors, whether or not the server has heard of it. Each of them has a
place, and no two have the same.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support import calls, rush
from tests.support.house import House
from tests.support.rush import LinePhone

PHONES = 3
HALL, CAPACITY = "gift", 6
phones = st.integers(0, PHONES - 1)
numbers = st.integers(0, 99)


class RushMachine(RuleBasedStateMachine):
    """Tickets that phones did not know of at their last sync are shown to the server alone."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        house.empty()
        with house.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE device SET synced_at = NULL")
        self.phones = [LinePhone() for _ in range(PHONES)]
        self.seats: dict[str, int] = {}
        self.tickets: list[str] = []
        self._sold(rush.buy(house, HALL, 3))
        self.slips: list[str] = []
        self.known: list[int] = [0] * PHONES
        self.guaranteed: set[str] = set()
        self.on_places: dict[str, int] = {}
        self.scans = 0
        for phone in range(PHONES):
            self.a_phone_syncs(phone)

    @initialize(released=st.booleans(), slips=st.integers(0, 4))
    def it_begins(self, slips: int, *, released: bool) -> None:
        if slips:
            self.slips_are_handed_out_and_called(slips)
        if released:
            self.staff_release(unsold=True)

    @rule(
        what=st.sampled_from(["sell", "release", "release all", "slips", "worker"]), number=st.integers(1, 3)
    )
    def the_house_does(self, what: str, number: int) -> None:
        match what:
            case "sell":
                self.the_counter_sells()
            case "slips":
                self.slips_are_handed_out_and_called(number)
            case "worker":
                self.the_worker_runs()
            case _:
                self.staff_release(unsold=what == "release all")

    @rule(
        phone=phones,
        number=numbers,
        slip=st.booleans(),
        what=st.sampled_from(["sync", "lease", "alone", "alone", "ask", "lost", "undo", "send", "give"]),
    )
    def a_phone_does(self, what: str, phone: int, number: int, *, slip: bool) -> None:
        match what:
            case "sync":
                self.a_phone_syncs(phone)
            case "lease":
                self.a_phone_changes_its_leases(phone, 1 + number % 3, 0)
            case "give":
                self.a_phone_changes_its_leases(phone, 0, 1 + number % 2)
            case "alone":
                self.a_phone_decides_alone(phone, number, slip=slip)
            case "ask":
                self.a_phone_asks(phone, number, slip=slip)
            case "lost":
                self.a_question_gets_no_answer(phone, number)
            case "undo":
                self.an_usher_takes_it_back(phone, number)
            case _:
                self.a_phone_sends(phone)

    def the_counter_sells(self) -> None:
        held = calls.hold(self.house.call, HALL, 1)
        if held.status == 201:
            ordered = calls.order(self.house.call, [held.body]).body
            self._sold(calls.read_order(self.house.call, ordered)["tickets"])

    def staff_release(self, *, unsold: bool) -> None:
        rush.release(self.house, HALL, unsold=unsold)

    def the_worker_runs(self) -> None:
        self.house.clock.time += timedelta(seconds=1)
        self.house.work()

    def slips_are_handed_out_and_called(self, quantity: int) -> None:
        self.slips += rush.slips(self.house, HALL, quantity)
        rush.call(self.house, HALL, len(self.slips))

    def a_phone_syncs(self, phone: int) -> None:
        """It says what it knew before this answer, as the page does."""
        here = self.phones[phone]
        knew = HALL if here.knows_release else ""
        told = rush.sync(self.house, phone, HALL, unsent=len(here.waiting), settled=knew)
        [screening] = [one for one in told["screenings"] if one["code"] == HALL]
        here.knows_release = screening["released_at"] is not None
        self.known[phone] = len(self.tickets)
        self._learn(phone, told["rush"])

    def a_phone_changes_its_leases(self, phone: int, hold: int, back: int) -> None:
        here = self.phones[phone]
        given = tuple(here.unspent()[:back])
        here.spent |= set(given)
        self._learn(phone, rush.lease(self.house, phone, HALL, hold, given))

    def a_phone_decides_alone(self, phone: int, number: int, *, slip: bool) -> None:
        code = self._somebody(phone, number, slip=slip)
        here = self.phones[phone]
        if code is None or code in here.admitted:
            return
        needs_place = here.knows_release or slip
        if not needs_place:
            self._green(phone, code, None)
        elif here.unspent() and not (slip and self.slips.index(code) >= here.called):
            self._green(phone, code, here.unspent()[0])

    def a_phone_asks(self, phone: int, number: int, *, slip: bool) -> None:
        """With a place of its lease in hand, and everything before goes along."""
        code = self._anybody(number, slip=slip)
        if code is None:
            return
        self._upload(phone)
        here = self.phones[phone]
        mine = here.unspent()[0] if here.unspent() else None
        here.spent |= {mine} if mine is not None else set()
        body = self._scan(code, mine)
        [answer] = calls.scan(self.house.call, self.house.phones[phone], self.house.now(), body)
        if mine is not None and answer.get("place") != mine:
            here.spent.discard(mine)
        if answer["verdict"] == "admit":
            here.admitted.add(code)
            self._walks_in(code, body["id"], answer.get("place"))

    def a_question_gets_no_answer(self, phone: int, number: int) -> None:
        """The server has heard it; the phone decides alone, with the place that it named."""
        code = self._somebody(phone, number, slip=False)
        here = self.phones[phone]
        if code is None or code in here.admitted or not here.knows_release or not here.unspent():
            return
        self._upload(phone)
        mine = here.unspent()[0]
        body = self._scan(code, mine)
        calls.scan(self.house.call, self.house.phones[phone], self.house.now(), body)
        self._green(phone, code, mine, body)

    def an_usher_takes_it_back(self, phone: int, number: int) -> None:
        here = self.phones[phone]
        if not here.waiting:
            return
        body = here.waiting[number % len(here.waiting)]
        if body["verdict"] != "admit":
            return
        here.admitted.discard(body["code"])
        here.spent.discard(body.get("place", -1))
        self.on_places.pop(body["id"], None)
        if "place" not in body:
            self.guaranteed.discard(body["code"])
        self.scans += 1
        here.waiting.append({**body, "verdict": "refuse", "reason": "undo", "seq": self.scans})
        self._upload(phone)

    def a_phone_sends(self, phone: int) -> None:
        self._upload(phone)

    @invariant()
    def nobody_sits_on_another(self) -> None:
        places = [*(self.seats[code] for code in self.guaranteed), *self.on_places.values()]
        assert len(places) == len(set(places)) <= CAPACITY

    def teardown(self) -> None:
        """Let everybody have network: the server counts the same people, and nobody is one too many."""
        for phone in range(PHONES):
            self._upload(phone)
        self.house.require_invariants()
        assert self.house.value("SELECT count(*) FROM incident WHERE kind = 'over_capacity'") == 0
        taken = self.house.value("SELECT count(*) FROM rush_place WHERE scan_id IS NOT NULL")
        assert taken >= len(self.on_places)

    def _sold(self, tickets: list[Any]) -> None:
        for one in tickets:
            key = UUID(one["ticket"])
            named = key.hex if self.house.database.is_sqlite else str(key)
            place = self.house.value("SELECT place_id FROM ticket WHERE id = :id", {"id": named})
            self.seats[one["code"]] = place
            self.tickets.append(one["code"])

    def _learn(self, phone: int, told: Any) -> None:
        if told is None:
            return
        here = self.phones[phone]
        here.called = told["called"]
        here.leases = [one["place"] for one in told["leases"]]
        here.spent &= set(here.leases)

    def _somebody(self, phone: int, number: int, *, slip: bool) -> str | None:
        """Return a code that a phone knows."""
        known = self.slips if slip else self.tickets[: self.known[phone]]
        return known[number % len(known)] if known else None

    def _anybody(self, number: int, *, slip: bool) -> str | None:
        known = self.slips if slip else self.tickets
        return known[number % len(known)] if known else None

    def _scan(self, code: str, place: int | None) -> dict[str, Any]:
        self.house.clock.time += timedelta(seconds=1)
        self.scans += 1
        more = {} if place is None else {"place": place}
        made = UUID(int=self.scans)
        return calls.a_scan(made, code, HALL, self.house.now(), self.scans, gate="A", **more)

    def _green(self, phone: int, code: str, place: int | None, asked: dict[str, Any] | None = None) -> None:
        here = self.phones[phone]
        body = asked or self._scan(code, place)
        self.scans += 1
        stated = {**body, "seq": self.scans, "verdict": "admit", "reason": "ok", "offline": True}
        here.spent |= {place} if place is not None else set()
        here.admitted.add(code)
        here.waiting.append(stated)
        self._walks_in(code, body["id"], place)

    def _walks_in(self, code: str, scan: str, place: int | None) -> None:
        """A ticket in hand at two doors is one person too many that no lease can prevent: it counts once."""
        if place is None:
            self.guaranteed.add(code)
        else:
            self.on_places[scan] = place

    def _upload(self, phone: int) -> None:
        here = self.phones[phone]
        if here.waiting:
            calls.scan(self.house.call, self.house.phones[phone], self.house.now(), *here.waiting)
        here.waiting = []
