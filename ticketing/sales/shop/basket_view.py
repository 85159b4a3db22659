"""The basket: what this browser holds, priced by the kinds of ticket chosen so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.queries import screenings_by_ids
from ticketing.foundation.errors import DomainError
from ticketing.foundation.money import Money
from ticketing.inventory.holds import find_hold
from ticketing.inventory.models import Hold
from ticketing.inventory.queries import PlaceRow, held_seats
from ticketing.sales.lines import Line, priced_lines
from ticketing.sales.orders import ChosenHold
from ticketing.sales.pricing import PriceTable
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import Card, make_card, price_table_of
from ticketing.sales.shop.holdings import chosen_concessions
from ticketing.sales.shop.site import Site
from ticketing.sales.voucher_rules import canonical, in_groups
from ticketing.sales.vouchers import apply_vouchers


@dataclass(frozen=True, kw_only=True)
class BasketPlace:
    """A place with the kinds of ticket that it may have; `field` names the form's select."""

    field: str
    place: str
    name: str
    band: str
    options: Mapping[str, Money]
    concession: str
    # What is paid, and what a voucher saves of it.
    price: Money
    saved: Money


@dataclass(frozen=True, kw_only=True)
class BasketVoucher:
    """The voucher of a basket as it is printed; `refusal` says why it saves nothing.

    `left` is what a gift code has left after this basket.
    """

    code: str
    refusal: DomainError | None = None
    left: Money | None = None


@dataclass(frozen=True, kw_only=True)
class BasketHold:
    """A living hold."""

    id: UUID
    card: Card
    places: Sequence[BasketPlace]
    expires_at: datetime
    renewed: bool


@dataclass(frozen=True, kw_only=True)
class Basket:
    """All living holds of a browser; those that ran out, or that an order was made of, are named apart."""

    holds: Sequence[BasketHold]
    expired: Sequence[UUID]
    used: Sequence[UUID]
    total: Money
    saved: Money
    voucher: BasketVoucher | None = None

    @property
    def until(self) -> datetime | None:
        """Return when the first of the holds ends."""
        return min((hold.expires_at for hold in self.holds), default=None)

    @property
    def places(self) -> list[BasketPlace]:
        """Return all places."""
        return [place for hold in self.holds for place in hold.places]

    @property
    def can_renew(self) -> bool:
        """Tell whether any hold may still be given more time."""
        return any(not hold.renewed for hold in self.holds)

    @property
    def is_gratis(self) -> bool:
        """Tell whether there is nothing to pay."""
        return self.total.minor == 0

    @property
    def vouchers(self) -> tuple[str, ...]:
        """Return the codes that an order is to be made with: one that is refused is told, not used."""
        return () if self.voucher is None or self.voucher.refusal else (self.voucher.code,)

    def chosen(self) -> tuple[ChosenHold, ...]:
        """Return what an order is made of."""
        return tuple(
            ChosenHold(hold_id=hold.id, concessions={place.place: place.concession for place in hold.places})
            for hold in self.holds
        )


def load_basket(session: Session, ids: Sequence[UUID], site: Site, now: datetime) -> Basket:
    """Return the basket of these holds; those that are not living any more are named apart."""
    holds = {hold.id: hold for hold in session.scalars(select(Hold).where(Hold.id.in_(ids)))}
    seats = {
        hold_id: list(rows)
        for hold_id, rows in groupby(
            sorted(held_seats(session, ids, now), key=lambda row: row.hold_id.hex),
            key=lambda row: row.hold_id,
        )
    }
    living = [hold_id for hold_id in ids if _lives(holds.get(hold_id), len(seats.get(hold_id, ())))]
    screenings = screenings_by_ids(session, {holds[hold_id].screening_id for hold_id in living})
    basket = [
        _hold(
            holds[hold_id],
            seats[hold_id],
            make_card(screenings[holds[hold_id].screening_id], 1, site, now),
            site,
        )
        for hold_id in living
    ]
    used = [hold_id for hold_id in ids if hold_id in holds and holds[hold_id].state == "used"]
    return Basket(
        holds=basket,
        used=used,
        expired=[hold_id for hold_id in ids if hold_id not in living and hold_id not in used],
        total=site.money(sum(place.price.minor for hold in basket for place in hold.places)),
        saved=site.money(0),
    )


def with_voucher(session: Session, basket: Basket, code: str, site: Site, now: datetime) -> Basket:
    """Return a basket with what a voucher saves of it, or with why it saves nothing."""
    if not code or not basket.holds:
        return basket
    full = [line for one in basket.chosen() for line in _lines(session, one)]
    shown = in_groups(canonical(code))
    try:
        reduced, promise = apply_vouchers(session, [code], full, now)
    except DomainError as refusal:
        return replace(basket, voucher=BasketVoucher(code=shown, refusal=refusal))
    lines = {(line.screening_id, line.label): line for line in reduced}
    holds = [
        replace(
            hold,
            places=[
                _reduced(place, lines[hold.card.screening.id, place.place], site) for place in hold.places
            ],
        )
        for hold in basket.holds
    ]
    left = None if promise is None or promise.left_minor is None else site.money(promise.left_minor)
    return replace(
        basket,
        holds=holds,
        voucher=BasketVoucher(code=shown, left=left),
        saved=site.money(promise.saved_minor if promise else 0),
        total=site.money(sum(line.price_minor for line in reduced)),
    )


def _lines(session: Session, chosen: ChosenHold) -> list[Line]:
    return priced_lines(session, find_hold(session, chosen.hold_id), chosen.concessions)


def _reduced(place: BasketPlace, line: Line, site: Site) -> BasketPlace:
    return replace(place, price=site.money(line.price_minor), saved=site.money(line.saved_minor))


def field_name(hold: UUID, place: str) -> str:
    """Return the name of the select for a place's kind of ticket."""
    return f"ticket:{hold}:{place}"


def _lives(hold: Hold | None, places: int) -> bool:
    return hold is not None and hold.state == "live" and places == hold.quantity


def _hold(hold: Hold, rows: Sequence[PlaceRow], card: Card, site: Site) -> BasketHold:
    prices = price_table_of(card.screening)
    chosen = chosen_concessions(hold.id)
    return BasketHold(
        id=hold.id,
        card=card,
        places=[_place(hold.id, row, prices, chosen.get(row.label), site) for row in rows],
        expires_at=hold.expires_at,
        renewed=hold.renewed_at is not None,
    )


def _place(hold: UUID, row: PlaceRow, prices: PriceTable, chosen: str | None, site: Site) -> BasketPlace:
    offered = prices.concessions(row.band)
    concession = (
        chosen if chosen in offered else prices.default_concession(row.band) or next(iter(offered), "")
    )
    return BasketPlace(
        field=field_name(hold, row.label),
        place=row.label,
        name=wording.place_name(row.section, row.row, row.number, row.band),
        band=wording.band(row.band),
        options={code: site.money(amount) for code, amount in offered.items()},
        concession=concession or "",
        price=site.money(offered.get(concession or "", 0)),
        saved=site.money(0),
    )
