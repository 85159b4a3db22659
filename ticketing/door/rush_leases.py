"""Leases: released places that a phone may let people in on without asking.

Σ leases + people let in ≤ places released, because each place is one row: it is free, leased to one phone, or
taken by one scan, and every change of it names the state that it leaves.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.door.devices import KnownDevice
from ticketing.door.models import Device
from ticketing.door.rush_ends import FREE, OURS
from ticketing.door.rush_models import RushLine, RushPlace
from ticketing.door.rush_queries import rush_screening
from ticketing.door.rush_release import door_closes
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.models import Place

MOST = 10
"""Places that one phone may have at a time: what others cannot use should be few."""

_R = RushPlace.__table__.c
_P = Place.__table__.c
_S = Screening.__table__.c
# Only places of the hall where the screening now plays.
HERE = and_(
    _R.screening_id == bindparam("screening"),
    _R.place_id.in_(
        select(_P.id)
        .join(Screening.__table__, and_(_S.id == _P.screening_id, _S.layout == _P.layout))
        .where(_S.id == bindparam("screening"))
    ),
)


def best_free(*, waiting: bool = False) -> Select[int]:
    """Return the statement that finds free places, the best first; it passes locked rows by, or waits."""
    return (
        select(_R.place_id)
        .join(Place.__table__, _P.id == _R.place_id)
        .where(HERE, FREE)
        .order_by(_P.rank, _P.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=not waiting, of=RushPlace.__table__)
    )


def lease_statement(condition: ColumnElement[bool]) -> Update:
    """Return the update that leases places under a condition; tests build one without."""
    return (
        update(RushPlace.__table__)  # type: ignore[arg-type]
        .where(_R.place_id.in_(bindparam("places", expanding=True)), condition)
        .values(device_id=bindparam("to_device"))
        .returning(_R.place_id)
    )


_FIND = best_free()
_LEASE = lease_statement(FREE)
_COUNT_OURS = select(func.count()).select_from(RushPlace.__table__).where(HERE, OURS)
_COUNT_FREE = select(func.count()).select_from(RushPlace.__table__).where(HERE, FREE)
_LOCK_NAMED = (
    select(_R.place_id)
    .where(_R.place_id.in_(bindparam("places", expanding=True)), OURS)
    .order_by(_R.place_id)
    .with_for_update()
)
_GIVE_BACK = (
    update(RushPlace.__table__)  # type: ignore[arg-type]
    .where(_R.place_id.in_(bindparam("places", expanding=True)), OURS)
    .values(device_id=None)
)
_LOCK_DEVICE = select(Device.id).where(Device.id == bindparam("device")).with_for_update()


def change_leases(
    session: Session,
    device: KnownDevice,
    screening: str,
    *,
    hold: int,
    give_back: Sequence[int],
    now: datetime,
) -> Screening:
    """Take back what a phone gives, then let it have up to `hold` places that it has not used.

    It gets half of what is free at most, so that other doors find some too. Nothing before the release or
    once entry has closed. Asking again for as many changes nothing. Raises NotFoundError for a screening of
    another venue.
    """
    found = rush_screening(session, screening)
    if device.venue_id is not None and found.hall.venue_id != device.venue_id:
        raise NotFoundError(screening=screening)
    # Of one phone's requests the second sees what the first has got.
    session.execute(_LOCK_DEVICE, {"device": device.id})
    if give_back:
        named = {"places": list(give_back), "device": device.id}
        session.execute(_LOCK_NAMED, named)
        session.execute(_GIVE_BACK, named)
    line = session.get(RushLine, found.id)
    if line is None or line.released_at is None or now >= door_closes(session, found):
        return found
    here = {"screening": found.id}
    free = session.scalars(_COUNT_FREE, here).one()
    wanted = min(hold, MOST) - session.scalars(_COUNT_OURS, {**here, "device": device.id}).one()
    most = min(wanted, (free + 1) // 2)
    if most > 0:
        places = session.scalars(_FIND, {**here, "most": most}).all()
        session.execute(_LEASE, {"places": places, "to_device": device.id}).all()
    return found
