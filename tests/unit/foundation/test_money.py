"""Money: whole minor units, one currency at a time, one rounding."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money, round_to_major

AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_undo_each_other(one: int, other: int) -> None:
    total = Money(one, "KZT") + Money(other, "KZT")
    assert total - Money(other, "KZT") == Money(one, "KZT")
    assert total.to_json() == {"minor": one + other, "currency": "KZT"}


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="KZT and USD"):
        Money(1, "KZT") + Money(1, "USD")
    with pytest.raises(ValueError, match="KZT and USD"):
        Money(1, "KZT") - Money(1, "USD")


@given(st.decimals(0, 10**9, places=3))
def test_rounding_goes_to_the_nearest_whole_unit_and_halves_go_up(minor: Decimal) -> None:
    rounded = round_to_major(minor)
    assert rounded % 100 == 0
    assert -50 < minor - rounded < 50 or minor - rounded == -50


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (450000, "4\u00a0500\u00a0₸"),
        (0, "0\u00a0₸"),
        (123456789, "1\u00a0234\u00a0567,89\u00a0₸"),
        (-70000, "−700\u00a0₸"),
        (5, "0,05\u00a0₸"),
    ],
)
def test_money_in_words(minor: int, text: str) -> None:
    assert money_text(Money(minor, "KZT")) == text
