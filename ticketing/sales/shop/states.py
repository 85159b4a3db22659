"""How a screening stands towards sale, as the audience is told it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ticketing.catalogue.programme.values import Audience, ScreeningStatus

# "Few left" is said at 15 % of the public places, or at 20 of them.
_FEW_SHARE, _FEW_PLACES = 0.15, 20
# Closed screenings of press and jury are nobody else's business.
LISTED_AUDIENCES = frozenset({Audience.PUBLIC, Audience.INVITATION, Audience.MARKET})


class SaleState(StrEnum):
    """What the audience is told; only `on_sale` and `few` can be bought."""

    ON_SALE = "on_sale"
    FEW = "few"
    SOLD_OUT = "sold_out"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    ENDED = "ended"
    CANCELLED = "cancelled"
    ACCREDITATION = "accreditation"

    @property
    def is_open(self) -> bool:
        """Tell whether places can be chosen now."""
        return self in (SaleState.ON_SALE, SaleState.FEW)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What decides: `free` places of `public` ones, and the moments when selling and the screening end."""

    status: str
    audience: str
    closes_at: datetime
    ends_at: datetime
    free: int
    public: int


def sale_state(sale: Sale, now: datetime) -> SaleState:
    """Decide what the audience is told."""
    if sale.status == ScreeningStatus.CANCELLED:
        return SaleState.CANCELLED
    if now >= sale.ends_at:
        return SaleState.ENDED
    if sale.audience != Audience.PUBLIC and sale.status != ScreeningStatus.ON_SALE:
        return SaleState.ACCREDITATION
    if sale.status == ScreeningStatus.SCHEDULED:
        return SaleState.NOT_YET
    if sale.status == ScreeningStatus.CLOSED or now >= sale.closes_at:
        return SaleState.CLOSED
    return _of_places(sale.free, sale.public)


def _of_places(free: int, public: int) -> SaleState:
    if free <= 0:
        return SaleState.SOLD_OUT
    few = free <= _FEW_PLACES or free <= public * _FEW_SHARE
    return SaleState.FEW if few else SaleState.ON_SALE
