"""The festival of the evenings: four screenings in three halls, sold out, behind the real API."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from tests.support import calls
from tests.support.evenings.plan import PHONES
from tests.support.evenings.truth import Paper, Showing
from tests.support.house import SMALL_FESTIVAL, House, open_house
from ticketing.catalogue.models import Hall, Screening, Venue
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.values import Programme
from ticketing.door.models import Device, Incident, Scan
from ticketing.foundation.errors import DomainError
from ticketing.inventory.models import Place
from ticketing.tickets.blocking import block, unblock
from ticketing.tickets.issue import void
from ticketing.tickets.models import FormerCode, Ticket
from ticketing.tickets.reissue import reissue

_T, _S, _I = Ticket.__table__, Scan.__table__, Incident.__table__
_PLACES_OF_AN_ORDER = 40
# Two halls of one house, a third in another, and the same hall on the next day.
_SHOWINGS = (("crowd", "open", 0), ("many", "barn", 0), ("gift", "terrace", 0), ("seats", "open", 1))
_ELSEWHERE = "terrace"
_OUTSIDE = {
    "inside": False, "admitted_at": None, "admitted_scan": None, "admitted_device": None,
    "admitted_gate": None, "left_at": None,
}  # fmt: skip
_AS_SOLD = ("state", "void_reason", "voided_at", "blocked", "revision", "code_hash", "code_sealed")


@dataclass(frozen=True, kw_only=True)
class Papers:
    """A ticket's name at the server, its order, and the code and concession that it was sold with."""

    ticket: UUID
    order: UUID
    showing: str
    code: str
    concession: str


class Town:
    """A database with a sold-out day, which each evening begins anew.

    `capacity`: of each hall; beyond one order, as far as whole orders go.
    """

    def __init__(self, database_url: str, folder: Path, *, capacity: int) -> None:
        self.house: House = open_house(database_url, folder, phones=PHONES, programme=_programme(capacity))
        self.sold: list[Papers] = []
        self._order = min(capacity, _PLACES_OF_AN_ORDER)
        for code, *_ in _SHOWINGS:
            self._sell(code)
        with self.house.database.reading() as session:
            self.showings = _showings(session)
            rows = session.execute(select(_T)).mappings()
            self._tickets = {row["id"]: {name: row[name] for name in _AS_SOLD} for row in rows}
            places = session.execute(select(Place.id, Place.order_id, Place.ticket_id))
            self._places = {row.ticket_id: row._asdict() for row in places if row.ticket_id}
            self._phones = {row.id: row.name for row in session.execute(select(Device.id, Device.name))}

    @property
    def papers(self) -> list[Paper]:
        """Return all tickets as they were sold."""
        return [Paper(str(one.ticket), one.showing, one.code, one.concession) for one in self.sold]

    def begin(self) -> None:
        """Forget the last evening."""
        with self.house.database.transaction() as session:
            if not self.house.database.is_sqlite:
                # What is deleted would stay in the indices.
                session.execute(text("TRUNCATE incident, scan"))
            session.execute(delete(Incident))
            session.execute(delete(Scan))
            unlike = (_T.c.state != "valid") | _T.c.blocked | (_T.c.revision > 1)
            changed = session.scalars(select(_T.c.id).where(unlike)).all()
            session.execute(delete(FormerCode))
            moved = Ticket.admitted_at.is_not(None) | Ticket.left_at.is_not(None)
            session.execute(update(Ticket).where(moved).values(_OUTSIDE))
            session.execute(update(Device).values(log_seq=None, log_hash=None))
            if changed:
                was = [{"of": ticket, **self._tickets[ticket]} for ticket in changed]
                session.execute(_T.update().where(_T.c.id == bindparam("of")), was)
                there = [{"of": self._places[one]["id"], **self._places[one]} for one in changed]
                session.execute(_PUT_BACK, there)

    def post(self, phone: int, now: datetime, sent_at: datetime, entries: Sequence[Any]) -> list[Any]:
        """Send a phone's entries, as they arrive at a moment."""
        self.house.clock.time = now
        return calls.scan(self.house.call, self.house.phones[phone], sent_at.isoformat(), *entries)

    def refund(self, number: int, reason: str) -> bool:
        """Make a ticket void; tell whether it could be."""
        one = self.sold[number]
        with suppress(DomainError), self.house.database.transaction() as session:
            void(session, one.order, [one.ticket], reason, self.house.clock.now())
            return True
        return False

    def reissue(self, number: int) -> str | None:
        """Give a ticket another code and return it; None if it keeps the old one."""
        one = self.sold[number]
        with suppress(DomainError), self.house.database.transaction() as session:
            ticket = session.scalars(select(Ticket).where(Ticket.id == one.ticket).with_for_update()).one()
            reissue(session, self.house.runtime.vault, ticket, self.house.clock.now())
            return self.house.runtime.vault.open(ticket.code_sealed)
        return None

    def dispute(self, number: int, *, blocks: bool) -> None:
        """Block an order's tickets, or let them be valid again."""
        with self.house.database.transaction() as session:
            (block if blocks else unblock)(session, self.sold[number].order)

    def standings(self) -> Mapping[str, tuple[object, ...]]:
        """Return of each ticket: is somebody in, since which scan, when, by which door, when did he leave."""
        columns = (_T.c.inside, _T.c.admitted_scan, _T.c.admitted_at, _T.c.admitted_gate, _T.c.left_at)
        with self.house.database.reading() as session:
            return {
                str(row[0]): (row[1], None if row[2] is None else str(row[2]), *row[3:])
                for row in session.execute(select(_T.c.id, *columns))
            }

    def scans(self) -> Mapping[str, tuple[object, ...]]:
        """Return of each scan: its ticket, phone, door, time, the server's verdict, and what was shown."""
        columns = (
            _S.c.device_id, _S.c.gate, _S.c.corrected_at, _S.c.direction, _S.c.verdict, _S.c.reason,
            _S.c.final_verdict, _S.c.final_reason, _S.c.stated_seq,
        )  # fmt: skip
        with self.house.database.reading() as session:
            return {
                str(row[0]): (None if row[1] is None else str(row[1]), self._number(row[2]), *row[3:])
                for row in session.execute(select(_S.c.id, _S.c.ticket_id, *columns))
            }

    def incidents(self) -> Counter[tuple[str, str]]:
        """Count the incidents, by kind and scan."""
        with self.house.database.reading() as session:
            return Counter(
                (kind, str(scan)) for kind, scan in session.execute(select(_I.c.kind, _I.c.scan_id))
            )

    def heads(self) -> Mapping[int, tuple[int, str]]:
        """Return the newest entry of each phone's log: number and hash."""
        query = select(Device.id, Device.log_seq, Device.log_hash).where(Device.log_seq.is_not(None))
        with self.house.database.reading() as session:
            return {self._number(row[0]): (row[1], row[2]) for row in session.execute(query)}

    def close(self) -> None:
        """Close the database."""
        self.house.close()

    def _number(self, device: UUID) -> int:
        """Return which phone a device is: `open_house` has numbered their names."""
        return int(self._phones[device].rsplit(" ", 1)[1])

    def _sell(self, showing: str) -> None:
        call = self.house.call
        while (held := calls.hold(call, showing, self._order)).status == 201:
            student = {held.body["places"][0]: "student"}
            ordered = calls.order(call, [held.body], [student])
            assert ordered.status == 201, ordered
            assert calls.pay(call, ordered.body).status == 200
            tickets = calls.read_order(call, ordered.body)["tickets"]
            with self.house.database.reading() as session:
                named = [UUID(one["ticket"]) for one in tickets]
                rows = session.execute(
                    select(Ticket.id, Ticket.order_id, Ticket.concession).where(Ticket.id.in_(named))
                )
                known = {row.id: row for row in rows}
            self.sold += [
                Papers(
                    ticket=name,
                    order=known[name].order_id,
                    showing=showing,
                    code=one["code"],
                    concession=known[name].concession,
                )
                for name, one in zip(named, tickets, strict=True)
            ]


_PUT_BACK = (
    Place.__table__.update()  # type: ignore[attr-defined]
    .where(Place.__table__.c.id == bindparam("of"))
    .values(order_id=bindparam("order_id"), ticket_id=bindparam("ticket_id"))
)


def _programme(capacity: int) -> Programme:
    """Return the small festival with halls of that many places, one of them in a house of its own."""
    small = parse_programme(SMALL_FESTIVAL)
    house = small.venues[0]
    halls = {hall.code: replace(hall, capacity=capacity) for hall in small.halls if hall.code != "numbered"}
    halls[_ELSEWHERE] = replace(halls[_ELSEWHERE], venue="yard")
    model = next(one for one in small.screenings if one.code == "crowd")
    return replace(
        small,
        festival=replace(
            small.festival,
            last_day=small.festival.last_day + timedelta(days=1),
            max_places_per_order=_PLACES_OF_AN_ORDER,
        ),
        venues=(house, replace(house, code="yard")),
        halls=tuple(halls.values()),
        screenings=tuple(
            replace(model, code=code, hall=hall, starts_at=model.starts_at + timedelta(days=days))
            for code, hall, days in _SHOWINGS
        ),
    )


def _showings(session: Session) -> list[Showing]:
    rows = session.execute(
        select(Screening.code, Venue.code, Screening.starts_at)
        .join(Hall, Hall.id == Screening.hall_id)
        .join(Venue, Venue.id == Hall.venue_id)
    )
    return [Showing(code, venue, str(starts.date()), starts) for code, venue, starts in rows]
