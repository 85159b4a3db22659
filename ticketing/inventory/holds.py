"""Holds: a buyer's timed claim on places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.foundation.prepared import Prepared
from ticketing.inventory import claims
from ticketing.inventory.choosing import (
    HeldPlace,
    HoldClaim,
    claim_any,
    claim_best,
    claim_numbers,
    claim_seats,
    held_by,
)
from ticketing.inventory.errors import (
    AlreadyRenewedError,
    HoldExpiredError,
    HoldUsedError,
    NotOnSaleError,
    TooManyPlacesError,
)
from ticketing.inventory.models import Hold
from ticketing.inventory.remembered import RememberedHalls

_H = Hold.__table__.c

_SALE = Prepared(
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
_HOLD = Prepared(
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
_INSERT = Prepared(insert(Hold.__table__))  # type: ignore[arg-type]
_USE = Prepared(
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


def hold_places(
    session: Session, halls: RememberedHalls, hold_id: UUID, request: HoldRequest, now: datetime
) -> HeldPlaces:
    """Claim places for a few minutes.

    Raises NotFoundError, NotOnSaleError, TooManyPlacesError, UnknownPlaceError, PlacesTakenError,
    SingleSeatLeftError, CompanionWithoutWheelchairError or SoldOutError.
    """
    sale = _SALE.one_or_none(session, {"code": request.screening})
    if sale is None:
        raise NotFoundError
    if sale.status != "on_sale" or now >= (sale.sales_close_at or sale.starts_at):
        raise NotOnSaleError(screening=sale.code, state=sale.status)
    wanted = len(request.places) or request.quantity
    if wanted > sale.max_places:
        raise TooManyPlacesError(max=sale.max_places)
    until = now + timedelta(minutes=sale.hold_minutes)
    _INSERT.count(
        session,
        {
            "id": hold_id,
            "screening_id": sale.id,
            "state": "live",
            "quantity": wanted,
            "created_at": now,
            "expires_at": until,
        },
    )
    claim = HoldClaim(
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
        places=(
            _claim_in_hall(session, claim, halls, request)
            if sale.seating == "reserved"
            else _claim_unnumbered(session, claim, request)
        ),
    )


def _claim_in_hall(
    session: Session, claim: HoldClaim, halls: RememberedHalls, request: HoldRequest
) -> tuple[HeldPlace, ...]:
    hall = halls.of(session, claim.screening, claim.layout)
    if request.places:
        return claim_seats(session, claim, hall, request.places)
    return claim_best(session, claim, hall, request.quantity, request.band, accessible=request.accessible)


def _claim_unnumbered(session: Session, claim: HoldClaim, request: HoldRequest) -> tuple[HeldPlace, ...]:
    if request.places:
        return claim_numbers(session, claim, request.places)
    _require_plain(request)
    return claim_any(session, claim, request.quantity)


def _require_plain(request: HoldRequest) -> None:
    """Refuse what only a hall with seats has. Raises InvalidRequestError."""
    if request.band is not None:
        raise InvalidRequestError(errors=[{"path": "band", "message": "this hall has no price bands"}])
    if request.accessible:
        raise InvalidRequestError(
            errors=[{"path": "accessible", "message": "this hall has no wheelchair spaces of its own"}]
        )


def find_hold(session: Session, hold_id: UUID) -> HeldPlaces:
    """Return a hold with the places that it has now. Raises NotFoundError."""
    row = _HOLD.one_or_none(session, {"hold": hold_id})
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
        places=held_by(session, hold_id),
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
    if _USE.count(session, {"hold": hold.id}) != 1:
        raise HoldUsedError
    # All of them or nothing: clocks differ, and somebody ahead of us may have taken a place at the very end.
    if len(hold.places) != hold.quantity or claims.convert(session, hold.id, order_id, now) != hold.quantity:
        raise HoldExpiredError


def _require_live(state: str) -> None:
    if state == "used":
        raise HoldUsedError
    if state != "live":
        raise HoldExpiredError
