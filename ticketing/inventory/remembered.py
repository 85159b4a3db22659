"""Halls as a process remembers them: all of a place but who has it. That is asked of the database."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from ticketing.foundation.memory import Memory
from ticketing.inventory.models import Place
from ticketing.inventory.seats import Candidate

PlaceRow = Row[*tuple[Any, ...]]

_P = Place.__table__.c
# The last six in the order of a Candidate's fields.
_PLACES = (
    select(_P.id, _P.label, _P.band, _P.place_no, _P.line, _P.block, _P.rank, _P.kind, _P.pair_no)
    .where(_P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"))
    .order_by(_P.place_no)
)


@dataclass(frozen=True)
class KnownHall:
    """The places of a layout in the plan's order: place number n comes n-th."""

    seats: tuple[Candidate, ...]
    labels: tuple[str, ...]
    bands: tuple[str, ...]
    numbers: dict[str, int]
    # The rows of one screening; all else may be that of several.
    ids: Sequence[int] = ()

    def id(self, number: int) -> int:
        """Return the id of a place's row by its number."""
        return self.ids[number - 1]

    def label(self, number: int) -> str:
        """Return a place's label by its number."""
        return self.labels[number - 1]

    def band(self, number: int) -> str:
        """Return a place's price band by its number."""
        return self.bands[number - 1]

    def seat(self, number: int) -> Candidate:
        """Return a place's geometry by its number."""
        return self.seats[number - 1]


class RememberedHalls:
    """The halls that were asked for last. Equal ones, which most screenings of a plan have, are kept once.

    What is remembered cannot change: a screening whose places are made anew gets another layout.
    """

    _HALLS = 400
    _DIFFERENT = 64

    def __init__(self) -> None:
        self._by_layout: Memory[tuple[int, int], KnownHall] = Memory(self._HALLS)
        self._equal: Memory[bytes, KnownHall] = Memory(self._DIFFERENT)

    def of(self, session: Session, screening_id: int, layout: int) -> KnownHall:
        """Return the hall of a screening's layout."""
        return self._by_layout.get((screening_id, layout), lambda: self._load(session, screening_id, layout))

    def _load(self, session: Session, screening_id: int, layout: int) -> KnownHall:
        rows = session.execute(_PLACES, {"screening": screening_id, "layout": layout}).all()
        hall = self._equal.get(_digest(rows), lambda: _hall(rows))
        return replace(hall, ids=array("q", (row.id for row in rows)))


def _digest(rows: Sequence[PlaceRow]) -> bytes:
    # As plain tuples: a row's own text is ten times as dear.
    return sha256(repr([tuple(row[1:]) for row in rows]).encode()).digest()


def _hall(rows: Sequence[PlaceRow]) -> KnownHall:
    labels = tuple(row.label for row in rows)
    return KnownHall(
        seats=tuple(Candidate._make(row[3:]) for row in rows),
        labels=labels,
        bands=tuple(row.band for row in rows),
        numbers={label: number for number, label in enumerate(labels, start=1)},
    )
