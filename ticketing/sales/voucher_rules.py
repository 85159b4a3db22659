"""What a voucher takes off the prices of an order, and when it may be used. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ticketing.foundation.money import round_to_major

# Gateways refuse payments that cost more than they bring: Stripe's least charge is worth 50 US cents, which
# is below 300 tenge. What a voucher would leave to pay below this is waived.
LEAST_TO_PAY_MINOR = 300_00
CODE_LETTERS = 8
MOST_PERCENT = 100
_GROUP = 4
_MOST_TYPED = 60
# What people and printers put between groups.
_SEPARATORS = dict.fromkeys(
    map(ord, " \t\u00a0\u00ad\u200b\u202f\ufeff-\u2010\u2011\u2012\u2013\u2014\u2212")
)


class VoucherKind(StrEnum):
    """What a voucher does to prices; what `value` means is said beside each."""

    PERCENT = "percent"  # 1 to 100 off each ticket
    PER_TICKET = "per_ticket"  # minor units off each ticket
    PER_ORDER = "per_order"  # minor units off the tickets together
    FREE = "free"  # nothing: tickets cost nothing
    FIXED = "fixed"  # minor units that a ticket costs instead
    GIFT = "gift"  # minor units that each code has to spend, in one order or in several


class Standing(StrEnum):
    """Whether a series may be used at a moment."""

    OPEN = "open"
    TOO_EARLY = "too_early"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a series of vouchers offers. Empty restrictions restrict nothing; `most_tickets` None: all."""

    kind: VoucherKind
    value: int
    most_tickets: int | None = None
    screenings: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
    bands: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PricedPlace:
    """A place of an order: its screening, festival section, price band, and price in minor units."""

    screening: str
    section: str
    band: str
    price_minor: int


def standing(
    valid_from: datetime, valid_until: datetime | None, stopped_at: datetime | None, now: datetime
) -> Standing:
    """Tell whether a series may be used now; its last moment is not part of it."""
    if stopped_at is not None or (valid_until is not None and now >= valid_until):
        return Standing.ENDED
    return Standing.TOO_EARLY if now < valid_from else Standing.OPEN


def covers(offer: Offer, place: PricedPlace) -> bool:
    """Tell whether a voucher is for a place: its screening or its section is named, and its band is."""
    anywhere = not offer.screenings and not offer.sections
    here = anywhere or place.screening in offer.screenings or place.section in offer.sections
    return here and (not offer.bands or place.band in offer.bands)


def savings(offer: Offer, places: Sequence[PricedPlace]) -> tuple[int, ...]:
    """Return what each place costs less, in minor units: from 0 to its price.

    Where a voucher is for fewer tickets than the order has, it goes to those that it makes cheaper by most.
    A remainder of the whole order below LEAST_TO_PAY_MINOR is waived.
    """
    covered = [n for n, place in enumerate(places) if covers(offer, place)]
    wished = {n: _wished(offer, places[n].price_minor) for n in covered}
    chosen = sorted(covered, key=lambda n: (-wished[n], n))[: offer.most_tickets]
    if offer.kind in (VoucherKind.PER_ORDER, VoucherKind.GIFT):
        shares = spread(offer.value, [places[n].price_minor for n in chosen])
        saved = dict(zip(chosen, shares, strict=True))
    else:
        saved = {n: wished[n] for n in chosen}
    left = sum(place.price_minor - saved.get(n, 0) for n, place in enumerate(places))
    if any(saved.values()) and 0 < left < LEAST_TO_PAY_MINOR:
        return tuple(place.price_minor for place in places)
    return tuple(saved.get(n, 0) for n in range(len(places)))


def spread(amount: int, prices: Sequence[int]) -> list[int]:
    """Share an amount between prices by their size, in whole major units where they allow it.

    No share is above its price; together they are the amount, or all of the prices if those are less.
    """
    whole = sum(prices)
    left = min(amount, whole)
    shares = []
    for price in prices:
        share = min(price, left, round_to_major(Decimal(amount) * price / whole)) if whole else 0
        shares.append(share)
        left -= share
    for n, price in enumerate(prices):  # what rounding has left over
        more = min(left, price - shares[n])
        shares[n] += more
        left -= more
    return shares


def gift_shares(left_minor: int, saved: Sequence[int]) -> tuple[int, ...]:
    """Return what of each place's savings a gift code pays; what it has not left was waived."""
    return tuple(spread(left_minor, saved))


def canonical(text: str) -> str:
    """Return a typed code as it is kept: capital letters without anything between them."""
    return text[:_MOST_TYPED].translate(_SEPARATORS).upper()


def in_groups(code: str) -> str:
    """Return a code as it is printed: the prefix, then its letters in fours, as in `KINO-7ACD-FGH2`."""
    prefix, letters = code[:-CODE_LETTERS], code[-CODE_LETTERS:]
    groups = [letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP)]
    return "-".join([*([prefix] if prefix else []), *groups])


def offer_of(kind: str, value: int, most_tickets: int | None, **named: Iterable[str]) -> Offer:
    """Return an offer of a series' columns; `named` are its restrictions."""
    restrictions = {name: frozenset(codes) for name, codes in named.items()}
    return Offer(kind=VoucherKind(kind), value=value, most_tickets=most_tickets, **restrictions)


def _wished(offer: Offer, price: int) -> int:
    """Return what one place costs less, were it alone."""
    match offer.kind:
        case VoucherKind.PERCENT:
            return min(price, round_to_major(Decimal(price) * offer.value / MOST_PERCENT))
        case VoucherKind.FREE:
            return price
        case VoucherKind.FIXED:
            return max(price - offer.value, 0)
        case VoucherKind.PER_TICKET | VoucherKind.PER_ORDER | VoucherKind.GIFT:
            return min(price, offer.value)
