"""Places: making them when a screening is scheduled, and reading them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.ids import new_id
from ticketing.inventory.claims import CLAIMABLE
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.rules import KEPT_FOR_THOSE_WHO_ASK, Spot, blocks, rank

_P = Place.__table__.c
_S = Screening.__table__.c
_NEXT_HOLD_END = select(func.min(_P.held_until)).where(
    _P.hold_id.is_not(None), _P.held_until > bindparam("now")
)
_FREE_COUNTS = (
    select(_P.screening_id, func.count())
    .join(Screening.__table__, _S.id == _P.screening_id)
    .where(
        CLAIMABLE,
        _P.layout == _S.layout,
        _S.status == "on_sale",
        func.coalesce(_S.sales_close_at, _S.starts_at) > bindparam("now"),
    )
    .group_by(_P.screening_id)
)


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """A place to make: a seat of the plan, or one of an unnumbered hall's."""

    label: str
    section: str
    row: str
    # The row's position in the plan's order, 1 first.
    line: int
    number: str
    band: str
    kind: str
    # The label of the other half of a sofa, or of the wheelchair space's companion seat and back.
    pair: str | None = None
    x: float
    y: float


def unnumbered(capacity: int) -> list[NewPlace]:
    """Return the places of a hall without seat numbers: 1 to capacity."""
    return [
        NewPlace(
            label=str(n), section="", row="", line=1, number=str(n), band="", kind="standard", x=0.0, y=0.0
        )
        for n in range(1, capacity + 1)
    ]


def schedule_places(
    session: Session,
    screening_id: int,
    layout: int,
    places: Sequence[NewPlace],
    band_prices: Mapping[str, int],
    public_places: int | None,
    now: datetime,
) -> None:
    """Make a screening's places: the `public_places` best are public, the rest one `house` allocation.

    Public wheelchair spaces and companion seats are kept for those who ask.
    """
    spots = [
        Spot(number=n, line=p.line, band=p.band, kind=p.kind, x=p.x, y=p.y)
        for n, p in enumerate(places, start=1)
    ]
    ranks, in_block = rank(spots, band_prices), blocks(spots)
    numbers = {place.label: number for number, place in enumerate(places, start=1)}
    public = len(places) if public_places is None else public_places
    house = None if public >= len(places) else _house_allocation(session, screening_id, now)
    session.execute(
        insert(Place),
        [
            {
                "screening_id": screening_id,
                "layout": layout,
                "place_no": number,
                "label": place.label,
                "section": place.section,
                "row": place.row,
                "number": place.number,
                "band": place.band,
                "kind": place.kind,
                "line": place.line,
                "block": in_block[number],
                "pair_no": None if place.pair is None else numbers[place.pair],
                "rank": ranks[number],
                "allocation_id": None if ranks[number] <= public else house,
                "killed": False,
                "rush": False,
                "on_request": place.kind in KEPT_FOR_THOSE_WHO_ASK and ranks[number] <= public,
            }
            for number, place in enumerate(places, start=1)
        ],
    )


def _house_allocation(session: Session, screening_id: int, now: datetime) -> UUID:
    allocation = new_id(now)
    session.execute(
        insert(Allocation).values(id=allocation, screening_id=screening_id, kind="house", created_at=now)
    )
    return allocation


def is_touched(session: Session, screening_id: int) -> bool:
    """Tell whether anybody has a claim on a place of a screening, so that none may be remade."""
    used = select(_P.id).where(
        _P.screening_id == screening_id, (_P.hold_id.is_not(None)) | (_P.order_id.is_not(None))
    )
    return session.execute(used.limit(1)).first() is not None


def is_sold(session: Session, screening_id: int) -> bool:
    """Tell whether places of a screening belong to orders, paid or about to be."""
    used = select(_P.id).where(_P.screening_id == screening_id, _P.order_id.is_not(None))
    return session.execute(used.limit(1)).first() is not None


def next_hold_end(session: Session, now: datetime) -> datetime | None:
    """Return when the next hold ends by the clock, and with it what is free; None if there is none."""
    ends: datetime | None = session.scalar(_NEXT_HOLD_END, {"now": now})
    return ends


def free_counts(session: Session, now: datetime) -> dict[int, int]:
    """Return how many places of each screening the public may claim now; others are absent."""
    return {row[0]: row[1] for row in session.execute(_FREE_COUNTS, {"now": now})}
