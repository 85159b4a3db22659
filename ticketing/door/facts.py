"""What the rule needs to know, read from the database in few statements."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, case, func, select, union, union_all

from ticketing.catalogue.models import Festival, Hall, Screening, Venue
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.rules import ends_late
from ticketing.door.rules import ScreeningFact, TicketFact
from ticketing.door.rush_models import RushLine, RushSlip
from ticketing.foundation.prepared import Prepared, Runner
from ticketing.inventory.models import Place
from ticketing.tickets.cards import CARDS
from ticketing.tickets.models import FormerCode, Ticket

# Screenings that are kept as they were read: more than a festival has.
_KEPT = 400
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
        RushLine.__table__.c.released_at,
        func.coalesce(RushLine.__table__.c.called, 0).label("called"),
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
    .outerjoin(RushLine.__table__, RushLine.__table__.c.screening_id == _S.id)
)
# What the door calls a code that its ticket had before a reissue.
OLDER_COPY = "reissued"
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
_F, _N = FormerCode.__table__.c, Ticket.__table__.alias("named").c
_HASHES: BindParameter[Any] = bindparam("hashes", expanding=True)
_HAS_CODE = _T.code_hash == bindparam("hash")
_TICKET = Prepared(_ANY_TICKETS.where(_HAS_CODE))
# One statement, however they are named, since all rows must be locked in one order.
_TICKETS = Prepared(
    _ANY_TICKETS.where(
        _T.serial.in_(
            union(
                select(_N.serial).where(_N.code_hash.in_(_HASHES)),
                select(_N.serial).where(_N.id == _F.ticket_id, _F.code_hash.in_(_HASHES)),
                select(_N.serial).where(_N.id.in_(bindparam("ids", expanding=True))),
            )
        )
    )
)
_FORMER = Prepared(select(_F.code_hash, _F.ticket_id).where(_F.code_hash.in_(_HASHES)))
_R = RushSlip.__table__.c
_ADMITTED = Prepared(
    union_all(
        *(
            select(of.screening_id, func.count().label("people"))
            .where(of.inside.is_(True), of.screening_id.in_(bindparam("screenings", expanding=True)))
            .group_by(of.screening_id)
            for of in (_T, _R)
        )
    )
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
    # The rush line: since when tickets guarantee no place, and up to which number it is called.
    released_at: datetime | None
    called: int


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
    # A number of the rush line instead of a ticket.
    slip: int | None = None

    def fact(self, screening: str, *, former: bool = False, needs_reservation: bool = False) -> TicketFact:
        """Return what the rule needs; `former`: shown was a code that the ticket had before a reissue."""
        is_older_copy = former and self.state == "valid"
        return TicketFact(
            ticket=str(self.id),
            screening=screening,
            place=self.label,
            state="void" if is_older_copy else self.state,
            void_reason=OLDER_COPY if is_older_copy else self.void_reason,
            concession=self.concession,
            attention=CARDS.get(self.concession),
            inside=self.inside,
            ever_admitted=self.admitted_at is not None,
            admitted_at=self.admitted_at,
            admitted_gate=self.admitted_gate,
            admitted_device=None if self.admitted_device is None else str(self.admitted_device),
            left_at=self.left_at,
            needs_reservation=needs_reservation,
        )


@dataclass(frozen=True, kw_only=True)
class LockedTickets:
    """Tickets by id and by the digest of each code that was asked for; `former` are codes that have ended."""

    tickets: Mapping[bytes | UUID, KnownTicket]
    former: frozenset[bytes]


def locked_tickets(runner: Runner, hashes: Iterable[bytes], ids: Iterable[UUID]) -> LockedTickets:
    """Return the tickets of these code digests and ids, locked in the order of their serials."""
    wanted = set(hashes)
    found = _locked(runner, wanted, set(ids))
    # A reissue that ended while we waited for its ticket's row has just made the code a former one, too.
    former = _former_codes(runner, wanted - {ticket.code_hash for ticket in found})
    found += _locked(runner, (), set(former.values()) - {ticket.id for ticket in found})
    tickets: dict[bytes | UUID, KnownTicket] = {}
    for ticket in found:
        tickets[ticket.id] = tickets[ticket.code_hash] = ticket
    for code, ticket_id in former.items():
        tickets[code] = tickets[ticket_id]
    return LockedTickets(tickets=tickets, former=frozenset(former))


def _former_codes(runner: Runner, hashes: Collection[bytes]) -> dict[bytes, UUID]:
    """Return which tickets these codes were of."""
    if not hashes:
        return {}
    return {row.code_hash: row.ticket_id for row in _FORMER.rows(runner, {"hashes": hashes})}


def _locked(runner: Runner, hashes: Collection[bytes], ids: Collection[UUID]) -> list[KnownTicket]:
    """Return the tickets that have or had these codes, or have these ids."""
    if not hashes and not ids:
        return []
    if len(hashes) == 1 and not ids:  # one row is locked in any order, and few codes have ended
        [code] = hashes
        found = _TICKET.rows(runner, {"hash": code})
    else:
        found = _TICKETS.rows(runner, {"hashes": hashes, "ids": ids})
    return [KnownTicket(**row._asdict()) for row in found]


def _known(row: Any) -> KnownScreening:
    """Return a screening as it stands in a row of `_SCREENINGS`."""
    zone = ZoneInfo(row.time_zone)
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    fact = ScreeningFact(
        code=row.code,
        hall=row.hall,
        venue=row.venue,
        day=starts.date().isoformat(),
        starts_at=starts,
        doors_open=starts - timedelta(minutes=row.doors_open_minutes),
        doors_close=starts + timedelta(minutes=row.doors_close_minutes),
        status=row.status,
        age=row.age_rating or None,
        ends_after_22=ends_late(starts, ends),
    )
    return KnownScreening(
        id=row.id,
        fact=fact,
        title=row.title,
        starts_at=starts,
        ends_at=ends,
        hall_name=row.hall_name,
        venue_id=row.venue_id,
        venue_name=row.venue_name,
        transfer_minutes=row.transfer_minutes,
        capacity=row.capacity,
        released_at=row.released_at,
        called=row.called,
    )


# Two statements, by the one key and by the other: an OR of both costs three times as much, and nearly every
# scan needs the first alone. To read a row costs more than to find it, and hardly any changes meanwhile.
_WITH_CODES = Prepared(_SCREENINGS.where(_S.code.in_(bindparam("codes", expanding=True))), _known, _KEPT)
_WITH_IDS = Prepared(_SCREENINGS.where(_S.id.in_(bindparam("ids", expanding=True))), _known, _KEPT)
_IN_TIME = Prepared(_SCREENINGS.order_by(_S.starts_at, _S.id), _known, _KEPT)


def some_screenings(runner: Runner, codes: Collection[str], ids: Collection[int]) -> list[KnownScreening]:
    """Return the screenings of these codes and ids."""
    known: list[KnownScreening] = _WITH_CODES.rows(runner, {"codes": codes})
    missing = set(ids) - {screening.id for screening in known}
    return known + _WITH_IDS.rows(runner, {"ids": missing}) if missing else known


def all_screenings(runner: Runner) -> list[KnownScreening]:
    """Return every screening, in the order of time."""
    return _IN_TIME.rows(runner, {})


def admitted_counts(runner: Runner, screening_ids: Collection[int]) -> Mapping[int, int]:
    """Return how many are inside on tickets and slips, by screening; absent means nobody."""
    counts: dict[int, int] = {}
    for row in _ADMITTED.rows(runner, {"screenings": screening_ids}):
        counts[row.screening_id] = counts.get(row.screening_id, 0) + row.people
    return counts
