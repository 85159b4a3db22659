"""Which places staff mean: the ones that they marked on the map, or a number of a hall without seats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.errors import PlacesTakenError, SoldOutError, UnknownPlaceError
from ticketing.inventory.models import REASON, Place
from ticketing.staff.errors import ReasonRequiredError

PlaceRow = Row[*tuple[Any, ...]]

_P = Place.__table__.c
_S = Screening.__table__.c
_F = Festival.__table__.c
_FACTS = (
    select(
        _S.id,
        _S.code,
        _S.layout,
        _S.starts_at,
        _S.sales_close_at,
        _S.accessible_release_at,
        _F.accessible_release_hours,
        Hall.__table__.c.seating,
    )
    .join(Hall.__table__, Hall.__table__.c.id == _S.hall_id)
    .join(Festival.__table__, _F.id == 1)
    .where(_S.code == bindparam("code"))
)
_TOUCH = update(Screening.__table__).where(_S.id == bindparam("screening"))  # type: ignore[arg-type]
_COLUMNS = (_P.id, _P.place_no, _P.label, _P.kind, _P.allocation_id, _P.killed, _P.kill_reason)
_HERE = and_(_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
_NAMED = select(*_COLUMNS).where(_HERE, _P.label.in_(bindparam("labels", expanding=True))).order_by(_P.id)

# Nobody has bought or is buying it.
UNCLAIMED = and_(
    _P.order_id.is_(None),
    _P.rush.is_(False),
    or_(_P.hold_id.is_(None), _P.held_until <= bindparam("now")),
)
KEPT = and_(_P.order_id.is_(None), _P.allocation_id.is_not(None))
KILLED = _P.killed.is_(True)
SELLABLE = and_(UNCLAIMED, _P.killed.is_(False))
# A number of places is taken from the public alone: whom another group would lose must be said by name.
PUBLIC = and_(SELLABLE, _P.allocation_id.is_(None))


@dataclass(frozen=True, kw_only=True)
class StaffChoice:
    """Named places, or a `quantity` where places have no names for people."""

    labels: tuple[str, ...] = ()
    quantity: int = 0


def screening_facts(session: Session, code: str) -> PlaceRow:
    """Return what setting places aside needs to know of a screening. Raises NotFoundError."""
    facts = session.execute(_FACTS, {"code": code}).one_or_none()
    if facts is None:
        raise NotFoundError
    return facts


def mark_changed(session: Session, screening_id: int, now: datetime) -> None:
    """Note that staff have changed who may have a screening's places; files leave them alone from now on."""
    session.execute(_TOUCH.values(places_changed_at=now), {"screening": screening_id})


def require_reason(reason: str) -> str:
    """Return a reason as it is kept. Raises ReasonRequiredError."""
    kept = reason.strip()[:REASON]
    if not kept:
        raise ReasonRequiredError
    return kept


def lock_chosen(
    session: Session,
    facts: PlaceRow,
    choice: StaffChoice,
    condition: ColumnElement[bool],
    now: datetime,
    prefer: Sequence[ColumnElement[Any]] = (),
) -> Sequence[PlaceRow]:
    """Return the chosen places, locked in the order of all multi-row claims.

    Of a quantity, those are taken that meet the condition, the ones that `prefer` puts first. Named places
    are returned whatever their state: the caller's update looks at it. Raises UnknownPlaceError or
    SoldOutError.
    """
    here = {"screening": facts.id, "layout": facts.layout}
    if choice.labels:
        rows = session.execute(_NAMED.with_for_update(), {**here, "labels": choice.labels}).all()
        if len(rows) != len(set(choice.labels)):
            raise UnknownPlaceError(places=sorted(set(choice.labels) - {row.label for row in rows}))
        return rows
    wanted = select(*_COLUMNS).where(_HERE, condition).order_by(*prefer, _P.rank.desc())
    # Whoever passes locked rows by waits for nobody, so the order of locking is free here.
    wanted = wanted.limit(choice.quantity).with_for_update(skip_locked=True)
    rows = session.execute(wanted, {**here, "now": now}).all()
    if not rows or len(rows) < choice.quantity:
        raise SoldOutError
    return rows


def change(
    session: Session,
    rows: Sequence[PlaceRow],
    condition: ColumnElement[bool],
    values: Mapping[str, object],
    now: datetime,
) -> None:
    """Change locked places that must all meet a condition. Raises PlacesTakenError, naming the others."""
    ids = [row.id for row in rows]
    fit = set(session.scalars(select(_P.id).where(_P.id.in_(ids), condition), {"now": now}))
    if len(fit) != len(ids):
        raise PlacesTakenError(places=[row.label for row in rows if row.id not in fit])
    statement = update(Place.__table__).where(_P.id.in_(ids), condition).values(dict(values))  # type: ignore[arg-type]
    if session.execute(statement, {"now": now}).rowcount != len(ids):  # type: ignore[attr-defined]
        # SQLite's one writer and PostgreSQL's row locks both make this impossible; money would hang on it.
        raise PlacesTakenError(places=[row.label for row in rows])
