"""What the rule needs to know, read from the database in few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening, Venue
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.rules import ends_late
from ticketing.door.rules import ScreeningFact, TicketFact
from ticketing.inventory.models import Place
from ticketing.tickets.models import Ticket

# The card that a concession asks for; the words for each are the scanner's.
CARDS = {"student": "student", "pensioner": "pensioner", "child": "child"}

_S = Screening.__table__.c
_T = Ticket.__table__.c
_SCREENINGS = (
    select(
        _S.id,
        _S.code,
        _S.title,
        _S.starts_at,
        _S.ends_at,
        _S.status,
        _S.age_rating,
        _S.capacity,
        Hall.__table__.c.code.label("hall"),
        Hall.__table__.c.name.label("hall_name"),
        Venue.__table__.c.id.label("venue_id"),
        Venue.__table__.c.code.label("venue"),
        Venue.__table__.c.name.label("venue_name"),
        Venue.__table__.c.transfer_minutes,
        Festival.__table__.c.time_zone,
        Festival.__table__.c.doors_open_minutes,
        Festival.__table__.c.doors_close_minutes,
    )
    .join(Hall.__table__, Hall.__table__.c.id == _S.hall_id)
    .join(Venue.__table__, Venue.__table__.c.id == Hall.__table__.c.venue_id)
    .join(Festival.__table__, Festival.__table__.c.id == 1)
)
# Two statements each, by the one key and by the other: an OR of both costs three times as much, and nearly
# every scan needs the first alone.
_WITH_CODES = _SCREENINGS.where(_S.code.in_(bindparam("codes", expanding=True)))
_WITH_IDS = _SCREENINGS.where(_S.id.in_(bindparam("ids", expanding=True)))
# A ticket that is blocked is void to the door, for as long as it lasts: which reason, nobody there is told.
DOOR_STATE = case((_T.blocked, "void"), else_=_T.state).label("state")
DOOR_REASON = case((_T.blocked, "blocked"), else_=_T.void_reason).label("void_reason")
_ANY_TICKETS = (
    select(
        _T.serial,
        _T.id,
        _T.screening_id,
        _T.label,
        _T.band,
        _T.concession,
        DOOR_STATE,
        DOOR_REASON,
        _T.code_hash,
        _T.inside,
        _T.admitted_at,
        _T.admitted_scan,
        _T.admitted_device,
        _T.admitted_gate,
        _T.left_at,
        Place.__table__.c.section,
        Place.__table__.c.row,
        Place.__table__.c.number,
    )
    .join(Place.__table__, Place.__table__.c.id == _T.place_id)
    .order_by(_T.serial)
    .with_for_update(of=Ticket.__table__)
)
_BY_HASH = _T.code_hash.in_(bindparam("hashes", expanding=True))
_TICKETS = _ANY_TICKETS.where(_BY_HASH)
# Named by id as well: still one statement, since all rows must be locked in one order.
_TICKETS_OR_IDS = _ANY_TICKETS.where(or_(_BY_HASH, _T.id.in_(bindparam("ids", expanding=True))))
_ADMITTED = (
    select(_T.screening_id, func.count())
    .where(_T.inside.is_(True), _T.screening_id.in_(bindparam("screenings", expanding=True)))
    .group_by(_T.screening_id)
)


@dataclass(frozen=True, kw_only=True)
class KnownScreening:
    """A screening as the door sees it: the rule's fact and what a redirect says in words."""

    id: int
    fact: ScreeningFact
    title: Words
    starts_at: datetime
    ends_at: datetime
    hall_name: Words
    venue_id: int
    venue_name: Words
    transfer_minutes: int
    capacity: int


@dataclass(kw_only=True)
class KnownTicket:
    """A locked ticket with its admission state, which scans of one batch change one after the other."""

    serial: int
    id: UUID
    screening_id: int
    label: str
    section: str
    row: str
    number: str
    band: str
    concession: str
    state: str
    void_reason: str | None
    code_hash: bytes
    inside: bool
    admitted_at: datetime | None
    admitted_scan: UUID | None
    admitted_device: UUID | None
    admitted_gate: str | None
    left_at: datetime | None

    def fact(self, screening: str) -> TicketFact:
        """Return what the rule needs."""
        return TicketFact(
            ticket=str(self.id),
            screening=screening,
            place=self.label,
            state=self.state,
            void_reason=self.void_reason,
            concession=self.concession,
            attention=CARDS.get(self.concession),
            inside=self.inside,
            ever_admitted=self.admitted_at is not None,
            admitted_at=self.admitted_at,
            admitted_gate=self.admitted_gate,
            admitted_device=None if self.admitted_device is None else str(self.admitted_device),
            left_at=self.left_at,
        )


def locked_tickets(session: Session, hashes: Iterable[bytes], ids: Iterable[UUID]) -> list[KnownTicket]:
    """Return the tickets of these code digests and ids, locked in the order of their serials."""
    by_id = list(ids)
    statement, more = (_TICKETS_OR_IDS, {"ids": by_id}) if by_id else (_TICKETS, {})
    rows = session.execute(statement, {"hashes": list(hashes), **more}).mappings()
    return [KnownTicket(**row) for row in rows]


def some_screenings(session: Session, codes: Iterable[str], ids: Iterable[int]) -> list[KnownScreening]:
    """Return the screenings of these codes and ids."""
    rows = list(session.execute(_WITH_CODES, {"codes": list(codes)}).mappings())
    missing = set(ids) - {row["id"] for row in rows}
    if missing:
        rows += session.execute(_WITH_IDS, {"ids": list(missing)}).mappings()
    return [_known(row) for row in rows]


def all_screenings(session: Session) -> list[KnownScreening]:
    """Return every screening, in the order of time."""
    return [_known(row) for row in session.execute(_SCREENINGS.order_by(_S.starts_at, _S.id)).mappings()]


def admitted_counts(session: Session, screening_ids: Iterable[int]) -> Mapping[int, int]:
    """Return how many are inside, by screening; absent means nobody."""
    rows = session.execute(_ADMITTED, {"screenings": list(screening_ids)})
    return {row[0]: row[1] for row in rows}


def _known(row: RowMapping) -> KnownScreening:
    zone = ZoneInfo(row["time_zone"])
    starts, ends = row["starts_at"].astimezone(zone), row["ends_at"].astimezone(zone)
    fact = ScreeningFact(
        code=row["code"],
        hall=row["hall"],
        venue=row["venue"],
        day=starts.date().isoformat(),
        starts_at=starts,
        doors_open=starts - timedelta(minutes=row["doors_open_minutes"]),
        doors_close=starts + timedelta(minutes=row["doors_close_minutes"]),
        status=row["status"],
        age=row["age_rating"] or None,
        ends_after_22=ends_late(starts, ends),
    )
    return KnownScreening(
        id=row["id"],
        fact=fact,
        title=row["title"],
        starts_at=starts,
        ends_at=ends,
        hall_name=row["hall_name"],
        venue_id=row["venue_id"],
        venue_name=row["venue_name"],
        transfer_minutes=row["transfer_minutes"],
        capacity=row["capacity"],
    )
