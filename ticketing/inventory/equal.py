"""Equal places for an order that lost its own: same screening, price band and kind, as close together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, Screening
from ticketing.inventory import claims
from ticketing.inventory.best import equal_to
from ticketing.inventory.choosing import Claim, HeldPlace, take_any, take_chosen
from ticketing.inventory.models import Place
from ticketing.inventory.remembered import RememberedHalls

_S, _P = Screening.__table__.c, Place.__table__.c
_HALL = (
    select(_S.layout, Hall.__table__.c.seating)
    .join(Hall.__table__, Hall.__table__.c.id == _S.hall_id)
    .where(_S.id == bindparam("screening"))
)
_TAKEN = (
    select(_P.id, _P.label, _P.band)
    .where(_P.id.in_(bindparam("places", expanding=True)))
    .order_by(_P.place_no)
)


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The places, by label, that an order had in one price band of a screening."""

    order: UUID
    screening: int
    band: str
    labels: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _OrderClaim(Claim):
    order: UUID

    def take(self, session: Session, ids: Sequence[int]) -> bool:
        """Claim places for as long as the order can be paid; False if any is not free."""
        return claims.take_back(session, sorted(ids), self.order, self.now)


def take_equal(session: Session, lost: Lost, now: datetime) -> tuple[HeldPlace, ...]:
    """Give an order as many equal places, in the plan's order. Raises SoldOutError when there are none."""
    hall = session.execute(_HALL, {"screening": lost.screening}).one()
    claim = _OrderClaim(order=lost.order, screening=lost.screening, layout=hall.layout, now=now)
    if hall.seating != "reserved":
        ids = take_any(session, claim, len(lost.labels))
        return tuple(HeldPlace(*row) for row in session.execute(_TAKEN, {"places": ids}))
    # So rare that nothing is remembered of the hall.
    known = RememberedHalls().of(session, lost.screening, hall.layout)
    had = [known.seat(known.numbers[label]) for label in lost.labels]
    chosen = take_chosen(session, claim, known, lost.band, lambda free, asked: equal_to(had, free, asked))
    return tuple(sorted(chosen, key=lambda place: known.numbers[place.label]))
