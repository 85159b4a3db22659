"""Sales, refunds, reissues, moves and scans in any order, and phones that follow them by deltas."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select, update

from tests.support import calls
from tests.support.held import Held
from tests.support.house import House
from tests.support.signing import publish, retire, revoke, sign_codes
from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.catalogue.programme.values import TicketCodeKind
from ticketing.foundation.errors import DomainError
from ticketing.tickets.blocking import block, unblock
from ticketing.tickets.models import Ticket
from ticketing.tickets.reissue import reissue

_SYNC = "/api/v1/door/sync"
_HALLS = ("numbered", "open", "terrace", "barn")
numbers = st.integers(0, 999)
phones = st.integers(0, 1)
screenings = st.sampled_from(("seats", "crowd"))
statuses = st.sampled_from(("on_sale", "cancelled"))


class SyncMachine(RuleBasedStateMachine):
    """Two phones; after each sync a phone must hold exactly what a new one would get."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house, self.call = house, house.call
        self.held = [Held() for _ in house.phones]
        self.orders: list[tuple[Any, list[Any]]] = []
        self.codes: list[tuple[str, str]] = []
        self.scans: list[dict[str, Any]] = []
        self.kept: list[list[Any]] = [[] for _ in house.phones]
        house.empty()
        with house.database.transaction() as session:
            for screening, hall in session.execute(select(Screening.id, Screening.code)).all():
                home = {"seats": "numbered", "crowd": "open", "gift": "terrace", "many": "barn"}[hall]
                self._set(session, screening, home, "on_sale")
            session.execute(update(Festival).values(ticket_code="opaque"))

    @rule(screening=screenings, quantity=st.integers(1, 2))
    def somebody_buys(self, screening: str, quantity: int) -> None:
        held = calls.hold(self.call, screening, quantity)
        ordered = calls.order(self.call, [held.body]) if held.status == 201 else held
        if ordered.status != 201:
            return  # sold out, cancelled, too late
        assert calls.pay(self.call, ordered.body).status == 200
        tickets = calls.read_order(self.call, ordered.body)["tickets"]
        self.orders.append((ordered.body, tickets))
        self.codes += [(ticket["code"], screening) for ticket in tickets]

    @precondition(lambda self: self.orders)
    @rule(number=numbers)
    def somebody_returns_a_ticket(self, number: int) -> None:
        ordered, tickets = self.orders[number % len(self.orders)]
        wanted = tickets[number % len(tickets)]["ticket"]
        calls.refund(self.call, self.house.staff, ordered["order"], [wanted])

    @precondition(lambda self: self.orders)
    @rule(number=numbers)
    def a_ticket_gets_another_code(self, number: int) -> None:
        ordered, tickets = self.orders[number % len(self.orders)]
        with self.house.database.transaction() as session:
            wanted = UUID(tickets[number % len(tickets)]["ticket"])
            ticket = session.scalars(select(Ticket).where(Ticket.id == wanted)).one()
            if ticket.state != "valid" or ticket.blocked or ticket.admitted_at is not None:
                return
            reissue(session, self.house.runtime.vault, ticket, self.house.clock.now())
        for read in calls.read_order(self.call, ordered)["tickets"]:
            self.codes.append((read["code"], read["screening"]))

    @precondition(lambda self: self.orders)
    @rule(number=numbers, blocks=st.booleans())
    def a_bank_disputes_or_gives_up(self, number: int, *, blocks: bool) -> None:
        _, tickets = self.orders[number % len(self.orders)]
        with self.house.database.transaction() as session:
            wanted = UUID(tickets[0]["ticket"])
            order = session.scalars(select(Ticket.order_id).where(Ticket.id == wanted)).one()
            (block if blocks else unblock)(session, order)

    @rule(
        screening=screenings, hall=st.sampled_from(_HALLS), status=st.sampled_from(("on_sale", "cancelled"))
    )
    def a_screening_changes(self, screening: str, hall: str, status: str) -> None:
        with self.house.database.transaction() as session:
            wanted = session.scalars(select(Screening.id).where(Screening.code == screening)).one()
            self._set(session, wanted, hall, status)

    @rule(minutes=st.sampled_from((10, 15, 20)))
    def the_doors_close_at_another_time(self, minutes: int) -> None:
        with self.house.database.transaction() as session:
            session.execute(update(Festival).values(doors_close_minutes=minutes))

    @rule(deed=st.sampled_from(("signed", "opaque", "publish", "retire", "revoke")), number=st.integers(0, 2))
    def a_manager_changes_codes_and_keys(self, deed: str, number: int) -> None:
        here, clock = self.house.runtime, self.house.clock
        with suppress(DomainError):  # no such key, too many of them
            if deed == "publish":
                publish(here, clock)
            elif deed == "retire":
                retire(here, clock, number)
            elif deed == "revoke":
                revoke(here, clock, number)
            else:
                sign_codes(here, clock, TicketCodeKind(deed))

    @precondition(lambda self: self.codes)
    @rule(number=numbers, phone=phones, out=st.booleans(), shown=st.sampled_from((None, "admit", "refuse")))
    def a_phone_scans(self, number: int, phone: int, shown: str | None, *, out: bool) -> None:
        code, screening = self.codes[number % len(self.codes)]
        body = calls.a_scan(
            UUID(int=len(self.scans) + 1), code, screening, self.house.now(), len(self.scans),
            direction="out" if out else "in", **({} if shown is None else {"verdict": shown, "reason": "ok"}),
        )  # fmt: skip
        calls.scan(self.call, self.house.phones[phone], self.house.now(), body)
        self.scans.append(body)

    @precondition(lambda self: self.scans)
    @rule(number=numbers)
    def an_usher_takes_it_back(self, number: int) -> None:
        body = self.scans[number % len(self.scans)] | {"verdict": "refuse", "reason": "undo"}
        calls.scan(self.call, self.house.phones[0], self.house.now(), body)

    @rule(minutes=st.sampled_from((1, 30, 300)))
    def time_passes(self, minutes: int) -> None:
        self.house.clock.forward(timedelta(minutes=minutes))

    @rule(phone=phones)
    def a_phone_syncs(self, phone: int) -> None:
        held = self.held[phone]
        answer = self._ask(phone, held.cursor)
        self.kept[phone] = [*self.kept[phone][-1:], answer]
        held.apply(answer)
        fresh = Held()
        fresh.apply(self._ask(phone, ""))
        assert held.contents() == fresh.contents()

    @rule(phone=phones)
    def a_phone_applies_its_last_answer_again(self, phone: int) -> None:
        for answer in self.kept[phone][-1:]:
            self.held[phone].apply(answer)

    def _ask(self, phone: int, cursor: str) -> Any:
        answer = self.call("GET", f"{_SYNC}?cursor={cursor}", None, calls.bearer(self.house.phones[phone]))
        assert answer.status == 200
        return answer.body

    def _set(self, session: Any, screening: int, hall: str, status: str) -> None:
        hall_id = session.scalars(select(Hall.id).where(Hall.code == hall)).one()
        session.execute(
            update(Screening).where(Screening.id == screening).values(hall_id=hall_id, status=status)
        )
