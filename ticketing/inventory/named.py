"""Choosing places by name, for several buyers in one transaction; and what a choice must not do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, case, select
from sqlalchemy.orm import Session

from ticketing.catalogue.plans import SeatKind
from ticketing.foundation.errors import DomainError, InvalidRequestError
from ticketing.foundation.prepared import Prepared
from ticketing.foundation.shared_turn import Refusal
from ticketing.inventory.choosing import ORDINARY, TAKEN, HeldPlace, marked, marks_of
from ticketing.inventory.claims import CLAIMABLE
from ticketing.inventory.errors import (
    CompanionWithoutWheelchairError,
    PlacesTakenError,
    SingleSeatLeftError,
    UnknownPlaceError,
)
from ticketing.inventory.models import Place
from ticketing.inventory.remembered import KnownHall
from ticketing.inventory.single_seat import lone_seats, object_to

_P = Place.__table__.c
# Whether a choice leaves a seat alone shows within two seats of it.
_REACH = 2


def looking_statement(free: ColumnElement[bool]) -> Prepared:
    """Return what looks and locks at once, in the order that every multi-row claim keeps."""
    return Prepared(
        select(_P.id, _P.on_request, case((free, 1), else_=0).label("free"))
        .where(_P.id.in_(bindparam("places", expanding=True)))
        .order_by(_P.id)
        .with_for_update()
    )


_LOOK = looking_statement(CLAIMABLE)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What one buyer names of a hall.

    `where`: its screening and layout. `has_seats`: places have neighbours, and are not only numbers. `most`
    places may be in one order.
    """

    labels: Sequence[str]
    hall: KnownHall
    where: Mapping[str, object]
    has_seats: bool
    most: int


def choose(
    session: Session, choices: Sequence[Choice], now: datetime
) -> list[tuple[HeldPlace, ...] | Refusal]:
    """Lock what is named, and say for each in turn what it may have, in the plan's order; nothing is claimed.

    Refusals are InvalidRequestError, UnknownPlaceError, PlacesTakenError, CompanionWithoutWheelchairError and
    SingleSeatLeftError.
    """
    looks = [_Look.at(choice) for choice in choices]
    wanted = {id_ for look in looks for id_ in look.around}
    rows = {row.id: row for row in _LOOK.rows(session, {"places": sorted(wanted), "now": now})}
    taken: set[int] = set()
    answers: list[tuple[HeldPlace, ...] | Refusal] = []
    for look in looks:
        try:
            chosen = look.choose(session, rows, taken, now)
        except DomainError as error:
            answers.append(Refusal(error))
        else:
            taken.update(place.id for place in chosen)
            answers.append(chosen)
    return answers


@dataclass(frozen=True)
class _Look:
    """A choice with its places' numbers, and the numbers of all places that it is judged by, by their ids."""

    choice: Choice
    numbers: frozenset[int]
    around: Mapping[int, int]

    @classmethod
    def at(cls, choice: Choice) -> "_Look":
        hall = choice.hall
        numbers = frozenset(hall.numbers[label] for label in choice.labels if label in hall.numbers)
        # The neighbours are locked too: two buyers at once must not leave a seat alone between them.
        around = _near(numbers, hall) if choice.has_seats else numbers
        return cls(choice, numbers, {hall.id(number): number for number in sorted(around)})

    def choose(
        self, session: Session, rows: Mapping[int, Row[Any]], taken: Collection[int], now: datetime
    ) -> tuple[HeldPlace, ...]:
        """Return the places of the choice. Raises what `choose` names."""
        choice, hall = self.choice, self.choice.hall
        if len(set(choice.labels)) != len(choice.labels):
            raise InvalidRequestError(errors=[{"path": "places", "message": "a place is named twice"}])
        found = {number: rows[id_] for id_, number in self.around.items() if id_ in rows}
        # Whatever this process remembers of the hall, the database must have the place.
        unknown = set(choice.labels) - {hall.label(number) for number in self.numbers & found.keys()}
        if unknown:
            raise UnknownPlaceError(places=sorted(unknown))
        if choice.has_seats:
            _require_wheelchairs(self.numbers, found, hall)
        free = {number for number, row in found.items() if row.free and row.id not in taken}
        if not self.numbers <= free:
            gone = {hall.label(number) for number in self.numbers - free}
            raise PlacesTakenError(places=[label for label in choice.labels if label in gone])
        near = [hall.seat(number) for number in found if number in free and not found[number].on_request]
        if choice.has_seats and lone_seats(self.numbers, near):
            self._object(session, taken, now)
        return tuple(
            HeldPlace(hall.id(number), hall.label(number), hall.band(number))
            for number in sorted(self.numbers)
        )

    def _object(self, session: Session, taken: Collection[int], now: datetime) -> None:
        """Refuse a choice that leaves a seat alone, if the hall has room for one that does not."""
        hall = self.choice.hall
        marks = list(marks_of(session, {**self.choice.where, "now": now}, hall))
        for at, id_ in enumerate(hall.ids if taken else ()):
            if id_ in taken:
                marks[at] = TAKEN
        objection = object_to(self.numbers, marked(hall, "".join(marks), ORDINARY), self.choice.most)
        if objection is not None:
            raise SingleSeatLeftError(
                places=[hall.label(n) for n in objection.lone], mend=[hall.label(n) for n in objection.mend]
            )


def _near(numbers: Collection[int], hall: KnownHall) -> set[int]:
    """Return the numbers of places, those within reach of them, and of the other halves of their pairs."""
    near = {number + step for number in numbers for step in range(-_REACH, _REACH + 1)}
    pairs = {hall.seat(number).pair for number in numbers}
    return {number for number in near | pairs if number is not None and 0 < number <= len(hall.ids)}


def _require_wheelchairs(numbers: Collection[int], found: Mapping[int, Row[Any]], hall: KnownHall) -> None:
    """Refuse a companion seat that is kept for those who ask without its wheelchair space."""
    alone = []
    for number in sorted(numbers):
        seat = hall.seat(number)
        if found[number].on_request and seat.kind == SeatKind.COMPANION and seat.pair not in numbers:
            alone.append(hall.label(number))
    if alone:
        raise CompanionWithoutWheelchairError(places=alone)
