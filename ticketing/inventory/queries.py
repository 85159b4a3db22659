"""Reads of the inventory for pages: one hall's seats, what holds have, counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.plans import SeatKind
from ticketing.inventory.models import Place

# Plain rows with named columns, because a page of 1,200 seats is made of them.
PlaceRow = Row[*tuple[Any, ...]]

_P = Place.__table__.c
_S = Screening.__table__.c
_HERE = (_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
_KNOWN = (
    select(
        _P.place_no, _P.label, _P.section, _P.row, _P.number, _P.band, _P.kind, _P.line, _P.block, _P.pair_no
    )
    .where(*_HERE)
    .order_by(_P.place_no)
)
_HELD = (
    select(
        _P.hold_id, _P.held_until, _P.screening_id, _P.label, _P.section, _P.row, _P.number, _P.band, _P.kind
    )
    .where(_P.hold_id.in_(bindparam("holds", expanding=True)), _P.held_until > bindparam("now"))
    .order_by(_P.screening_id, _P.place_no)
)
_WHEELCHAIR_COUNTS = (
    select(_P.screening_id, func.count())
    .join(Screening.__table__, _S.id == _P.screening_id)
    .where(
        _P.screening_id.in_(bindparam("screenings", expanding=True)),
        _P.layout == _S.layout,
        _P.kind == SeatKind.WHEELCHAIR,
    )
    .group_by(_P.screening_id)
)


def known_places(session: Session, screening_id: int, layout: int) -> Sequence[PlaceRow]:
    """Return what never changes of every place of a layout, in the plan's order.

    place_no, label, section, row, number, band, kind, line, block, pair_no.
    """
    return session.execute(_KNOWN, {"screening": screening_id, "layout": layout}).all()


def held_seats(session: Session, holds: Sequence[UUID], now: datetime) -> Sequence[PlaceRow]:
    """Return what living holds have.

    hold_id, held_until, screening_id, label, section, row, number, band, kind.
    """
    return session.execute(_HELD, {"holds": holds, "now": now}).all() if holds else []


def wheelchair_counts(session: Session, screenings: Sequence[int]) -> dict[int, int]:
    """Return how many wheelchair spaces the halls of screenings have; absent means none."""
    return {row[0]: row[1] for row in session.execute(_WHEELCHAIR_COUNTS, {"screenings": screenings})}
