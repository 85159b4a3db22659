"""The rules of the state machine: what people, the bank, the worker and the door may do, in any order."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import case, select

from tests.integration.stateful.door_machine import pick, picks
from tests.integration.stateful.model import (
    HOLD_TIME,
    PLACES,
    PRICES,
    SEATS,
    Held,
    Ordered,
    Page,
    Sold,
)
from tests.integration.stateful.set_aside_machine import SetAsideMachine
from tests.support import calls
from tests.support.calls import API, Answer
from tests.support.house import MORNING
from ticketing.catalogue.models import Screening
from ticketing.inventory.claims import CLAIMABLE
from ticketing.inventory.models import Place
from ticketing.sales.models import DemoSession, Refund
from ticketing.sales.payments import demo
from ticketing.sales.payments.port import Notification

_LAST_MOVE = MORNING + timedelta(hours=3)
_STEPS_BETWEEN_AUDITS = 5
_PLACES = (
    select(Screening.code, Place.label, case((CLAIMABLE, 1), else_=0), Place.order_id, Place.ticket_id)
    .join(Screening, Screening.id == Place.screening_id)
    .where(Screening.code.in_(PLACES))
)
screenings = st.sampled_from(sorted(PLACES))
minutes = st.sampled_from((1, 3, 9, 10, 11))
outcomes = st.sampled_from(("approve", "approve", "decline", "abandon", "late", "duplicate"))


class FestivalMachine(SetAsideMachine):
    """Runs the house and the model side by side."""

    # The clock and the worker

    @precondition(lambda self: self.now < _LAST_MOVE)
    @rule(by=minutes)
    def time_passes(self, by: int) -> None:
        self.house.clock.forward(timedelta(minutes=by))

    @rule()
    def worker_works(self) -> None:
        self.house.work()
        for order in self.model.orders:
            if order.status != "pending" or order.pay_until > self.now:
                continue
            page = order.open_page
            if page is not None and page.bank == "complete":
                self._paid(order, page)
                continue
            if page is not None:
                page.bank = "expired" if page.bank == "open" else page.bank
                self.model.close(order, page, page.bank)
            order.status = "expired"

    # Holds

    @rule(wanted=st.sets(st.sampled_from(SEATS[:12]), min_size=1, max_size=3))
    def hold_seats(self, wanted: set[str]) -> None:
        places, key = sorted(wanted), self._key()
        taken = [label for label in places if ("seats", label) in self.model.owned(self.now)]
        answer = calls.hold(self.call, "seats", places, key)
        if taken:
            assert (answer.status, answer.code) == (409, "places_taken")
            assert answer.body["places"] == taken
            return
        if answer.code == "single_seat_left":
            assert self.model.left_alone(places, answer.body["places"], self.now)
            return
        self._held(answer, "seats", places)
        self._repeatable(lambda: calls.hold(self.call, "seats", places, key), answer, "hold")

    @rule(screening=screenings, quantity=st.integers(1, 4))
    def hold_best(self, screening: str, quantity: int) -> None:
        free, key = self.model.free(screening, self.now), self._key()
        answer = calls.hold(self.call, screening, quantity, key)
        if len(free) < quantity:
            assert (answer.status, answer.code) == (409, "sold_out")
            return
        assert set(answer.body["places"]) <= set(free)
        self._held(answer, screening, answer.body["places"])
        self._repeatable(lambda: calls.hold(self.call, screening, quantity, key), answer, "hold")

    @precondition(lambda self: self.model.holds)
    @rule(number=picks)
    def renew(self, number: int) -> None:
        held = pick(self.model.holds, number)
        answer = self.call(
            "POST", f"{API}/holds/{held.answer['hold']}/renew", None, calls.hold_key(held.answer)
        )
        if held.state != "live":
            assert answer.code == ("hold_used" if held.state == "used" else "hold_expired")
        elif held.renewed:
            assert answer.code == "already_renewed"
        elif held.until <= self.now:
            assert answer.code == "hold_expired"
        else:
            assert answer.status == 200, answer
            held.until, held.renewed = self.now + HOLD_TIME, True

    @precondition(lambda self: self.model.holds)
    @rule(number=picks)
    def release(self, number: int) -> None:
        held = pick(self.model.holds, number)
        answer = self.call("DELETE", f"{API}/holds/{held.answer['hold']}", None, calls.hold_key(held.answer))
        if held.state == "used":
            assert answer.code == "hold_used"
            return
        assert answer.status == 204
        held.state = "released"

    # Orders and payments

    @precondition(lambda self: self.model.holds)
    @rule(numbers=st.sets(st.integers(0, 3), min_size=1, max_size=3), students=picks)
    def order(self, numbers: set[int], students: int) -> None:
        latest = self.model.holds[::-1]
        self._order([latest[n] for n in sorted(numbers) if n < len(latest)] or latest[:1], students)

    @rule(screening=screenings, quantity=st.integers(1, 3), students=picks, outcome=outcomes)
    def buy(self, screening: str, quantity: int, students: int, outcome: str) -> None:
        """What most buyers do, in one step, so that there is something to refund and to scan."""
        self._buy(screening, quantity, students, outcome)

    @rule(quantity=st.integers(2, 3), numbered=st.booleans(), students=picks)
    def buy_and_leave_the_bank(self, quantity: int, numbered: bool, students: int) -> None:  # noqa: FBT001
        self._buy("seats" if numbered else "crowd", quantity, students, "abandon")

    def _buy(self, screening: str, quantity: int, students: int, outcome: str) -> None:
        before = len(self.model.holds)
        self.hold_best(screening, quantity)
        if len(self.model.holds) > before:
            order = self._order(self.model.holds[-1:], students)
            if order is not None and order.pages:
                self._play(order, order.pages[-1], outcome)

    def _order(self, chosen: Sequence[Held], students: int) -> Ordered | None:
        concessions, prices, cheap = [], {}, set()
        for held in chosen:
            mine = {}
            for position, (screening, label) in enumerate(held.seats):
                concession = "adult" if screening != "gift" else "registration"
                if screening != "gift" and students >> position & 1:
                    concession = "student"
                    mine[label] = concession
                    cheap.add((screening, label))
                prices[screening, label] = PRICES[screening][concession]
            concessions.append(mine)
        key = self._key()
        answers = [held.answer for held in chosen]
        answer = calls.order(self.call, answers, concessions, key)
        faults = {
            "hold_used" if held.state == "used" else "hold_expired"
            for held in chosen
            if held.state != "live" or held.until <= self.now
        }
        if faults:
            assert answer.code in faults, answer
            return None
        assert answer.status == 201, answer
        for held in chosen:
            held.state = "used"
        ordered = Ordered(
            answer=answer.body, seats=prices, students=frozenset(cheap), pay_until=self.now + HOLD_TIME
        )
        assert answer.body["total"]["minor"] == ordered.total
        self.model.orders.append(ordered)
        self._repeatable(lambda: calls.order(self.call, answers, concessions, key), answer, "order")
        if ordered.total:
            ordered.pages.append(Page(session=calls.session_of(answer.body)))
        else:
            ordered.status = "paid"
            self._take_tickets(ordered)
        return ordered

    @precondition(lambda self: any(order.pages for order in self.model.orders))
    @rule(number=picks, outcome=outcomes)
    def bank_plays(self, number: int, outcome: str) -> None:
        self._play(*self._page(number), outcome)

    def _play(self, order: Ordered, page: Page, outcome: str) -> None:
        answer = calls.play(self.call, page.session, outcome)
        if page.bank != "open":
            assert (answer.status, answer.code) == (409, "session_closed")
            return
        assert answer.status == 200, answer
        if outcome == "decline":
            page.bank = "declined"
            self.model.close(order, page, "declined")
        elif outcome != "abandon":
            if outcome == "late":
                self.model.close(order, page, "expired")
            page.bank = "complete"
            self._paid(order, page)

    @precondition(lambda self: any(order.pages for order in self.model.orders))
    @rule(number=picks, state=st.sampled_from(("complete", "expired")), told=st.booleans())
    def bank_decides_alone(self, number: int, state: str, told: bool) -> None:  # noqa: FBT001
        """A page expires or is paid at any time, even after it ended; the house may not be told."""
        order, page = self._page(number)
        if page.bank == "complete" or (state == "expired" and page.bank != "open"):
            return
        with self.house.database.transaction() as session:
            demo.settle(session, page.session, state)
        page.bank = state
        if not told:
            return
        event = Notification(event=f"{page.session}:alone:{state}", name=page.session, kind=state)
        for _ in range(2):
            self.house.inbox.receive(demo.NAME, event)
        if state == "complete":
            self._paid(order, page)
        else:
            self.model.close(order, page, "expired")

    @precondition(lambda self: self.model.orders)
    @rule(number=picks)
    def new_attempt(self, number: int) -> None:
        order = pick(self.model.orders, number)
        answer = self.call(
            "POST", f"{API}/orders/{order.answer['order']}/payments", None, calls.order_key(order.answer)
        )
        if order.status != "pending" or order.pay_until <= self.now:
            assert answer.code == "order_not_payable"
        elif order.open_page is not None:
            assert answer.code == "payment_open"
        else:
            assert answer.status == 201, answer
            order.pages.append(Page(session=calls.session_of(answer.body)))

    # Refunds

    @precondition(lambda self: self.model.tickets)
    @rule(
        number=picks,
        how=st.sampled_from(("one", "all", "both ends")),
        fee=st.sampled_from((None, 0, 10_000, 10**9)),
    )
    def refund(self, number: int, how: str, fee: int | None) -> None:
        order = pick([order for order in self.model.orders if order.tickets], number)
        wanted = {
            "one": [pick(order.tickets, number)],
            "both ends": [order.tickets[0], order.tickets[-1]],
            "all": [ticket for ticket in order.tickets if ticket.valid],
        }[how]
        named = None if how == "all" else sorted({ticket.id for ticket in wanted})
        wanted = list({ticket.id: ticket for ticket in wanted}.values())
        code, key = order.answer["order"], self._key()
        answer = calls.refund(self.call, self.house.staff, code, named, fee=fee, key=key)
        if any(not ticket.valid for ticket in wanted or order.tickets):
            assert answer.code == "already_refunded"
        elif any(ticket.ever_admitted for ticket in wanted):
            assert answer.code == "already_admitted"
        elif (fee or 0) > sum(ticket.price for ticket in wanted):
            assert answer.code == "fee_too_high"
        else:
            assert answer.status == 201, answer
            self.model.refund(order, wanted, fee or 0)
            self._repeatable(
                lambda: calls.refund(self.call, self.house.staff, code, named, fee=fee, key=key),
                answer,
                "refund",
            )

    # Repeats

    @precondition(lambda self: self.repeats)
    @rule(number=picks)
    def repeat(self, number: int) -> None:
        """The same request with the same key once more finds what the first one made."""
        again, field, made = pick(self.repeats, number)
        answer = again()
        assert (answer.status, answer.body[field]) == (201, made)

    # What must be true

    @invariant()
    def places_are_as_they_should_be(self) -> None:
        with self.house.database.reading() as session:
            rows = session.execute(_PLACES, {"now": self.now}).all()
        owned, ordered = self.model.owned(self.now), self.model.ordered()
        sold = {ticket.seat for ticket in self.model.tickets if ticket.valid}
        assert {(code, label) for code, label, free, *_ in rows if not free} == owned
        assert {(row[0], row[1]) for row in rows if row[3] is not None} == ordered
        assert {(row[0], row[1]) for row in rows if row[4] is not None} == sold

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        self.steps += 1
        if self.steps % _STEPS_BETWEEN_AUDITS == 0:
            self.house.require_invariants()

    def teardown(self) -> None:
        """Compare everything that anybody can see, after the worker has done what was left."""
        self.worker_works()
        self.house.require_invariants()
        for order in self.model.orders:
            seen = calls.read_order(self.call, order.answer)
            assert seen["status"] == order.status
            states = {one["ticket"]: one["status"] for one in seen["tickets"]}
            assert states == {t.id: "valid" if t.valid else "void" for t in order.tickets}
            assert all(one["status"] == "done" for one in seen["refunds"])
            assert sum(one["amount"]["minor"] for one in seen["refunds"]) == order.returned
            kept = sum(ticket.price for ticket in order.tickets if ticket.valid) + order.fees
            assert order.taken - order.returned == kept
        listed = self.call("GET", f"{API}/screenings").body["screenings"]
        free = {one["code"]: one["places"]["free"] for one in listed if one["code"] in PLACES}
        assert free == {code: len(self.model.free(code, self.now)) for code in PLACES}
        self._compare_the_bank()
        inside = self.house.value("SELECT count(*) FROM ticket WHERE inside")
        assert inside == sum(ticket.inside for ticket in self.model.tickets)

    def _compare_the_bank(self) -> None:
        with self.house.database.reading() as session:
            kept = {
                row.id: row.captured_minor - row.refunded_minor
                for row in session.scalars(select(DemoSession))
            }
            assert session.scalars(select(Refund.id).where(Refund.status != "done")).all() == []
        paid_but_unknown = {
            page.session: 0
            for order in self.model.orders
            for page in order.pages
            if page.bank == "complete" and page.told != "complete"
        }
        told = sum(amount for session, amount in kept.items() if session not in paid_but_unknown)
        assert told == sum(order.taken - order.returned for order in self.model.orders)

    # Helpers

    def _key(self) -> str:
        self.made += 1
        return f"key-{self.made}"

    def _page(self, number: int) -> tuple[Ordered, Page]:
        pages = [(order, page) for order in self.model.orders for page in order.pages]
        return pages[-1 - number % len(pages)]

    def _repeatable(self, again: Callable[[], Answer], answer: Answer, field: str) -> None:
        self.repeats.append((again, field, answer.body[field]))

    def _held(self, answer: Answer, screening: str, places: Sequence[str]) -> None:
        assert answer.status == 201, answer
        seats = tuple((screening, label) for label in places)
        self.model.holds.append(Held(answer=answer.body, seats=seats, until=self.now + HOLD_TIME))

    def _paid(self, order: Ordered, page: Page) -> None:
        if page.told != "complete" and self.model.pay(order, page, self.now):
            self._take_tickets(order)

    def _take_tickets(self, order: Ordered) -> None:
        seen = calls.read_order(self.call, order.answer)
        assert seen["status"] == "paid"
        known = {ticket.id for ticket in order.tickets}
        issued = [one for one in seen["tickets"] if one["ticket"] not in known]
        places = {
            (one["screening"], one["place"]): (one["concession"], one["price"]["minor"]) for one in issued
        }
        if places.keys() != order.seats.keys():
            self.model.move(order, places, self.now)
        for one in issued:
            seat = (one["screening"], one["place"])
            assert one["price"]["minor"] == order.seats[seat]
            student = seat in order.students
            order.tickets.append(
                Sold(id=one["ticket"], code=one["code"], seat=seat, price=order.seats[seat], student=student)
            )
        assert {ticket.seat for ticket in order.tickets} == order.seats.keys()
