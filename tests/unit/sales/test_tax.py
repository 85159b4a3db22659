"""The tax that prices contain: dated, rounded once, never more than the price."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.catalogue.programme.tax import parse_tax
from ticketing.sales.tax import hundredths, rate_on, tax_within

KAZAKHSTAN = parse_tax("vat:12:2024-01-01;vat:16:2026-01-01")
AMOUNTS = st.integers(0, 10**11)
RATES = st.integers(0, 9_999)


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        ("2023-12-31", None),
        ("2024-01-01", "12"),
        ("2025-12-31", "12"),
        ("2026-01-01", "16"),
        ("2030-05-05", "16"),
    ],
)
def test_a_day_has_the_rate_that_began_last(day: str, percent: str | None) -> None:
    rate = rate_on(KAZAKHSTAN, date.fromisoformat(day))
    assert (None if rate is None else rate.percent) == (None if percent is None else Decimal(percent))


def test_a_festival_without_rates_pays_no_tax() -> None:
    assert hundredths(rate_on((), date(2026, 11, 24))) == 0
    assert tax_within(450_000, 0) == 0


def test_the_order_of_the_setting_does_not_matter() -> None:
    assert rate_on(KAZAKHSTAN[::-1], date(2026, 1, 1)) == KAZAKHSTAN[1]


def test_what_4500_tenge_contain() -> None:
    # 4500 x 12/112 = 482.142..., 4500 x 16/116 = 620.689...
    assert (tax_within(450_000, 1_200), tax_within(450_000, 1_600)) == (48_214, 62_069)


@given(AMOUNTS, RATES)
def test_tax_is_a_part_of_the_price_and_as_near_as_whole_units_allow(amount: int, rate: int) -> None:
    tax = tax_within(amount, rate)
    assert 0 <= tax <= amount
    assert abs(Decimal(tax) - Decimal(amount) * rate / (10_000 + rate)) <= Decimal("0.5")


@given(AMOUNTS, AMOUNTS, RATES)
def test_a_higher_price_contains_no_less(amount: int, more: int, rate: int) -> None:
    assert tax_within(amount, rate) <= tax_within(amount + more, rate)
