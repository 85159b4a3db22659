"""Holds: a buyer's timed claim on places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.inventory import claims
from ticketing.inventory.errors import (
    AlreadyRenewedError,
    HoldExpiredError,
    HoldUsedError,
    NotOnSaleError,
    PlacesTakenError,
    SoldOutError,
    TooManyPlacesError,
    UnknownPlaceError,
)
from ticketing.inventory.models import Hold, Place
from ticketing.inventory.rules import Candidate, best_available

_P = Place.__table__.c
_H = Hold.__table__.c
_TRIES = 6

_SALE = (
    select(
        Screening.__table__.c.id,
        Screening.__table__.c.code,
        Screening.__table__.c.layout,
        Screening.__table__.c.status,
        Screening.__table__.c.starts_at,
        Screening.__table__.c.sales_close_at,
        Screening.__table__.c.price_list_id,
        Hall.__table__.c.seating,
        Festival.__table__.c.hold_minutes,
        Festival.__table__.c.max_places_per_order,
    )
    .join(Hall.__table__, Hall.__table__.c.id == Screening.__table__.c.hall_id)
    .join(Festival.__table__, Festival.__table__.c.id == 1)
    .where(Screening.__table__.c.code == bindparam("code"))
)
# Looks up and locks at once, in the order that every multi-row claim keeps.
_BY_LABEL = (
    select(_P.id, _P.label, _P.band, _P.place_no)
    .where(
        _P.screening_id == bindparam("screening"),
        _P.layout == bindparam("layout"),
        _P.label.in_(bindparam("labels", expanding=True)),
    )
    .order_by(_P.id)
    .with_for_update()
)
_FREE = select(_P.id, _P.place_no, _P.block, _P.rank).where(
    _P.screening_id == bindparam("screening"), _P.layout == bindparam("layout"), claims.CLAIMABLE
)
_FREE_IN_BAND = _FREE.where(_P.band == bindparam("band"))
_NEXT_FREE = _FREE.order_by(_P.rank).limit(bindparam("quantity")).with_for_update(skip_locked=True)
_NEXT_FREE_WAITING = _FREE.order_by(_P.rank).limit(bindparam("quantity")).with_for_update()
_HOLD = (
    select(
        _H.state,
        _H.expires_at,
        _H.renewed_at,
        _H.quantity,
        _H.screening_id,
        Screening.__table__.c.code,
        Screening.__table__.c.price_list_id,
    )
    .join(Screening.__table__, Screening.__table__.c.id == _H.screening_id)
    .where(_H.id == bindparam("hold"))
)
_OF_HOLD = select(_P.id, _P.label, _P.band).where(_P.hold_id == bindparam("hold")).order_by(_P.place_no)
_INSERT = insert(Hold.__table__)  # type: ignore[arg-type]
_USE = (
    update(Hold.__table__)  # type: ignore[arg-type]
    .where(_H.id == bindparam("hold"), _H.state == "live")
    .values(state="used")
)


@dataclass(frozen=True, kw_only=True)
class HoldRequest:
    """Named places, or a quantity of the best ones, of one band if the buyer named it."""

    screening: str
    places: tuple[str, ...] = ()
    quantity: int = 0
    band: str | None = None


@dataclass(frozen=True, kw_only=True)
class HeldPlace:
    """A place in a hold."""

    id: int
    label: str
    band: str


@dataclass(frozen=True, kw_only=True)
class HeldPlaces:
    """A hold as its owner sees it."""

    id: UUID
    screening: str
    screening_id: int
    price_list_id: int
    expires_at: datetime
    state: str
    renewed: bool
    quantity: int
    places: tuple[HeldPlace, ...]


def hold_places(session: Session, hold_id: UUID, request: HoldRequest, now: datetime) -> HeldPlaces:
    """Claim places for a few minutes.

    Raises NotFoundError, NotOnSaleError, TooManyPlacesError, UnknownPlaceError, PlacesTakenError or
    SoldOutError.
    """
    sale = session.execute(_SALE, {"code": request.screening}).one_or_none()
    if sale is None:
        raise NotFoundError
    if sale.status != "on_sale" or now >= (sale.sales_close_at or sale.starts_at):
        raise NotOnSaleError(screening=sale.code, state=sale.status)
    wanted = len(request.places) or request.quantity
    if wanted > sale.max_places_per_order:
        raise TooManyPlacesError(max=sale.max_places_per_order)
    until = now + timedelta(minutes=sale.hold_minutes)
    session.execute(
        _INSERT,
        {
            "id": hold_id,
            "screening_id": sale.id,
            "state": "live",
            "quantity": wanted,
            "created_at": now,
            "expires_at": until,
        },
    )
    where = {"screening": sale.id, "layout": sale.layout, "now": now}
    if request.places:
        places = _claim_named(session, hold_id, request.places, where, until)
    elif sale.seating == "general":
        _claim_next(session, hold_id, request, where, until)
        places = _places_of(session, hold_id)
    else:
        _claim_best(session, hold_id, request, where, until)
        places = _places_of(session, hold_id)
    return HeldPlaces(
        id=hold_id,
        screening=sale.code,
        screening_id=sale.id,
        price_list_id=sale.price_list_id,
        expires_at=until,
        state="live",
        renewed=False,
        quantity=wanted,
        places=places,
    )


def _claim_named(
    session: Session, hold: UUID, labels: Sequence[str], where: dict[str, object], until: datetime
) -> tuple[HeldPlace, ...]:
    if len(set(labels)) != len(labels):
        raise InvalidRequestError(errors=[{"path": "places", "message": "a place is named twice"}])
    found = session.execute(_BY_LABEL, {**where, "labels": labels}).all()
    if len(found) != len(labels):
        raise UnknownPlaceError(places=sorted(set(labels) - {row.label for row in found}))
    ids = [row.id for row in found]
    now = where["now"]
    if not claims.claim(session, ids, hold, until, now):  # type: ignore[arg-type]
        # What this very claim took is not free either now, so the refusal looks only at what others have.
        mine = {row.label for row in session.execute(_OF_HOLD, {"hold": hold})}
        raise PlacesTakenError(places=[label for label in labels if label not in mine])
    in_order = sorted(found, key=lambda row: row.place_no)
    return tuple(HeldPlace(id=row.id, label=row.label, band=row.band) for row in in_order)


def _places_of(session: Session, hold: UUID) -> tuple[HeldPlace, ...]:
    rows = session.execute(_OF_HOLD, {"hold": hold})
    return tuple(HeldPlace(id=row.id, label=row.label, band=row.band) for row in rows)


def _claim_next(
    session: Session, hold: UUID, request: HoldRequest, where: dict[str, object], until: datetime
) -> None:
    """Unnumbered places: any will do. Rows that others hold locked are passed by, then waited for once.

    Whoever comes up short gives its locks back before it waits, or two such would wait for each other.
    """
    if request.band is not None:
        raise InvalidRequestError(errors=[{"path": "band", "message": "this hall has no price bands"}])
    values = {**where, "quantity": request.quantity}
    for statement in (_NEXT_FREE, _NEXT_FREE_WAITING):
        with session.begin_nested() as attempt:
            ids = sorted(row.id for row in session.execute(statement, values))
            if len(ids) == request.quantity and claims.claim(session, ids, hold, until, where["now"]):  # type: ignore[arg-type]
                return
            attempt.rollback()
    raise SoldOutError


def _claim_best(
    session: Session, hold: UUID, request: HoldRequest, where: dict[str, object], until: datetime
) -> None:
    """Numbered places, best first. Who loses a race chooses again, at last under lock."""
    statement, values = (
        (_FREE, where) if request.band is None else (_FREE_IN_BAND, {**where, "band": request.band})
    )
    for _ in range(_TRIES):
        rows = {row.place_no: row for row in session.execute(statement, values)}
        chosen = best_available(
            [Candidate(r.place_no, r.block, r.rank) for r in rows.values()], request.quantity
        )
        if not chosen:
            raise SoldOutError
        with session.begin_nested() as attempt:
            ids = sorted(rows[n].id for n in chosen)
            claims.lock(session, ids)
            if claims.claim(session, ids, hold, until, where["now"]):  # type: ignore[arg-type]
                return
            attempt.rollback()
    # Always a little late: lock whatever is free, so that nobody else can be faster, and choose from that.
    locked = {
        row.place_no: row for row in session.execute(statement.order_by(_P.id).with_for_update(), values)
    }
    chosen = best_available(
        [Candidate(r.place_no, r.block, r.rank) for r in locked.values()], request.quantity
    )
    ids = sorted(locked[n].id for n in chosen)
    if not ids or not claims.claim(session, ids, hold, until, where["now"]):  # type: ignore[arg-type]
        raise SoldOutError


def find_hold(session: Session, hold_id: UUID) -> HeldPlaces:
    """Return a hold with the places that it has now. Raises NotFoundError."""
    row = session.execute(_HOLD, {"hold": hold_id}).one_or_none()
    if row is None:
        raise NotFoundError
    return HeldPlaces(
        id=hold_id,
        screening=row.code,
        screening_id=row.screening_id,
        price_list_id=row.price_list_id,
        expires_at=row.expires_at,
        state=row.state,
        renewed=row.renewed_at is not None,
        quantity=row.quantity,
        places=_places_of(session, hold_id),
    )


def renew_hold(session: Session, hold_id: UUID, now: datetime) -> datetime:
    """Give a hold its full time once more; return the new end.

    Raises NotFoundError, AlreadyRenewedError, HoldUsedError or HoldExpiredError.
    """
    hold = session.execute(select(Hold).where(Hold.id == hold_id).with_for_update()).scalar_one_or_none()
    if hold is None:
        raise NotFoundError
    _require_live(hold.state)
    if hold.renewed_at is not None:
        raise AlreadyRenewedError
    until = now + timedelta(minutes=session.scalars(select(Festival.hold_minutes)).one())
    if claims.renew(session, hold_id, until, now) != hold.quantity:
        raise HoldExpiredError
    hold.expires_at, hold.renewed_at = until, now
    session.flush()
    return until


def release_hold(session: Session, hold_id: UUID) -> None:
    """Give a hold back; giving it back twice is fine. Raises NotFoundError or HoldUsedError."""
    hold = session.execute(select(Hold).where(Hold.id == hold_id).with_for_update()).scalar_one_or_none()
    if hold is None:
        raise NotFoundError
    if hold.state == "used":
        raise HoldUsedError
    claims.release(session, hold_id)
    hold.state = "released"
    session.flush()


def require_usable(hold: HeldPlaces, now: datetime) -> None:
    """Refuse a hold that cannot become an order any more. Raises HoldUsedError or HoldExpiredError."""
    _require_live(hold.state)
    if hold.expires_at <= now:
        raise HoldExpiredError


def use_hold(session: Session, hold: HeldPlaces, order_id: UUID, now: datetime) -> None:
    """Turn a hold into an order's places. Raises HoldUsedError or HoldExpiredError."""
    _require_live(hold.state)
    if session.execute(_USE, {"hold": hold.id}).rowcount != 1:  # type: ignore[attr-defined]
        raise HoldUsedError
    # All of them or nothing: clocks differ, and somebody ahead of us may have taken a place at the very end.
    if len(hold.places) != hold.quantity or claims.convert(session, hold.id, order_id, now) != hold.quantity:
        raise HoldExpiredError


def _require_live(state: str) -> None:
    if state == "used":
        raise HoldUsedError
    if state != "live":
        raise HoldExpiredError
