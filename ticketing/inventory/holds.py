"""Holds: a buyer's timed claim on places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.inventory import claims
from ticketing.inventory.choosing import Claim, claim_any, claim_best, claim_numbers, claim_seats
from ticketing.inventory.errors import (
    AlreadyRenewedError,
    HoldExpiredError,
    HoldUsedError,
    NotOnSaleError,
    TooManyPlacesError,
)
from ticketing.inventory.models import Hold, Place

_P = Place.__table__.c
_H = Hold.__table__.c

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
        Festival.__table__.c.currency,
        Festival.__table__.c.revision,
        func.coalesce(
            Screening.__table__.c.max_places_per_order, Festival.__table__.c.max_places_per_order
        ).label("max_places"),
    )
    .join(Hall.__table__, Hall.__table__.c.id == Screening.__table__.c.hall_id)
    .join(Festival.__table__, Festival.__table__.c.id == 1)
    .where(Screening.__table__.c.code == bindparam("code"))
)
_HOLD = (
    select(
        _H.state,
        _H.expires_at,
        _H.renewed_at,
        _H.quantity,
        _H.screening_id,
        Screening.__table__.c.code,
        Screening.__table__.c.price_list_id,
        Festival.__table__.c.currency,
        Festival.__table__.c.revision,
    )
    .join(Screening.__table__, Screening.__table__.c.id == _H.screening_id)
    .join(Festival.__table__, Festival.__table__.c.id == 1)
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
    """Named places, or a quantity of the best ones, of one band if the buyer named it.

    `accessible`: one of the quantity is a wheelchair space, with its companion seat if there are two or more.
    """

    screening: str
    places: tuple[str, ...] = ()
    quantity: int = 0
    band: str | None = None
    accessible: bool = False


@dataclass(frozen=True, kw_only=True)
class HeldPlace:
    """A place in a hold."""

    id: int
    label: str
    band: str


@dataclass(frozen=True, kw_only=True)
class HeldPlaces:
    """A hold as its owner sees it; its price list is that of the catalogue's `revision`."""

    id: UUID
    screening: str
    screening_id: int
    price_list_id: int
    currency: str
    revision: int
    expires_at: datetime
    state: str
    renewed: bool
    quantity: int
    places: tuple[HeldPlace, ...]


def hold_places(session: Session, hold_id: UUID, request: HoldRequest, now: datetime) -> HeldPlaces:
    """Claim places for a few minutes.

    Raises NotFoundError, NotOnSaleError, TooManyPlacesError, UnknownPlaceError, PlacesTakenError,
    SingleSeatLeftError, CompanionWithoutWheelchairError or SoldOutError.
    """
    sale = session.execute(_SALE, {"code": request.screening}).one_or_none()
    if sale is None:
        raise NotFoundError
    if sale.status != "on_sale" or now >= (sale.sales_close_at or sale.starts_at):
        raise NotOnSaleError(screening=sale.code, state=sale.status)
    wanted = len(request.places) or request.quantity
    if wanted > sale.max_places:
        raise TooManyPlacesError(max=sale.max_places)
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
    claim = Claim(
        hold=hold_id, screening=sale.id, layout=sale.layout, until=until, now=now, most=sale.max_places
    )
    return HeldPlaces(
        id=hold_id,
        screening=sale.code,
        screening_id=sale.id,
        price_list_id=sale.price_list_id,
        currency=sale.currency,
        revision=sale.revision,
        expires_at=until,
        state="live",
        renewed=False,
        quantity=wanted,
        places=_claim(session, claim, request, numbered=sale.seating == "reserved"),
    )


def _claim(session: Session, claim: Claim, request: HoldRequest, *, numbered: bool) -> tuple[HeldPlace, ...]:
    if request.places:
        claim_named = claim_seats if numbered else claim_numbers
        rows = claim_named(session, claim, request.places)
        return tuple(HeldPlace(id=row.id, label=row.label, band=row.band) for row in rows)
    if numbered:
        claim_best(session, claim, request.quantity, request.band, accessible=request.accessible)
    else:
        _require_plain(request)
        claim_any(session, claim, request.quantity)
    return _places_of(session, claim.hold)


def _require_plain(request: HoldRequest) -> None:
    """Refuse what only a hall with seats has. Raises InvalidRequestError."""
    if request.band is not None:
        raise InvalidRequestError(errors=[{"path": "band", "message": "this hall has no price bands"}])
    if request.accessible:
        raise InvalidRequestError(
            errors=[{"path": "accessible", "message": "this hall has no wheelchair spaces of its own"}]
        )


def _places_of(session: Session, hold: UUID) -> tuple[HeldPlace, ...]:
    rows = session.execute(_OF_HOLD, {"hold": hold})
    return tuple(HeldPlace(id=row.id, label=row.label, band=row.band) for row in rows)


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
        currency=row.currency,
        revision=row.revision,
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
