"""Releasing places to the rush line: those of tickets that nobody has come with, and unsold ones.

A phone without a network may still let in a ticket whose holder the server takes for absent. So a ticket's
place goes to the line only when every phone has said that it knows of the release and has sent all that it
did before, or when staff have said whom not to wait for (ADR 0007).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.catalogue.guarantee import guaranteed_until
from ticketing.catalogue.models import Festival, Screening
from ticketing.door.errors import RushOverError
from ticketing.door.rush_models import RushLine, RushPlace
from ticketing.door.rush_queries import rush_screening, unsettled_devices
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.inventory.rush import take_of_tickets, take_unsold
from ticketing.staff.audit import Deed, record
from ticketing.tickets.models import Ticket

_T = Ticket.__table__.c
# Nobody has ever been let in with it; a ticket that is blocked is refused at the door anyway.
ABSENT = (_T.state == "valid", _T.admitted_at.is_(None))
_ABSENT_TICKETS = (
    select(_T.id, _T.place_id)
    .where(
        _T.screening_id == bindparam("screening"),
        *ABSENT,
        # Sold since, at the counter or to somebody on the way: that one has a place.
        _T.issued_at <= bindparam("released_at"),
        _T.id.not_in(
            select(RushPlace.ticket_id).where(
                RushPlace.screening_id == bindparam("screening"), RushPlace.ticket_id.is_not(None)
            )
        ),
    )
    .order_by(_T.serial)
    .with_for_update()
)
_OPEN = {
    "sqlite": sqlite.insert(RushLine.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(RushLine.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """How many places have just gone to the line, and whether some of tickets still wait for phones."""

    of_tickets: int
    unsold: int
    waiting: bool


def open_line(session: Session, screening_id: int) -> RushLine:
    """Return a screening's line, locked; there is one from the first time that somebody asks."""
    fresh = {"unsold": True, "kept": False, "waits": True, "last_number": 0, "called": 0}
    values = {"screening_id": screening_id, **fresh}
    session.execute(_OPEN[session.get_bind().dialect.name], values)
    return session.scalars(
        select(RushLine)
        .where(RushLine.screening_id == screening_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def release_places(
    session: Session, screening: str, *, unsold: bool, kept: bool, actor: Actor, now: datetime
) -> Gathered:
    """End the guarantee of tickets and give places to the line, with `unsold` and `kept` ones if said.

    Again, it takes what has become free since. Raises NotFoundError, or RushOverError once entry has closed.
    """
    found = rush_screening(session, screening)
    if found.status == "cancelled" or now >= door_closes(session, found):
        raise RushOverError
    line = open_line(session, found.id)
    before = {"released": line.released_at is not None, "unsold": line.unsold, "kept": line.kept}
    line.released_at = line.released_at or now
    line.unsold, line.kept = unsold, kept
    session.flush()
    gathered = _gather(session, found, line, now)
    deed = Deed(
        action="release_to_rush_line",
        object_kind="screening",
        object_id=found.code,
        before=before,
        after={
            "unsold": unsold,
            "kept": kept,
            "places_of_tickets": gathered.of_tickets,
            "places_unsold": gathered.unsold,
            "waiting_for_phones": gathered.waiting,
        },
    )
    record(session, actor, deed, now)
    return gathered


def wait_no_longer(session: Session, screening: str, actor: Actor, now: datetime) -> Gathered:
    """Give places of tickets to the line although some phones have not answered; the record names them.

    Raises NotFoundError, or RushOverError where nothing is released or entry has closed.
    """
    found = rush_screening(session, screening)
    line = open_line(session, found.id)
    if line.released_at is None or now >= door_closes(session, found):
        raise RushOverError
    phones = [device.name for device in unsettled_devices(session, found, now)]
    line.waits = False
    session.flush()
    gathered = _gather(session, found, line, now)
    deed = Deed(
        action="release_without_phones",
        object_kind="screening",
        object_id=found.code,
        after={"phones": phones, "places_of_tickets": gathered.of_tickets},
    )
    record(session, actor, deed, now)
    return gathered


def lines_to_gather(session: Session, now: datetime) -> list[str]:
    """Return the screenings whose guarantee has ended by the clock or was ended, while entry is open."""
    festival = session.scalars(select(Festival)).one_or_none()
    if festival is None:
        return []
    since, until = timedelta(minutes=festival.doors_close_minutes), timedelta(hours=4)
    rows = session.execute(
        select(Screening, RushLine.released_at)
        .outerjoin(RushLine, RushLine.screening_id == Screening.id)
        .where(
            Screening.status != "cancelled",
            Screening.starts_at > now - since,
            Screening.starts_at <= now + until,
        )
        .order_by(Screening.id)
    ).unique()
    due = []
    for screening, released_at in rows:
        ends = guaranteed_until(festival, screening)
        if released_at is not None or (ends is not None and ends <= now):
            due.append(screening.code)
    return due


def gather_due(session: Session, screening: str, now: datetime) -> int:
    """Take to the line what has become free; by the clock also end the guarantee. Return how many places."""
    found = rush_screening(session, screening)
    if screening not in lines_to_gather(session, now):
        return 0
    line = open_line(session, found.id)
    by_clock = line.released_at is None
    line.released_at = line.released_at or now
    session.flush()
    gathered = _gather(session, found, line, now)
    if by_clock or gathered.of_tickets or gathered.unsold:
        after = {"places_of_tickets": gathered.of_tickets, "places_unsold": gathered.unsold}
        deed = Deed(action="release_to_rush_line", object_kind="screening", object_id=found.code, after=after)
        record(session, SYSTEM, deed, now)
    return gathered.of_tickets + gathered.unsold


def door_closes(session: Session, screening: Screening) -> datetime:
    """Return when entry to a screening closes; leases end with it."""
    minutes = session.scalars(select(Festival.doors_close_minutes)).one()
    return screening.starts_at + timedelta(minutes=minutes)


def _gather(session: Session, screening: Screening, line: RushLine, now: datetime) -> Gathered:
    waiting = line.waits and bool(unsettled_devices(session, screening, now))
    # Tickets first, as everybody who locks tickets and places.
    of_tickets = 0 if waiting else _take_absent(session, screening.id, line.released_at)
    unsold: list[int] = []
    if line.unsold or line.kept:
        unsold = take_unsold(session, screening.id, kept=line.kept, public=line.unsold, now=now)
        _add(session, screening.id, [{"place_id": place, "ticket_id": None} for place in unsold])
    return Gathered(of_tickets=of_tickets, unsold=len(unsold), waiting=waiting)


def _take_absent(session: Session, screening_id: int, released_at: datetime | None) -> int:
    rows = session.execute(_ABSENT_TICKETS, {"screening": screening_id, "released_at": released_at})
    absent = {row.place_id: row.id for row in rows}
    if not absent:
        return 0
    taken = take_of_tickets(session, list(absent))
    _add(session, screening_id, [{"place_id": place, "ticket_id": absent[place]} for place in taken])
    return len(taken)


def _add(session: Session, screening_id: int, places: list[dict[str, object]]) -> None:
    if places:
        session.execute(
            insert(RushPlace.__table__),  # type: ignore[arg-type]
            [{**one, "screening_id": screening_id, "device_id": None, "scan_id": None} for one in places],
        )
