"""Pure decisions on refunds: who may return a ticket himself, what is kept, which payment it comes from.

The policy is the festival's, or a screening's own. Staff at the desk may decide otherwise, but a ticket that
somebody has entered with, or whose money is disputed, is never refunded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from ticketing.foundation.money import round_to_major

PERCENT = 100
# A month: no festival is longer.
MOST_HOURS = 31 * 24
MOST_FEE_MINOR = 10**9


class BackReason(StrEnum):
    """Why money goes back that nobody asked for; kept as its refund's reason."""

    PLACE_LOST = "place_lost"
    PAID_TWICE = "paid_twice"
    SWAP_LOST = "swap_lost"
    SET_ASIDE = "set_aside"


class Method(StrEnum):
    """How money goes back.

    The way it was paid, in cash, taken by the buyer's bank in a lost dispute, or as a part of a refund that
    was made at the bank.
    """

    ORIGINAL = "original"
    CASH = "cash"
    DISPUTE = "dispute"
    OUTSIDE = "outside"


@dataclass(frozen=True, kw_only=True)
class RefundPolicy:
    """What buyers may do themselves and what it costs them.

    `until_hours` before the screening begins the buyer's own time ends; `fee_percent` of a ticket's price and
    `fee_minor` for each ticket are kept.
    """

    self_service: bool
    until_hours: int
    fee_percent: int
    fee_minor: int


@dataclass(frozen=True, kw_only=True)
class Showing:
    """What of a screening, and of a ticket's place there, decides.

    `film_changed`: another film plays than the one sold. `place_changed`: the place is not the one chosen.
    """

    starts_at: datetime
    cancelled: bool
    film_changed: bool
    policy: RefundPolicy
    place_changed: bool = False

    @property
    def in_full(self) -> bool:
        """Tell whether it is not what was sold: whoever paid may have everything back."""
        return self.cancelled or self.film_changed or self.place_changed

    @property
    def self_service(self) -> bool:
        """Tell whether buyers may return its tickets themselves."""
        return self.in_full or self.policy.self_service

    @property
    def deadline(self) -> datetime | None:
        """Return until when buyers may return its tickets; None when there is no such time.

        Of another film or place that is its beginning: whoever sits there has taken it.
        """
        if self.cancelled:
            return None
        if self.in_full:
            return self.starts_at
        return self.starts_at - timedelta(hours=self.policy.until_hours)


class Bar(StrEnum):
    """Why a buyer cannot return a ticket himself."""

    VOID = "void"
    BLOCKED = "blocked"
    ADMITTED = "admitted"
    TRANSFERRED = "transferred"
    OFF = "off"
    LATE = "late"


def is_late(showing: Showing, now: datetime) -> bool:
    """Tell whether the buyer's own time is over, or there never was one."""
    deadline = showing.deadline
    return deadline is not None and (now >= deadline or not showing.self_service)


def bar(
    showing: Showing, now: datetime, *, void: bool, blocked: bool, admitted: bool, transferred: bool = False
) -> Bar | None:
    """Return why a buyer cannot return a ticket himself, or None if he can.

    A ticket that was sent on stays the friend's, unless the screening is not what was sold: then nobody else
    could have the money back.
    """
    of_ticket = (
        (void, Bar.VOID),
        (blocked, Bar.BLOCKED),
        (admitted, Bar.ADMITTED),
        (transferred and not (showing.cancelled or showing.film_changed), Bar.TRANSFERRED),
    )
    for holds, why in of_ticket:
        if holds:
            return why
    deadline = showing.deadline
    if deadline is None:
        return None
    if not showing.self_service:
        return Bar.OFF
    return Bar.LATE if now >= deadline else None


def ticket_fee(price_minor: int, showing: Showing) -> int:
    """Return what is kept of a ticket by the policy, in minor units: never more than its price.

    The per cent is rounded to whole major units, halves up, for each ticket: so the fee of several tickets is
    the sum of their fees, whether they go back at once or one by one.
    """
    if showing.in_full:
        return 0
    policy = showing.policy
    share = round_to_major(Decimal(price_minor) * policy.fee_percent / PERCENT)
    return min(price_minor, policy.fee_minor + share)


def split(amount_minor: int, left: Sequence[int]) -> list[int] | None:
    """Spread an amount over payments that have so much left, the first ones first; None if it is too much."""
    parts = []
    for most in left:
        parts.append(min(most, amount_minor))
        amount_minor -= parts[-1]
    return None if amount_minor else parts
