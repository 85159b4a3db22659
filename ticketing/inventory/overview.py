"""What staff see of places: how many are in which state, who each one is kept for, the allocations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.inventory.models import Allocation, Place

_P = Place.__table__.c
_A = Allocation.__table__.c
_S = Screening.__table__.c

# Named columns of a page with 1,200 seats.
StateRow = Row[*tuple[Any, ...]]


class PlaceState(StrEnum):
    """What a place is now; each is in just one state."""

    FREE = "free"
    ASKED = "asked"
    BASKET = "basket"
    SOLD = "sold"
    RUSH = "rush"
    KEPT = "kept"
    KILLED = "killed"


# Somebody is paying for it: the order is not a ticket yet, and the place cannot be had all the same.
_SOLD = _P.order_id.is_not(None)
_IN_BASKET = and_(_P.hold_id.is_not(None), _P.held_until > bindparam("now"))
_STATE = case(
    (_SOLD, PlaceState.SOLD),
    (_P.rush, PlaceState.RUSH),
    (_IN_BASKET, PlaceState.BASKET),
    (_P.killed, PlaceState.KILLED),
    (_P.allocation_id.is_not(None), PlaceState.KEPT),
    (_P.on_request, PlaceState.ASKED),
    else_=PlaceState.FREE,
).label("state")
_COUNTS = (
    select(_P.screening_id, _STATE, func.count().label("places"))
    .join(Screening.__table__, and_(_S.id == _P.screening_id, _S.layout == _P.layout))
    .group_by(_P.screening_id, _STATE)
)
_PLACES = (
    select(
        _P.place_no,
        _P.label,
        _P.section,
        _P.row,
        _P.number,
        _P.band,
        _P.kind,
        _P.line,
        _P.pair_no,
        _P.kill_reason,
        _P.held_until,
        _A.kind.label("kept_for"),
        _A.reason.label("kept_reason"),
        _STATE,
    )
    .join(Allocation.__table__, _A.id == _P.allocation_id, isouter=True)
    .where(_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
    .order_by(_P.place_no)
)
_ALLOCATIONS = (
    select(_A.id, _A.kind, _A.reason, _A.created_at, _A.release_at, func.count(_P.id).label("places"))
    .join(Place.__table__, _P.allocation_id == _A.id)
    .where(_A.screening_id == bindparam("screening"), _A.released_at.is_(None))
    .group_by(_A.id, _A.kind, _A.reason, _A.created_at, _A.release_at)
    .order_by(_A.created_at, _A.id)
)


@dataclass(frozen=True, kw_only=True)
class KeptFor:
    """An allocation that still keeps places; `reason` is empty where the programme's files made it."""

    id: UUID
    kind: str
    reason: str
    created_at: datetime
    release_at: datetime | None
    places: int


def state_counts(session: Session, now: datetime) -> dict[int, dict[PlaceState, int]]:
    """Return how many places of each screening are in each state; states without a place are absent."""
    counts: dict[int, dict[PlaceState, int]] = {}
    for row in session.execute(_COUNTS, {"now": now}):
        counts.setdefault(row.screening_id, {})[PlaceState(row.state)] = row.places
    return counts


def place_states(session: Session, screening_id: int, layout: int, now: datetime) -> Sequence[StateRow]:
    """Return every place of a layout with its state, in the plan's order.

    place_no, label, section, row, number, band, kind, line, pair_no, kill_reason, held_until, kept_for,
    kept_reason, state.
    """
    values = {"screening": screening_id, "layout": layout, "now": now}
    return session.execute(_PLACES, values).all()


def kept_for(session: Session, screening_id: int) -> list[KeptFor]:
    """Return a screening's allocations that still keep places, the oldest first."""
    rows = session.execute(_ALLOCATIONS, {"screening": screening_id})
    return [KeptFor(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it
