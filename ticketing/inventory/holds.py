"""Holds: a buyer's timed claim on places."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall, Screening
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.prepared import Prepared
from ticketing.foundation.shared_turn import Refusal, granted
from ticketing.inventory import claims
from ticketing.inventory.choosing import (
    HeldPlace,
    HoldClaim,
    claim_any,
    claim_best,
    held_by,
)
from ticketing.inventory.errors import (
    AlreadyRenewedError,
    HoldExpiredError,
    HoldUsedError,
    NotOnSaleError,
    PlacesTakenError,
    TooManyPlacesError,
)
from ticketing.inventory.models import Hold
from ticketing.inventory.named import Choice, choose
from ticketing.inventory.remembered import RememberedHalls

SaleRow: TypeAlias = Row[Any]

_H = Hold.__table__.c

_SALES = Prepared(
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
    .where(Screening.__table__.c.code.in_(bindparam("codes", expanding=True)))
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
    if request.places:
        [held] = hold_named(session, halls, {hold_id: request}, now)
        return granted(held)
    sale = _require_sale(_sales(session, [request]), request, now)
    held = _draft(hold_id, sale, request.quantity, now)
    _INSERT.count(session, _row(held, now))
    claim = HoldClaim(hold=hold_id, screening=sale.id, layout=sale.layout, until=held.expires_at, now=now)
    if sale.seating != "reserved":
        _require_plain(request)
        return replace(held, places=claim_any(session, claim, request.quantity))
    hall = halls.of(session, sale.id, sale.layout)
    best = claim_best(session, claim, hall, request.quantity, request.band, accessible=request.accessible)
    return replace(held, places=best)


def hold_named(
    session: Session, halls: RememberedHalls, requests: Mapping[UUID, HoldRequest], now: datetime
) -> list[HeldPlaces | Refusal]:
    """Claim named places for several buyers, by the ids of their holds: each as if all came one by one.

    Rows are locked in the order of places' ids, whoever asks. The refusals are what `hold_places` raises.
    """
    sales = _sales(session, requests.values())
    answers: dict[UUID, HeldPlaces | Refusal] = {}
    drafts: list[HeldPlaces] = []
    choices: list[Choice] = []
    for hold_id, request in requests.items():
        try:
            sale = _require_sale(sales, request, now)
        except DomainError as error:
            answers[hold_id] = Refusal(error)
            continue
        drafts.append(_draft(hold_id, sale, len(request.places), now))
        choices.append(
            Choice(
                labels=request.places,
                hall=halls.of(session, sale.id, sale.layout),
                where={"screening": sale.id, "layout": sale.layout},
                has_seats=sale.seating == "reserved",
                most=sale.max_places,
            )
        )
    for draft, chosen in zip(drafts, choose(session, choices, now), strict=True):
        answers[draft.id] = chosen if isinstance(chosen, Refusal) else replace(draft, places=chosen)
    _claim(session, [held for held in answers.values() if isinstance(held, HeldPlaces)], now)
    return [answers[hold_id] for hold_id in requests]


def _sales(session: Session, requests: Iterable[HoldRequest]) -> dict[str, SaleRow]:
    return {row.code: row for row in _SALES.rows(session, {"codes": {one.screening for one in requests}})}


def _require_sale(sales: Mapping[str, SaleRow], request: HoldRequest, now: datetime) -> SaleRow:
    """Return the screening as it is sold. Raises NotFoundError, NotOnSaleError or TooManyPlacesError."""
    sale = sales.get(request.screening)
    if sale is None:
        raise NotFoundError
    if sale.status != "on_sale" or now >= (sale.sales_close_at or sale.starts_at):
        raise NotOnSaleError(screening=sale.code, state=sale.status)
    if (len(request.places) or request.quantity) > sale.max_places:
        raise TooManyPlacesError(max=sale.max_places)
    return sale


def _draft(hold_id: UUID, sale: SaleRow, quantity: int, now: datetime) -> HeldPlaces:
    """Return a hold that has no places yet."""
    return HeldPlaces(
        id=hold_id,
        screening=sale.code,
        screening_id=sale.id,
        price_list_id=sale.price_list_id,
        currency=sale.currency,
        revision=sale.revision,
        expires_at=now + timedelta(minutes=sale.hold_minutes),
        state="live",
        renewed=False,
        quantity=quantity,
        places=(),
    )


def _row(held: HeldPlaces, now: datetime) -> dict[str, object]:
    return {
        "id": held.id,
        "screening_id": held.screening_id,
        "state": held.state,
        "quantity": held.quantity,
        "created_at": now,
        "expires_at": held.expires_at,
    }


def _claim(session: Session, holds: Sequence[HeldPlaces], now: datetime) -> None:
    """Store holds, and give them their places, which are locked and were free a moment ago."""
    if not holds:
        return
    _INSERT.count_together(session, [_row(held, now) for held in holds])
    given = {place.id: held.id for held in holds for place in held.places}
    until = holds[0].expires_at  # how long a hold lasts is the festival's, and the same for all
    if not claims.claim_each(session, given, until, now):
        raise PlacesTakenError(places=[place.label for held in holds for place in held.places])


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
