"""Who may have a place: the statements that claim, keep and free places (I1, I2, I5).

Module-level Core statements: the ORM's unit of work costs twice the CPU on this path.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.prepared import Prepared
from ticketing.inventory.models import Place

_P = Place.__table__.c
_NOW: BindParameter[Any] = bindparam("now")

# A place that the public may claim. Reads the place's own row and nothing else.
CLAIMABLE = and_(
    _P.allocation_id.is_(None),
    _P.killed.is_(False),
    _P.rush.is_(False),
    _P.order_id.is_(None),
    or_(_P.hold_id.is_(None), _P.held_until <= _NOW),
)


_THESE = _P.id.in_(bindparam("places", expanding=True))
_THIS = _P.id == bindparam("place")


def claim_statement(places: ColumnElement[bool], condition: ColumnElement[bool]) -> Prepared:
    """Return the update that gives places to a hold under a condition; tests build one without."""
    return Prepared(
        update(Place.__table__)  # type: ignore[arg-type]
        .where(places, condition)
        .values(hold_id=bindparam("hold"), held_until=bindparam("until"))
    )


_CLAIM = claim_statement(_THESE, CLAIMABLE)
_CLAIM_EACH = claim_statement(_THIS, CLAIMABLE)
_LOCK = Prepared(select(_P.id).where(_THESE).order_by(_P.id).with_for_update())
_LOCK_OF_HOLD = Prepared(
    select(_P.id).where(_P.hold_id == bindparam("hold")).order_by(_P.id).with_for_update()
)
_RENEW = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.hold_id == bindparam("hold"), _P.held_until > _NOW)
    .values(held_until=bindparam("until"))
)
_RELEASE = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.hold_id == bindparam("hold"))
    .values(hold_id=None, held_until=None)
)
_TO_ORDER = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.hold_id == bindparam("hold"), _P.held_until > _NOW)
    .values(order_id=bindparam("order"), hold_id=None, held_until=None)
)
_BACK_TO_ORDER = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_THESE, CLAIMABLE)
    .values(order_id=bindparam("order"), hold_id=None, held_until=None)
)
_TO_TICKET = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.id == bindparam("place"), _P.order_id == bindparam("order"), _P.ticket_id.is_(None))
    .values(ticket_id=bindparam("ticket"))
)
_FREE_ORDER = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.order_id == bindparam("order"), _P.ticket_id.is_(None))
    .values(order_id=None)
)
_FREE_TICKETS = Prepared(
    update(Place.__table__)  # type: ignore[arg-type]
    .where(_P.ticket_id.in_(bindparam("tickets", expanding=True)))
    .values(order_id=None, ticket_id=None)
)


def lock(session: Session, places: Sequence[int]) -> None:
    """Lock places in sorted order, as every multi-row claim must have done."""
    _lock(session, _LOCK, {"places": places})


def claim(session: Session, places: Sequence[int], hold: UUID, until: datetime, now: datetime) -> bool:
    """Give locked places to a hold; False if any of them is not free, and then the caller must roll back."""
    values = {"places": places, "hold": hold, "until": until, "now": now}
    return _CLAIM.count(session, values) == len(places)


def claim_each(session: Session, holds: Mapping[int, UUID], until: datetime, now: datetime) -> bool:
    """Give each of one or more locked places to its hold; False as for `claim`."""
    each = [{"place": place, "hold": hold, "until": until, "now": now} for place, hold in holds.items()]
    return _CLAIM_EACH.count_together(session, each) == len(each)


def renew(session: Session, hold: UUID, until: datetime, now: datetime) -> int:
    """Move the end of a living hold; return how many places it still has."""
    _lock(session, _LOCK_OF_HOLD, {"hold": hold})
    return _RENEW.count(session, {"hold": hold, "until": until, "now": now})


def release(session: Session, hold: UUID) -> None:
    """Free what a hold still has."""
    _lock(session, _LOCK_OF_HOLD, {"hold": hold})
    _RELEASE.count(session, {"hold": hold})


def convert(session: Session, hold: UUID, order: UUID, now: datetime) -> int:
    """Give a living hold's places to an order, for as long as it can be paid; return how many there were."""
    _lock(session, _LOCK_OF_HOLD, {"hold": hold})
    return _TO_ORDER.count(session, {"hold": hold, "order": order, "now": now})


def take_back(session: Session, places: Sequence[int], order: UUID, now: datetime) -> bool:
    """Give an order the places that it lost if all are free; else False, and the caller rolls back."""
    _lock(session, _LOCK, {"places": places})
    return _BACK_TO_ORDER.count(session, {"places": places, "order": order, "now": now}) == len(places)


def seat(session: Session, order: UUID, tickets: Mapping[int, UUID]) -> bool:
    """Tie each place of an order to its ticket; False if any place is not the order's to give."""
    return all(
        _TO_TICKET.count(session, {"place": place, "order": order, "ticket": ticket}) == 1
        for place, ticket in sorted(tickets.items())
    )


def free_order(session: Session, order: UUID) -> int:
    """Free the places of an order that can no longer be paid; return how many."""
    return _FREE_ORDER.count(session, {"order": order})


def free_tickets(session: Session, tickets: Sequence[UUID]) -> int:
    """Free the places of tickets that were just made void; return how many."""
    return _FREE_TICKETS.count(session, {"tickets": list(tickets)})


def _lock(session: Session, statement: Prepared, values: Mapping[str, object]) -> None:
    # SQLite has one writer at a time, and therefore no rows to lock.
    if session.get_bind().dialect.name != "sqlite":
        statement.rows(session, values)
