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


class Method(StrEnum):
    """How money goes back: the way it was paid, or in cash out of the till."""

    ORIGINAL = "original"
    CASH = "cash"


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
    """What of a screening decides. `in_full`: it is cancelled, or another film plays than the one sold."""

    starts_at: datetime
    in_full: bool
    policy: RefundPolicy

    @property
    def deadline(self) -> datetime | None:
        """Return until when buyers may return its tickets; None when there is no such time."""
        if self.in_full:
            return None
        return self.starts_at - timedelta(hours=self.policy.until_hours)


class Bar(StrEnum):
    """Why a buyer cannot return a ticket himself."""

    VOID = "void"
    BLOCKED = "blocked"
    ADMITTED = "admitted"
    OFF = "off"
    LATE = "late"


def is_late(showing: Showing, now: datetime) -> bool:
    """Tell whether the buyer's own time is over, or there never was one."""
    deadline = showing.deadline
    return deadline is not None and (now >= deadline or not showing.policy.self_service)


def bar(showing: Showing, now: datetime, *, void: bool, blocked: bool, admitted: bool) -> Bar | None:
    """Return why a buyer cannot return a ticket himself, or None if he can."""
    if void:
        return Bar.VOID
    if blocked:
        return Bar.BLOCKED
    if admitted:
        return Bar.ADMITTED
    deadline = showing.deadline
    if deadline is None:
        return None
    if not showing.policy.self_service:
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
