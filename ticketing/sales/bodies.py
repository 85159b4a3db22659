"""Bodies of the sales API."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ticketing.foundation.api import ApiModel, Code, Line

_MOST_PLACES = 200
_MOST_HOLDS = 20
_MOST_MINOR = 10**12
_MOST_VOUCHERS = 5


class HoldBody(ApiModel):
    """Named places, or a quantity of the best; `accessible` asks for a wheelchair space among them."""

    screening: Code
    places: Annotated[tuple[Code, ...], Field(min_length=1, max_length=_MOST_PLACES, strict=False)] | None = (
        None
    )
    quantity: Annotated[int, Field(ge=1, le=10_000)] | None = None
    band: Line | None = None
    accessible: bool = False


class OrderHoldBody(ApiModel):
    """A hold with its key and who sits where."""

    hold: Annotated[UUID, Field(strict=False)]
    key: Code
    concessions: Annotated[dict[Code, Code], Field(default_factory=dict, max_length=_MOST_PLACES)]


class BuyerBody(ApiModel):
    """Who buys."""

    email: Line
    name: Line
    phone: Line | None = None


class OrderBody(ApiModel):
    """An order of one or more holds."""

    holds: Annotated[tuple[OrderHoldBody, ...], Field(min_length=1, max_length=_MOST_HOLDS, strict=False)]
    buyer: BuyerBody
    locale: Literal["kk", "ru", "en"]
    accept_terms: bool
    vouchers: Annotated[tuple[Code, ...], Field(max_length=_MOST_VOUCHERS, strict=False)] = ()


class VoucherCheckBody(ApiModel):
    """Vouchers, and the holds that they are meant for."""

    vouchers: Annotated[tuple[Code, ...], Field(min_length=1, max_length=_MOST_VOUCHERS, strict=False)]
    holds: Annotated[tuple[OrderHoldBody, ...], Field(min_length=1, max_length=_MOST_HOLDS, strict=False)]


class MoneyBody(ApiModel):
    """An amount of the festival's currency."""

    minor: Annotated[int, Field(ge=0, le=_MOST_MINOR)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class RefundBody(ApiModel):
    """Tickets to refund; without `tickets` every valid one. `fee` is kept; `cash` comes out of the till."""

    tickets: (
        Annotated[
            tuple[Annotated[UUID, Field(strict=False)], ...], Field(max_length=_MOST_PLACES, strict=False)
        ]
        | None
    ) = None
    reason: Line
    fee: MoneyBody | None = None
    method: Literal["original", "cash"] = "original"


class SwapBody(ApiModel):
    """Tickets to give up, and the holds whose places are to be had for them."""

    tickets: Annotated[
        tuple[Annotated[UUID, Field(strict=False)], ...],
        Field(min_length=1, max_length=_MOST_PLACES, strict=False),
    ]
    holds: Annotated[tuple[OrderHoldBody, ...], Field(min_length=1, max_length=_MOST_HOLDS, strict=False)]
    reason: Line


class ReturnBody(ApiModel):
    """Tickets that their buyer returns; without `tickets` every one that can be.

    `amount` is what the buyer was shown to come back: if it is another by now, nothing is done.
    """

    tickets: (
        Annotated[
            tuple[Annotated[UUID, Field(strict=False)], ...],
            Field(min_length=1, max_length=_MOST_PLACES, strict=False),
        ]
        | None
    ) = None
    amount: MoneyBody | None = None


class TransferBody(ApiModel):
    """Whom a ticket is sent to; without `locale` the mail is in the order's language."""

    name: Line
    email: Line
    locale: Literal["kk", "ru", "en"] | None = None


class DemoPaymentBody(ApiModel):
    """What the demo bank does."""

    outcome: Literal["approve", "decline", "abandon", "late", "duplicate"]
