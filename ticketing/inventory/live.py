"""Which places of a screening are free now: the part of a hall that changes from minute to minute."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.errors import NotFoundError
from ticketing.inventory.claims import CLAIMABLE
from ticketing.inventory.models import Place

_P = Place.__table__.c
_S = Screening.__table__.c
_MARKS = (
    select(case((CLAIMABLE, "1"), else_="0").label("mark"))
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
    _S.starts_at,
    _S.sales_close_at,
    select(func.aggregate_strings(_MARKS.c.mark, "")).scalar_subquery().label("marks"),
).where(_S.code == bindparam("code"))
_TO_MARKS = bytes.maketrans(b"01", b"\0\1")


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

    @property
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


def live_places(session: Session, code: str, now: datetime) -> LivePlaces:
    """Return which places of a screening are free. Raises NotFoundError."""
    row = session.execute(_STATE, {"code": code, "now": now}).one_or_none()
    if row is None:
        raise NotFoundError
    is_open = row.status == "on_sale" and now < (row.sales_close_at or row.starts_at)
    return LivePlaces(
        screening_id=row.id,
        layout=row.layout,
        status=row.status,
        is_open=is_open,
        marks=row.marks.encode().translate(_TO_MARKS) if is_open else bytes(row.capacity),
    )
