"""What there is to read of a rush line: places, numbers, and which phones are waited for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, Screening
from ticketing.door.models import Device
from ticketing.door.rush_models import RushLine, RushPlace, RushSettled, RushSlip
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.models import Place

_FORGOTTEN_AFTER = timedelta(days=1)
"""A phone without a sync for so long takes everything anew, and nobody waits for it."""


@dataclass(frozen=True, kw_only=True)
class RushFigures:
    """A rush line in numbers. Places: `free` for anybody, `leased` to phones, `taken` by people."""

    screening_id: int
    released_at: datetime | None
    waits: bool
    free: int
    leased: int
    taken: int
    numbers: int
    called: int
    admitted: int

    @property
    def left(self) -> int:
        """Return how many can still be let in."""
        return self.free + self.leased

    @property
    def total(self) -> int:
        """Return how many places were released."""
        return self.left + self.taken


def rush_screening(session: Session, code: str) -> Screening:
    """Return a screening by its code. Raises NotFoundError."""
    found = session.scalars(select(Screening).where(Screening.code == code)).unique().one_or_none()
    if found is None:
        raise NotFoundError
    return found


def rush_figures(session: Session, screenings: Iterable[int]) -> Mapping[int, RushFigures]:
    """Return the rush lines of these screenings; one that nobody has opened is absent."""
    wanted = list(screenings)
    is_leased = and_(RushPlace.device_id.is_not(None), RushPlace.scan_id.is_(None))
    is_free = and_(RushPlace.device_id.is_(None), RushPlace.scan_id.is_(None))
    places = (
        select(
            RushPlace.screening_id,
            func.sum(case((is_free, 1), else_=0)).label("free"),
            func.sum(case((is_leased, 1), else_=0)).label("leased"),
            func.sum(case((RushPlace.scan_id.is_not(None), 1), else_=0)).label("taken"),
        )
        .join(Place, Place.id == RushPlace.place_id)
        .join(Screening, and_(Screening.id == RushPlace.screening_id, Screening.layout == Place.layout))
        .where(RushPlace.screening_id.in_(wanted))
        .group_by(RushPlace.screening_id)
        .subquery()
    )
    admitted = (
        select(func.count())
        .where(RushSlip.screening_id == RushLine.screening_id, RushSlip.admitted_at.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(RushLine, places.c.free, places.c.leased, places.c.taken, admitted.label("admitted"))
        .outerjoin(places, places.c.screening_id == RushLine.screening_id)
        .where(RushLine.screening_id.in_(wanted))
    )
    return {
        line.screening_id: RushFigures(
            screening_id=line.screening_id,
            released_at=line.released_at,
            waits=line.waits,
            free=free or 0,
            leased=leased or 0,
            taken=taken or 0,
            numbers=line.last_number,
            called=line.called,
            admitted=inside,
        )
        for line, free, leased, taken, inside in rows
    }


def unsettled_devices(session: Session, screening: Screening, now: datetime) -> Sequence[Device]:
    """Return the phones that may still let in tickets as if their places were guaranteed."""
    venue = select(Hall.venue_id).where(Hall.id == screening.hall_id).scalar_subquery()
    settled = exists().where(RushSettled.device_id == Device.id, RushSettled.screening_id == screening.id)
    return session.scalars(
        select(Device)
        .where(
            Device.revoked_at.is_(None),
            or_(Device.venue_id.is_(None), Device.venue_id == venue),
            Device.synced_at > now - _FORGOTTEN_AFTER,
            ~settled,
        )
        .order_by(Device.name, Device.id)
    ).all()


@dataclass(frozen=True, kw_only=True)
class SlipShown:
    """A slip with what its own page tells: its number and how far the line has come."""

    id: UUID
    number: int
    screening: Screening
    called: int
    released_at: datetime | None
    is_in: bool


def slip_by_hash(session: Session, code_hash: bytes) -> SlipShown | None:
    """Return the slip of a code's digest, if there is one."""
    row = (
        session.execute(
            select(RushSlip, RushLine, Screening)
            .join(RushLine, RushLine.screening_id == RushSlip.screening_id)
            .join(Screening, Screening.id == RushSlip.screening_id)
            .where(RushSlip.code_hash == code_hash)
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        return None
    slip, line, screening = row
    return SlipShown(
        id=slip.id,
        number=slip.number,
        screening=screening,
        called=line.called,
        released_at=line.released_at,
        is_in=slip.admitted_at is not None,
    )


def slips_between(session: Session, screening_id: int, first: int, last: int) -> Sequence[RushSlip]:
    """Return the slips with these numbers, both ends included, in their order."""
    return session.scalars(
        select(RushSlip)
        .where(RushSlip.screening_id == screening_id, RushSlip.number.between(first, last))
        .order_by(RushSlip.number)
    ).all()
