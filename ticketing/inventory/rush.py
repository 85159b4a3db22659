"""Places that leave sales for the rush line, for good: the row says so, as for every other claim."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.inventory.allocations import end_emptied
from ticketing.inventory.models import Place
from ticketing.inventory.staff_choice import SELLABLE, mark_changed

_P = Place.__table__.c
_S = Screening.__table__.c
_HERE = and_(
    _P.screening_id == bindparam("screening"),
    _P.layout
    == select(_S.layout).where(_S.id == bindparam("screening")).correlate(Place.__table__).scalar_subquery(),
)
# A wheelchair space has no seat to sit on.
WITH_A_SEAT = _P.kind != "wheelchair"
_MARK = update(Place.__table__).values(  # type: ignore[arg-type]
    rush=True, hold_id=None, held_until=None, allocation_id=None
)


def take_unsold(session: Session, screening_id: int, *, public: bool, kept: bool, now: datetime) -> list[int]:
    """Take places that nobody has bought or is buying: those on sale, those of allocations, or both."""
    condition = and_(SELLABLE, WITH_A_SEAT)
    if not kept:
        condition = and_(condition, _P.allocation_id.is_(None))
    if not public:
        condition = and_(condition, _P.allocation_id.is_not(None))
    find = select(_P.id, _P.allocation_id).where(_HERE, condition).order_by(_P.id).with_for_update()
    rows = session.execute(find, {"screening": screening_id, "now": now}).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    # Once more on the locked rows: what was sold while we waited is left alone.
    again = _MARK.where(_P.id.in_(ids), condition).returning(_P.id)
    taken = sorted(session.scalars(again, {"now": now}))
    end_emptied(session, rows, now)
    mark_changed(session, screening_id, now)
    return taken


def take_of_tickets(session: Session, places: Sequence[int]) -> list[int]:
    """Take the places of tickets that no longer guarantee them; the caller has locked the tickets."""
    session.execute(select(_P.id).where(_P.id.in_(places)).order_by(_P.id).with_for_update()).all()
    theirs = and_(_P.ticket_id.is_not(None), _P.rush.is_(False), WITH_A_SEAT)
    mark = update(Place.__table__).values(rush=True, allocation_id=None)  # type: ignore[arg-type]
    mark = mark.where(_P.id.in_(places), theirs).returning(_P.id)
    return sorted(session.scalars(mark))
