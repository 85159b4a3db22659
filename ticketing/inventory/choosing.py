"""Claiming places that nobody named: any, or the best."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from ticketing.foundation.errors import BusyError
from ticketing.foundation.prepared import Prepared
from ticketing.inventory import claims
from ticketing.inventory.best import best_available, best_with_wheelchair
from ticketing.inventory.errors import SoldOutError
from ticketing.inventory.models import Place
from ticketing.inventory.remembered import KnownHall
from ticketing.inventory.seats import Candidate

_P = Place.__table__.c
_TRIES = 6
# What a mark says of a place, in the text that has one for each.
TAKEN, ORDINARY, _ON_REQUEST = "0", "1", "2"

_HERE = and_(_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
_NUMBERED = _P.place_no.in_(bindparam("numbers", expanding=True))
_MARKS = (
    select(case((~claims.CLAIMABLE, TAKEN), (_P.on_request, _ON_REQUEST), else_=ORDINARY).label("mark"))
    .where(_HERE)
    .order_by(_P.place_no)
    .subquery()
)
# One text for the whole hall: a row for each of 3,000 seats costs more to read than to find.
_WHOLE = Prepared(select(func.aggregate_strings(_MARKS.c.mark, "").label("marks")))
_LOCK_ALL = Prepared(select(_P.place_no).where(_HERE, claims.CLAIMABLE).order_by(_P.id).with_for_update())
_NEXT_FREE = (
    select(_P.id)
    .where(_HERE, claims.CLAIMABLE)
    .order_by(_P.rank)
    .limit(bindparam("quantity"))
    .with_for_update(skip_locked=True)
)
_NEXT_FREE_WAITING = _NEXT_FREE.with_for_update()
_CHOSEN = Prepared(select(_P.id, _P.label, _P.band).where(_HERE, _NUMBERED).order_by(_P.id).with_for_update())
_OF_HOLD = Prepared(
    select(_P.id, _P.label, _P.band).where(_P.hold_id == bindparam("hold")).order_by(_P.place_no)
)


# From seats free for all, and those kept for who asks, to the numbers to take; none if there is no choice.
Choose = Callable[[Sequence[Candidate], Sequence[Candidate]], tuple[int, ...]]


class HeldPlace(NamedTuple):
    """A place in a hold."""

    id: int
    label: str
    band: str


@dataclass(frozen=True, kw_only=True)
class Claim(ABC):
    """Who claims, and where."""

    screening: int
    layout: int
    now: datetime

    @property
    def where(self) -> dict[str, object]:
        """Return the values that every statement here binds."""
        return {"screening": self.screening, "layout": self.layout, "now": self.now}

    @abstractmethod
    def take(self, session: Session, ids: Sequence[int]) -> bool:
        """Claim places, in sorted order; False if any is not free."""


@dataclass(frozen=True, kw_only=True)
class HoldClaim(Claim):
    """A hold claims until a time."""

    hold: UUID
    until: datetime

    def take(self, session: Session, ids: Sequence[int]) -> bool:
        """Claim locked places; False if any is not free."""
        return claims.claim(session, ids, self.hold, self.until, self.now)


def marks_of(session: Session, where: Mapping[str, object], hall: KnownHall) -> str:
    """Return a mark for each place of the hall, in the plan's order.

    Raises BusyError when its places are made anew this very moment.
    """
    [(found,)] = _WHOLE.rows(session, where)
    marks: str = found or ""
    if len(marks) != len(hall.seats):
        raise BusyError(retry_after=1)
    return marks


def marked(hall: KnownHall, marks: str, mark: str) -> list[Candidate]:
    """Return the places that have a mark."""
    return [seat for seat, found in zip(hall.seats, marks, strict=True) if found == mark]


def claim_any(session: Session, claim: HoldClaim, quantity: int) -> tuple[HeldPlace, ...]:
    """Claim unnumbered places: any will do. Raises SoldOutError."""
    take_any(session, claim, quantity)
    return held_by(session, claim.hold)


def take_any(session: Session, claim: Claim, quantity: int) -> list[int]:
    """Claim unnumbered places and return their ids.

    Rows that others hold locked are passed by, then waited for once. Whoever comes up short gives its locks
    back before it waits, or two such would wait for each other. Raises SoldOutError.
    """
    for statement in (_NEXT_FREE, _NEXT_FREE_WAITING):
        with session.begin_nested() as attempt:
            ids = sorted(session.scalars(statement, {**claim.where, "quantity": quantity}))
            if len(ids) == quantity and claim.take(session, ids):
                return ids
            attempt.rollback()
    raise SoldOutError


def held_by(session: Session, hold: UUID) -> tuple[HeldPlace, ...]:
    """Return the places that a hold has now, in the plan's order."""
    return tuple(HeldPlace(*row) for row in _OF_HOLD.rows(session, {"hold": hold}))


def claim_best(
    session: Session, claim: HoldClaim, hall: KnownHall, quantity: int, band: str | None, *, accessible: bool
) -> tuple[HeldPlace, ...]:
    """Claim the best seats for a party.

    `accessible`: one of them is a wheelchair space, with its companion seat for a party of two or more.
    Raises SoldOutError.
    """

    def choose(free: Sequence[Candidate], on_request: Sequence[Candidate]) -> tuple[int, ...]:
        if accessible:
            return best_with_wheelchair(on_request, free, quantity)
        return best_available(free, quantity)

    return take_chosen(session, claim, hall, band, choose)


def take_chosen(
    session: Session, claim: Claim, hall: KnownHall, band: str | None, choose: Choose
) -> tuple[HeldPlace, ...]:
    """Claim what is chosen among the free seats, of one band if it is given.

    Who loses a race chooses again, at last under lock. Raises SoldOutError when nothing is chosen.
    """
    for attempt_no in range(_TRIES + 1):
        # Always a little late: then lock whatever is free, and choose while nobody else can be faster.
        mine = _lock_all(session, claim) if attempt_no == _TRIES else None
        chosen = _chosen(hall, marks_of(session, claim.where, hall), band, choose, among=mine)
        if not chosen:
            raise SoldOutError
        with session.begin_nested() as attempt:
            found = _CHOSEN.rows(session, {**claim.where, "numbers": chosen})
            if len(found) == len(chosen) and claim.take(session, [row.id for row in found]):
                return tuple(HeldPlace(*row) for row in found)
            attempt.rollback()
    raise SoldOutError


def _lock_all(session: Session, claim: Claim) -> frozenset[int]:
    """Lock every place that is free, in the order that every claim keeps; return their numbers."""
    return frozenset(row.place_no for row in _LOCK_ALL.rows(session, claim.where))


def _chosen(
    hall: KnownHall, marks: str, band: str | None, choose: Choose, *, among: Collection[int] | None
) -> tuple[int, ...]:
    """Return the numbers of what is chosen, `among` these if they are given."""
    free, on_request = marked(hall, marks, ORDINARY), marked(hall, marks, _ON_REQUEST)
    if band is not None:
        free = [seat for seat in free if hall.band(seat.number) == band]
    if among is not None:
        free = [seat for seat in free if seat.number in among]
        on_request = [seat for seat in on_request if seat.number in among]
    return choose(free, on_request)
