"""Which place of the rush line somebody is let in on, and giving it up when the green is taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from ticketing.door.rush_ends import FREE, OURS
from ticketing.door.rush_leases import HERE, best_free
from ticketing.door.rush_models import RushPlace
from ticketing.inventory.models import Place

_R = RushPlace.__table__.c
_P = Place.__table__.c
_SEAT = (_R.place_id, _P.label, _P.section, _P.row, _P.number, _P.band)
_OF_SCAN = select(*_SEAT).join(Place.__table__, _P.id == _R.place_id).where(_R.scan_id == bindparam("scan"))
_SEATED = select(_R.scan_id).where(_R.scan_id.in_(bindparam("scans", expanding=True)))
_BEST, _BEST_AT_LAST = best_free(), best_free(waiting=True)
_TAKE = (
    update(RushPlace.__table__)  # type: ignore[arg-type]
    .where(_R.place_id == bindparam("place"), _R.scan_id.is_(None), or_(FREE, OURS))
    .values(scan_id=bindparam("scan"))
)
_GIVE_UP = (
    update(RushPlace.__table__)  # type: ignore[arg-type]
    .where(_R.scan_id == bindparam("scan"))
    .values(scan_id=None)
)
_LOCK = select(_R.place_id).where(_R.place_id == bindparam("place")).with_for_update()
_USABLE = (
    select(_R.place_id).where(_R.place_id == bindparam("place"), HERE, or_(FREE, OURS)).with_for_update()
)
_IS_POOLED = select(_R.place_id).where(_R.ticket_id == bindparam("ticket"))


@dataclass(frozen=True, kw_only=True)
class RushSeat:
    """A place of the line as people find it."""

    place_id: int
    label: str
    section: str
    row: str
    number: str
    band: str


def is_released(session: Session, ticket: UUID) -> bool:
    """Tell whether a ticket's place went to the line, so that its holder needs one like everybody."""
    return session.scalar(_IS_POOLED, {"ticket": ticket}) is not None


def find_place(
    session: Session,
    screening_id: int,
    ticket: UUID | None,
    named: int | None,
    device: UUID,
    *,
    named_first: bool = False,
) -> int | None:
    """Return a place for somebody at the door, its row locked; None: there is none.

    First the ticket's own, then the one that the phone names of its lease, then the best free one. A phone
    that has shown a place already is right about it: `named_first`.
    """
    here = {"screening": screening_id, "device": device}
    own = None if ticket is None else session.scalar(_IS_POOLED, {"ticket": ticket})
    for place in (named, own) if named_first else (own, named):
        if place is not None and session.scalar(_USABLE, {**here, "place": place}) is not None:
            return place
    best = {"screening": screening_id, "most": 1}
    # A row that was passed by may yet be given up: once more, waiting for it, before somebody is refused.
    found = session.scalar(_BEST, best)
    return session.scalar(_BEST_AT_LAST, best) if found is None else found


def take_place(session: Session, place: int, scan: UUID, device: UUID) -> bool:
    """Let a scan have a place that is free or leased to its phone; False if somebody else has it."""
    session.execute(_LOCK, {"place": place})
    values = {"place": place, "scan": scan, "device": device}
    return bool(session.execute(_TAKE, values).rowcount == 1)  # type: ignore[attr-defined]


def give_up(session: Session, scan: UUID) -> None:
    """Free what a scan has: nobody was let in on it after all. A phone's lease goes back to it."""
    session.execute(_GIVE_UP, {"scan": scan})


def seated_scans(session: Session, scans: Iterable[UUID]) -> set[UUID]:
    """Return which of these scans have a place."""
    return {scan for scan in session.scalars(_SEATED, {"scans": list(scans)}) if scan is not None}


def place_of_scan(session: Session, scan: UUID) -> RushSeat | None:
    """Return the place that a scan has."""
    row = session.execute(_OF_SCAN, {"scan": scan}).mappings().one_or_none()
    if row is None:
        return None
    return RushSeat(
        place_id=row["place_id"],
        label=row["label"],
        section=row["section"],
        row=row["row"],
        number=row["number"],
        band=row["band"],
    )
