"""Claiming places for a hold: the ones that were named, any, or the best; and what a choice must not do."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, select
from sqlalchemy.orm import Session

from ticketing.catalogue.plans import SeatKind
from ticketing.foundation.errors import InvalidRequestError
from ticketing.inventory import claims
from ticketing.inventory.best import best_available, best_with_wheelchair
from ticketing.inventory.errors import (
    CompanionWithoutWheelchairError,
    PlacesTakenError,
    SingleSeatLeftError,
    SoldOutError,
    UnknownPlaceError,
)
from ticketing.inventory.models import Place
from ticketing.inventory.seats import Candidate
from ticketing.inventory.single_seat import lone_seats, object_to

PlaceRow = Row[*tuple[Any, ...]]

_P = Place.__table__.c
_TRIES = 6
# Whether a choice leaves a seat alone shows within two seats of it.
_REACH = 2

_HERE = and_(_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
# In the order of a Candidate's fields, because a hall of 3,000 is read at one go.
_GEOMETRY = (_P.place_no, _P.line, _P.block, _P.rank, _P.kind, _P.pair_no)
_ORDINARY = and_(claims.CLAIMABLE, _P.on_request.is_(False))
_NAMED = select(_P.id, _P.label, _P.band, _P.place_no, _P.kind, _P.pair_no, _P.on_request).where(
    _HERE, _P.label.in_(bindparam("labels", expanding=True))
)
# Looks and locks at once, in the order that every multi-row claim keeps.
_NAMED_LOCKED = _NAMED.order_by(_P.id).with_for_update()
_AROUND = (
    select(*_GEOMETRY, _P.on_request, case((claims.CLAIMABLE, 1), else_=0).label("free"))
    .where(_HERE, _P.place_no.in_(bindparam("numbers", expanding=True)))
    .order_by(_P.id)
    .with_for_update()
)
_FREE = select(*_GEOMETRY).where(_HERE, _ORDINARY)
_FREE_IN_BAND = _FREE.where(_P.band == bindparam("band"))
_ON_REQUEST = select(*_GEOMETRY).where(_HERE, claims.CLAIMABLE, _P.on_request)
_LOCK_ALL = select(_P.place_no).where(_HERE, claims.CLAIMABLE).order_by(_P.id).with_for_update()
_NEXT_FREE = (
    select(_P.id)
    .where(_HERE, claims.CLAIMABLE)
    .order_by(_P.rank)
    .limit(bindparam("quantity"))
    .with_for_update(skip_locked=True)
)
_NEXT_FREE_WAITING = _NEXT_FREE.with_for_update()
_CHOSEN = select(_P.id).where(_HERE, _P.place_no.in_(bindparam("numbers", expanding=True))).order_by(_P.id)
_LABELS = select(_P.place_no, _P.label).where(_HERE, _P.place_no.in_(bindparam("numbers", expanding=True)))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who claims, where, until when. `most` places may be in one order."""

    hold: UUID
    screening: int
    layout: int
    until: datetime
    now: datetime
    most: int

    @property
    def where(self) -> dict[str, object]:
        """Return the values that every statement here binds."""
        return {"screening": self.screening, "layout": self.layout, "now": self.now}

    def take(self, session: Session, ids: Sequence[int]) -> bool:
        """Claim locked places; False if any is not free."""
        return claims.claim(session, ids, self.hold, self.until, self.now)


def claim_seats(session: Session, claim: Claim, labels: Sequence[str]) -> list[PlaceRow]:
    """Claim the named seats of a numbered hall; return their rows in the plan's order.

    Raises InvalidRequestError, UnknownPlaceError, PlacesTakenError, CompanionWithoutWheelchairError or
    SingleSeatLeftError.
    """
    found = _named(session, claim, labels, locked=False)
    numbers = {row.place_no for row in found}
    # The neighbours are locked too: two buyers at once must not leave a seat alone between them.
    around = session.execute(_AROUND, {**claim.where, "numbers": list(_near(found))}).all()
    _require_wheelchairs(found, numbers)
    free = [row for row in around if row.free]
    lone = lone_seats(numbers, _candidates(row[: len(_GEOMETRY)] for row in free if not row.on_request))
    # That a seat is gone is the better reason to refuse: the claim below says so.
    if lone and numbers <= {row.place_no for row in free}:
        _object(session, claim, numbers)
    return _take(session, claim, labels, found)


def claim_numbers(session: Session, claim: Claim, labels: Sequence[str]) -> list[PlaceRow]:
    """Claim the named places of a hall without seats, where a number is only a number.

    Raises InvalidRequestError, UnknownPlaceError or PlacesTakenError.
    """
    return _take(session, claim, labels, _named(session, claim, labels, locked=True))


def _named(session: Session, claim: Claim, labels: Sequence[str], *, locked: bool) -> Sequence[PlaceRow]:
    if len(set(labels)) != len(labels):
        raise InvalidRequestError(errors=[{"path": "places", "message": "a place is named twice"}])
    statement = _NAMED_LOCKED if locked else _NAMED
    found = session.execute(statement, {**claim.where, "labels": labels}).all()
    if len(found) != len(labels):
        raise UnknownPlaceError(places=sorted(set(labels) - {row.label for row in found}))
    return found


def _take(session: Session, claim: Claim, labels: Sequence[str], found: Sequence[PlaceRow]) -> list[PlaceRow]:
    ids = [row.id for row in found]
    if not claim.take(session, ids):
        # What this very claim took is not free either now, so the refusal looks only at what others have.
        mine = claims.labels_of(session, claim.hold)
        raise PlacesTakenError(places=[label for label in labels if label not in mine])
    return sorted(found, key=lambda row: row.place_no)


def _near(found: Iterable[PlaceRow]) -> set[int]:
    near = {row.place_no + step for row in found for step in range(-_REACH, _REACH + 1)}
    return near | {row.pair_no for row in found if row.pair_no is not None}


def _require_wheelchairs(found: Sequence[PlaceRow], numbers: Collection[int]) -> None:
    """Refuse a companion seat that is kept for those who ask without its wheelchair space."""
    alone = [
        row.label
        for row in found
        if row.on_request and row.kind == SeatKind.COMPANION and row.pair_no not in numbers
    ]
    if alone:
        raise CompanionWithoutWheelchairError(places=alone)


def _object(session: Session, claim: Claim, numbers: Collection[int]) -> None:
    """Refuse a choice that leaves a seat alone, if the hall has room for one that does not."""
    hall = _candidates(session.execute(_FREE, claim.where))
    objection = object_to(numbers, hall, claim.most)
    if objection is None:
        return
    concerned = [*objection.lone, *objection.mend]
    rows = session.execute(_LABELS, {**claim.where, "numbers": concerned})
    label = {row.place_no: row.label for row in rows}
    raise SingleSeatLeftError(
        places=[label[n] for n in objection.lone], mend=[label[n] for n in objection.mend]
    )


def claim_any(session: Session, claim: Claim, quantity: int) -> None:
    """Claim unnumbered places: any will do. Rows that others hold locked are passed by, then waited for once.

    Whoever comes up short gives its locks back before it waits, or two such would wait for each other.
    Raises SoldOutError.
    """
    for statement in (_NEXT_FREE, _NEXT_FREE_WAITING):
        with session.begin_nested() as attempt:
            ids = sorted(session.scalars(statement, {**claim.where, "quantity": quantity}))
            if len(ids) == quantity and claim.take(session, ids):
                return
            attempt.rollback()
    raise SoldOutError


def claim_best(session: Session, claim: Claim, quantity: int, band: str | None, *, accessible: bool) -> None:
    """Claim the best seats for a party. Who loses a race chooses again, at last under lock.

    `accessible`: one of them is a wheelchair space, with its companion seat for a party of two or more.
    Raises SoldOutError.
    """
    for attempt_no in range(_TRIES + 1):
        # Always a little late: then lock whatever is free, and choose while nobody else can be faster.
        mine = _lock_all(session, claim) if attempt_no == _TRIES else None
        chosen = _best(session, claim, quantity, band, accessible=accessible, among=mine)
        if not chosen:
            raise SoldOutError
        ids = session.scalars(_CHOSEN, {**claim.where, "numbers": chosen}).all()
        with session.begin_nested() as attempt:
            claims.lock(session, ids)
            if claim.take(session, ids):
                return
            attempt.rollback()
    raise SoldOutError


def _lock_all(session: Session, claim: Claim) -> frozenset[int]:
    """Lock every place that is free, in the order that every claim keeps; return their numbers."""
    return frozenset(session.scalars(_LOCK_ALL, claim.where))


def _best(
    session: Session,
    claim: Claim,
    quantity: int,
    band: str | None,
    *,
    accessible: bool,
    among: Collection[int] | None,
) -> tuple[int, ...]:
    """Return the numbers of the best choice, `among` these if they are given; none if there is no choice."""
    statement = _FREE if band is None else _FREE_IN_BAND
    values = claim.where if band is None else {**claim.where, "band": band}
    free = _candidates(session.execute(statement, values))
    on_request = _candidates(session.execute(_ON_REQUEST, claim.where)) if accessible else []
    if among is not None:
        free = [seat for seat in free if seat.number in among]
        on_request = [seat for seat in on_request if seat.number in among]
    if accessible:
        return best_with_wheelchair(on_request, free, quantity)
    return best_available(free, quantity)


def _candidates(rows: Iterable[Sequence[Any]]) -> list[Candidate]:
    return [Candidate._make(row) for row in rows]
