"""Value-added tax that prices contain. Pure.

Source of the rates: the festival's setting `tax`. In Kazakhstan 12 % until the end of 2025 and 16 % from
1 January 2026, when the new Tax Code begins; a festival that is not registered for the tax has no rate.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ticketing.catalogue.programme.tax import TaxRate

_WHOLE = 10_000


def rate_on(rates: Sequence[TaxRate], day: date) -> TaxRate | None:
    """Return the rate of a day at the hall's clock: the one that began last; None before the first."""
    begun = [rate for rate in rates if rate.since <= day]
    return max(begun, key=lambda rate: rate.since, default=None)


def hundredths(rate: TaxRate | None) -> int:
    """Return a rate in hundredths of a per cent, nothing for none: 1600 is 16 %."""
    return 0 if rate is None else int(rate.percent * 100)


def tax_within(amount_minor: int, rate_hundredths: int) -> int:
    """Return the tax that an amount contains, both in minor units, halves up; never more than the amount."""
    part = Decimal(amount_minor) * rate_hundredths / (_WHOLE + rate_hundredths)
    return int(part.quantize(Decimal(1), rounding=ROUND_HALF_UP))
