"""What vouchers take off: never more than a price, never less than nothing, and the sums agree."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.sales.voucher_rules import (
    LEAST_TO_PAY_MINOR,
    Offer,
    PricedPlace,
    Standing,
    VoucherKind,
    canonical,
    covers,
    gift_shares,
    in_groups,
    savings,
    spread,
    standing,
)

NOW = datetime(2024, 11, 20, tzinfo=UTC)
AMOUNTS = st.integers(0, 10_000).map(lambda major: major * 100) | st.integers(0, 10**7)


def place(price: int, screening: str = "s06", section: str = "main", band: str = "Центр") -> PricedPlace:
    return PricedPlace(screening=screening, section=section, band=band, price_minor=price)


PLACES = st.lists(
    st.builds(
        PricedPlace,
        screening=st.sampled_from(["s06", "s10"]),
        section=st.sampled_from(["main", "kids"]),
        band=st.sampled_from(["Центр", "Партер"]),
        price_minor=AMOUNTS,
    ),
    max_size=8,
)
NAMES = st.frozensets(st.sampled_from(["s06", "main", "Центр", "x"]))
OFFERS = st.one_of(
    [
        st.builds(
            Offer,
            kind=st.just(kind),
            value=st.integers(1, 100) if kind is VoucherKind.PERCENT else AMOUNTS,
            most_tickets=st.none() | st.integers(1, 8),
            screenings=NAMES,
            sections=NAMES,
            bands=NAMES,
        )
        for kind in VoucherKind
    ]
)


@given(OFFERS, PLACES)
def test_no_price_falls_below_nothing_or_rises(offer: Offer, places: list[PricedPlace]) -> None:
    saved = savings(offer, places)
    assert len(saved) == len(places)
    assert all(0 <= less <= one.price_minor for less, one in zip(saved, places, strict=True))


@given(OFFERS, PLACES)
def test_what_is_left_is_nothing_or_enough_for_a_gateway(offer: Offer, places: list[PricedPlace]) -> None:
    saved = sum(savings(offer, places))
    left = sum(one.price_minor for one in places) - saved
    assert not saved or left == 0 or left >= LEAST_TO_PAY_MINOR


@given(OFFERS, PLACES)
def test_it_reaches_only_what_it_is_for(offer: Offer, places: list[PricedPlace]) -> None:
    saved = savings(offer, places)
    touched = [n for n, less in enumerate(saved) if less]
    if sum(saved) != sum(one.price_minor for one in places):  # else the rest may have been waived
        assert all(covers(offer, places[n]) for n in touched)
        assert offer.most_tickets is None or len(touched) <= offer.most_tickets


@given(AMOUNTS, st.lists(AMOUNTS, max_size=8))
def test_shares_are_the_amount(amount: int, prices: list[int]) -> None:
    shares = spread(amount, prices)
    assert sum(shares) == min(amount, sum(prices))
    assert all(0 <= share <= price for share, price in zip(shares, prices, strict=True))


@given(st.integers(0, 10_000), st.lists(st.integers(0, 10_000), max_size=8))
def test_shares_of_whole_tenge_are_whole_tenge(amount: int, prices: list[int]) -> None:
    assert all(share % 100 == 0 for share in spread(amount * 100, [price * 100 for price in prices]))


@pytest.mark.parametrize(
    ("kind", "value", "saved"),
    [
        (VoucherKind.PERCENT, 15, (37_500, 22_500)),
        (VoucherKind.PERCENT, 33, (82_500, 49_500)),
        (VoucherKind.PERCENT, 100, (250_000, 150_000)),
        (VoucherKind.PER_TICKET, 100_000, (100_000, 100_000)),
        (VoucherKind.PER_TICKET, 200_000, (200_000, 150_000)),
        (VoucherKind.PER_ORDER, 100_000, (62_500, 37_500)),
        (VoucherKind.PER_ORDER, 900_000, (250_000, 150_000)),
        (VoucherKind.FREE, 0, (250_000, 150_000)),
        (VoucherKind.FIXED, 150_000, (100_000, 0)),
        (VoucherKind.FIXED, 300_000, (0, 0)),
    ],
)
def test_kinds(kind: VoucherKind, value: int, saved: tuple[int, int]) -> None:
    assert savings(Offer(kind=kind, value=value), [place(250_000), place(150_000)]) == saved


def test_halves_of_a_tenge_round_up() -> None:
    assert savings(Offer(kind=VoucherKind.PERCENT, value=50), [place(100_100)]) == (50_100,)


def test_a_voucher_for_fewer_tickets_goes_to_the_dearest() -> None:
    offer = Offer(kind=VoucherKind.FREE, value=0, most_tickets=1)
    assert savings(offer, [place(150_000), place(250_000), place(250_000)]) == (0, 250_000, 0)


def test_a_rest_too_small_to_pay_is_waived() -> None:
    offer = Offer(kind=VoucherKind.PER_ORDER, value=240_000)
    assert savings(offer, [place(250_000)]) == (250_000,)
    assert savings(offer, [place(270_000)]) == (240_000,)


def test_a_small_price_that_the_voucher_is_not_for_stays() -> None:
    offer = Offer(kind=VoucherKind.FREE, value=0, screenings=frozenset({"s10"}))
    assert savings(offer, [place(20_000)]) == (0,)


@pytest.mark.parametrize(
    ("restriction", "is_for"),
    [
        ({}, True),
        ({"screenings": {"s06"}}, True),
        ({"screenings": {"s10"}}, False),
        ({"sections": {"main"}}, True),
        ({"screenings": {"s10"}, "sections": {"main"}}, True),
        ({"bands": {"Центр"}}, True),
        ({"screenings": {"s06"}, "bands": {"Партер"}}, False),
    ],
)
def test_restrictions(restriction: dict[str, set[str]], *, is_for: bool) -> None:
    named = {name: frozenset(codes) for name, codes in restriction.items()}
    assert covers(Offer(kind=VoucherKind.FREE, value=0, **named), place(1)) is is_for


def test_a_series_has_its_time() -> None:
    hour = timedelta(hours=1)
    assert standing(NOW, None, None, NOW) is Standing.OPEN
    assert standing(NOW + hour, None, None, NOW) is Standing.TOO_EARLY
    assert standing(NOW - hour, NOW, None, NOW) is Standing.ENDED
    assert standing(NOW - hour, None, NOW - hour, NOW) is Standing.ENDED


@pytest.mark.parametrize(
    "typed", ["KINO-7ACD-FGH2", "kino 7acd fgh2", "KINO7ACDFGH2", " kino‑7acd–fgh2\u00a0"]
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert canonical(typed) == "KINO7ACDFGH2"
    assert in_groups(canonical(typed)) == "KINO-7ACD-FGH2"


@given(st.text())
def test_any_text_is_a_code_to_look_for(text: str) -> None:
    assert isinstance(canonical(text), str)


@given(st.integers(1, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_shares_never_pass_the_savings_or_what_is_left(balance: int, saved: list[int]) -> None:
    shares = gift_shares(balance, saved)
    assert sum(shares) == min(balance, sum(saved))
    assert all(0 <= share <= less for share, less in zip(shares, saved, strict=True))
