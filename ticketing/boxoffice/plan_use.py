"""Which coming screenings may go over to a hall's newest plan, and taking them there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.place_making import PlaceMaker
from ticketing.catalogue.models import Hall, Screening, SeatPlan
from ticketing.catalogue.plan_queries import newest_version
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.inventory.models import Allocation, Place
from ticketing.sales.models import OrderLine
from ticketing.staff.audit import Deed, record
from ticketing.tickets.models import Ticket

_P = Place.__table__.c


class Stays(StrEnum):
    """Why a screening keeps the version that it has."""

    CLAIMED = "claimed"
    SOLD_BEFORE = "sold_before"
    SET_ASIDE = "set_aside"
    NO_PRICE = "no_price"


@dataclass(frozen=True, kw_only=True)
class PlanUse:
    """A coming screening on an older version; `stays` is None if it may move, `bands` lack a price."""

    screening: Screening
    version: int
    stays: Stays | None
    bands: tuple[str, ...] = ()


def coming_on_older_plans(session: Session, hall: Hall, now: datetime) -> Sequence[PlanUse]:
    """Return a hall's coming screenings that have an older version of its plan."""
    newest = newest_version(session, hall.id)
    if newest is None:
        return ()
    maker = PlaceMaker(session)
    return [_use(session, screening, newest, maker, now) for screening in _coming(session, hall, newest, now)]


def coming_screenings(session: Session, hall: Hall, now: datetime) -> Sequence[Screening]:
    """Return what a hall is going to show, in the order of time."""
    query = (
        select(Screening)
        .where(
            Screening.hall_id == hall.id,
            Screening.starts_at > now,
            Screening.status != ScreeningStatus.CANCELLED,
        )
        .order_by(Screening.starts_at, Screening.id)
    )
    return session.scalars(query).unique().all()


def move_screenings(
    session: Session, hall: Hall, codes: Collection[str], actor: Actor, now: datetime
) -> tuple[list[str], list[PlanUse]]:
    """Make the places of screenings anew on the newest version of their hall's plan.

    Return the codes of those moved, and those that stay, which changed since they were shown.
    """
    newest = newest_version(session, hall.id)
    if newest is None:
        return [], []
    maker = PlaceMaker(session)
    moved: list[str] = []
    stayed: list[PlanUse] = []
    for screening in _coming(session, hall, newest, now):
        if screening.code not in codes:
            continue
        _lock(session, screening)
        use = _use(session, screening, newest, maker, now)
        if use.stays is not None:
            stayed.append(use)
            continue
        before = {"plan_version": use.version, "capacity": screening.capacity}
        _move(session, screening, newest, maker, now)
        deed = Deed(
            action="move_to_plan",
            object_kind="screening",
            object_id=screening.code,
            before=before,
            after={"plan_version": newest.version, "capacity": screening.capacity},
        )
        record(session, actor, deed, now)
        moved.append(screening.code)
    if moved:
        bump(session)
    return moved, stayed


def _coming(session: Session, hall: Hall, newest: SeatPlan, now: datetime) -> list[Screening]:
    return [one for one in coming_screenings(session, hall, now) if one.plan_id != newest.id]


def _use(
    session: Session, screening: Screening, newest: SeatPlan, maker: PlaceMaker, now: datetime
) -> PlanUse:
    version = 0 if screening.plan is None else screening.plan.version
    bands = maker.unpriced(screening, newest.id)
    stays = _claims(session, screening.id, now)
    if stays is None and screening.places_changed_at is not None:
        stays = Stays.SET_ASIDE
    if stays is None and bands:
        stays = Stays.NO_PRICE
    return PlanUse(screening=screening, version=version, stays=stays, bands=bands)


def _claims(session: Session, screening_id: int, now: datetime) -> Stays | None:
    claimed = exists().where(
        _P.screening_id == screening_id, or_(_P.order_id.is_not(None), _P.held_until > now)
    )
    # Orders that ended, tickets that were refunded: they name their places for ever.
    lines = exists().where(OrderLine.screening_id == screening_id)
    tickets = exists().where(Ticket.screening_id == screening_id)
    row = session.execute(select(claimed, or_(lines, tickets))).one()
    if row[0]:
        return Stays.CLAIMED
    return Stays.SOLD_BEFORE if row[1] else None


def _lock(session: Session, screening: Screening) -> None:
    """Let nobody claim a place of the screening, or set one aside, until the transaction ends."""
    session.execute(
        select(_P.id).where(_P.screening_id == screening.id).order_by(_P.id).with_for_update()
    ).all()
    # In the order of those who set places aside: first the places, then their screening.
    session.execute(
        select(Screening.id).where(Screening.id == screening.id).with_for_update(of=Screening)
    ).one()
    session.refresh(screening, ["places_changed_at", "plan_id", "layout"])


def _move(session: Session, screening: Screening, newest: SeatPlan, maker: PlaceMaker, now: datetime) -> None:
    session.execute(delete(Place).where(Place.screening_id == screening.id))
    session.execute(delete(Allocation).where(Allocation.screening_id == screening.id))
    # Another layout: whoever has the hall on screen must not take one state of it for the other's.
    screening.layout += 1
    screening.plan_id = newest.id
    screening.capacity = len(maker.plan(newest.id).seats)
    session.flush()
    maker.make(screening, now)
