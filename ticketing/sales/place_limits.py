"""How many places of a screening may be in one order, and how many one buyer may have.

A buyer's places are a counter that is moved under its own condition. It is kept for every screening,
limited or not, so that a limit set later knows what went before.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.inventory.errors import TooManyPlacesError
from ticketing.inventory.models import Place
from ticketing.sales.errors import TooManyPlacesForBuyerError
from ticketing.sales.models import BuyerCount, Order, OrderLine

_C = BuyerCount.__table__.c
_L = OrderLine.__table__.c
# Mail services that ignore dots before the @, and are one and the same.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})

_S = Screening.__table__.c
_F = Festival.__table__.c
_LIMITS = (
    select(
        _S.id,
        _S.code,
        func.coalesce(_S.max_places_per_order, _F.max_places_per_order).label("in_order"),
        _S.max_places_per_buyer.label("of_buyer"),
    )
    .join(Festival.__table__, _F.id == 1)
    .where(_S.id.in_(bindparam("screenings", expanding=True)))
)
_HERE = (_C.screening_id == bindparam("screening"), _C.buyer == bindparam("who"))
_COUNT = select(_C.places).where(*_HERE)
_ADD = (
    update(BuyerCount.__table__)  # type: ignore[arg-type]
    .where(*_HERE)
    .values(places=_C.places + bindparam("more"))
)
_ADD_WITHIN = _ADD.where(_C.places + bindparam("more") <= bindparam("limit"))
# A first order of this buyer; another one at the same moment may have made the row already.
_START = {
    "sqlite": sqlite.insert(BuyerCount.__table__).values(places=0).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(BuyerCount.__table__).values(places=0).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
_KEPT = select(Place.screening_id).where(Place.order_id == bindparam("order"))
_OF_ORDER = select(_L.screening_id).where(_L.order_id == bindparam("order"))


def buyer_key(email: str) -> str:
    """Return one key for all spellings of a mail address, from which the address cannot be read.

    Letter case, what follows a `+`, and the dots that some services ignore make no other buyer.
    """
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return hashlib.sha256(f"{local}@{domain}".encode()).hexdigest()


def count_places(session: Session, email: str, screenings: Iterable[int]) -> None:
    """Count the places of a new order, one entry of `screenings` each.

    Raises TooManyPlacesError or TooManyPlacesForBuyerError.
    """
    wanted = Counter(screenings)
    limits = session.execute(_LIMITS, {"screenings": list(wanted)}).all()
    for screening in sorted(limits, key=lambda row: row.id):
        more, limit = wanted[screening.id], screening.of_buyer
        if more > screening.in_order:
            raise TooManyPlacesError(max=screening.in_order)
        if not _add(session, buyer_key(email), screening.id, more, limit):
            had = session.scalar(_COUNT, {"screening": screening.id, "who": buyer_key(email)}) or 0
            raise TooManyPlacesForBuyerError(screening=screening.code, max=limit, left=max(limit - had, 0))


def count_again(session: Session, order: Order) -> None:
    """Count the places that an order got back: it was paid, so no limit refuses it."""
    for screening, places in sorted(_places_of(session, order.id).items()):
        _add(session, buyer_key(order.buyer_email), screening, places, None)


def count_without_limit(session: Session, order: Order, screenings: Iterable[int]) -> None:
    """Count places that staff exchange others for, one entry of `screenings` each: no limit refuses them."""
    for screening, places in sorted(Counter(screenings).items()):
        _add(session, buyer_key(order.buyer_email), screening, places, None)


def forget_order(session: Session, order: Order) -> None:
    """Count no longer the places of an order that will not be paid."""
    _give_back(session, order, _places_of(session, order.id))


def forget_places(session: Session, order: Order, screenings: Iterable[int]) -> None:
    """Count no longer places that were given back, one entry of `screenings` each."""
    _give_back(session, order, Counter(screenings))


def move_counts(session: Session, order: Order, address: str) -> None:
    """Count an order's places for another address, which has become its own; no limit refuses it."""
    if buyer_key(address) == buyer_key(order.buyer_email):
        return
    for screening, places in sorted(Counter(session.scalars(_KEPT, {"order": order.id})).items()):
        _add(session, buyer_key(order.buyer_email), screening, -places, None)
        _add(session, buyer_key(address), screening, places, None)


def _give_back(session: Session, order: Order, places: Counter[int]) -> None:
    for screening, number in sorted(places.items()):
        _add(session, buyer_key(order.buyer_email), screening, -number, None)


def _places_of(session: Session, order_id: UUID) -> Counter[int]:
    return Counter(session.scalars(_OF_ORDER, {"order": order_id}))


def _add(session: Session, buyer: str, screening: int, more: int, limit: int | None) -> bool:
    """Move the counter by `more`; False if that would pass the limit, and then it stays."""
    values = {"screening": screening, "who": buyer, "more": more}
    if limit is not None:
        values["limit"] = limit
    statement = _ADD if limit is None else _ADD_WITHIN
    if _moved(session, statement, values):
        return True
    start = _START[session.get_bind().dialect.name]
    session.execute(start, {"screening_id": screening, "buyer": buyer})
    return _moved(session, statement, values)


def _moved(session: Session, statement: object, values: dict[str, object]) -> bool:
    return session.execute(statement, values).rowcount == 1  # type: ignore[call-overload,no-any-return]
