"""Which places of a screening are free now: the part of a hall that changes from minute to minute."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.db import Database
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.claims import CLAIMABLE
from ticketing.inventory.models import Place

_P = Place.__table__.c
_S = Screening.__table__.c
_FREE, _HELD = "1", "2"
_MARKS = (
    select(case((CLAIMABLE, _FREE), (_P.hold_id.is_not(None), _HELD), else_="0").label("mark"))
    .where(_P.screening_id == _S.id, _P.layout == _S.layout)
    .order_by(_P.place_no)
    .correlate(Screening.__table__)
    .subquery()
)
# One row with one text: a row for each of 3,000 seats costs more to read than to find.
_STATE = select(
    _S.id,
    _S.layout,
    _S.capacity,
    _S.status,
    func.coalesce(_S.sales_close_at, _S.starts_at).label("closes_at"),
    select(func.aggregate_strings(_MARKS.c.mark, "")).scalar_subquery().label("marks"),
).where(_S.code == bindparam("code"))
_NEXT_END = select(func.min(_P.held_until)).where(
    _P.screening_id == bindparam("screening"), _P.hold_id.is_not(None), _P.held_until > bindparam("now")
)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_TO_MARKS = bytes.maketrans(b"012", b"\0\1\0")


@dataclass(frozen=True, kw_only=True)
class LivePlaces:
    """What the public may claim of a screening now; nothing while it is not on sale.

    `marks` has a byte for each place in the plan's order, 1 for a free one.
    """

    screening_id: int
    layout: int
    status: str
    is_open: bool
    marks: bytes

    @property
    def count(self) -> int:
        """Return how many are free."""
        return self.marks.count(1)

    @cached_property
    def version(self) -> str:
        """Return what an ETag is made of: it changes when, and only when, what the public sees changes."""
        seen = b"%d.%d." % (self.screening_id, self.layout) + self.marks
        return hashlib.sha256(seen).hexdigest()[:16]

    def bitmap(self) -> str:
        """Return the marks as bits, the first place being the highest bit of the first byte, in base64."""
        padded = self.marks + bytes(-len(self.marks) % 8)
        bits = int("0" + padded.translate(_DIGITS).decode(), 2)
        return base64.b64encode(bits.to_bytes(len(padded) // 8, "big")).decode()


_DIGITS = bytes(b"01"[number & 1] for number in range(256))


class RememberedLive:
    """What a process saw last of each screening: true until something is committed, or expires.

    Thousands of open seat maps ask every few seconds, and nearly always nothing has changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, _Seen] = {}

    def at_hand(self, code: str, now: datetime) -> LivePlaces | None:
        """Return what was seen of a screening if it still holds; None if the database must be asked."""
        seen = self._seen.get(code)
        if seen is None or not seen.at <= now < seen.until or seen.stamp != self._database.watch.stamp():
            return None
        return seen.live

    def places(self, code: str, now: datetime) -> LivePlaces:
        """Return which places of a screening are free. Raises NotFoundError."""
        live = self.at_hand(code, now)
        if live is not None:
            return live
        # Before the look: what is committed meanwhile may be seen already, and then is looked at once more.
        stamp = self._database.watch.stamp()
        with self._database.reading() as session:
            live, until, has_holds = _look(session, code, now)
            if has_holds:
                ended = session.scalar(_NEXT_END, {"screening": live.screening_id, "now": now})
                until = min(until, ended or now)
        self._seen[code] = _Seen(stamp, now, until, live)
        return live


class _Seen(NamedTuple):
    stamp: object
    at: datetime
    until: datetime
    live: LivePlaces


def live_places(session: Session, code: str, now: datetime) -> LivePlaces:
    """Return which places of a screening are free. Raises NotFoundError."""
    return _look(session, code, now)[0]


def _look(session: Session, code: str, now: datetime) -> tuple[LivePlaces, datetime, bool]:
    """Return what there is to see, when the clock alone changes it, and whether holds may do so before."""
    row = session.execute(_STATE, {"code": code, "now": now}).one_or_none()
    if row is None:
        raise NotFoundError
    is_open = row.status == "on_sale" and now < row.closes_at
    live = LivePlaces(
        screening_id=row.id,
        layout=row.layout,
        status=row.status,
        is_open=is_open,
        marks=row.marks.encode().translate(_TO_MARKS) if is_open else bytes(row.capacity),
    )
    return live, row.closes_at if is_open else _FOR_EVER, is_open and _HELD in row.marks
