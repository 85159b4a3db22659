"""What buyers may return themselves and what it costs them, for any policy."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ticketing.sales.refund_rules import Bar, RefundPolicy, Showing, bar, is_late, split, ticket_fee

STARTS = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
PRICES = st.integers(0, 10**8)
POLICIES = st.builds(
    RefundPolicy,
    self_service=st.booleans(),
    until_hours=st.integers(0, 744),
    fee_percent=st.integers(0, 100),
    fee_minor=st.integers(0, 10**7),
)
SHOWINGS = st.builds(
    Showing, starts_at=st.just(STARTS), cancelled=st.booleans(), film_changed=st.booleans(), policy=POLICIES
)
MOMENTS = st.timedeltas(timedelta(days=-40), timedelta(days=2)).map(lambda span: STARTS + span)


def showing(
    *,
    cancelled: bool = False,
    film_changed: bool = False,
    self_service: bool = True,
    hours: int = 24,
    **fees: int,
) -> Showing:
    policy = RefundPolicy(
        self_service=self_service,
        until_hours=hours,
        fee_percent=fees.get("percent", 0),
        fee_minor=fees.get("minor", 0),
    )
    return Showing(starts_at=STARTS, cancelled=cancelled, film_changed=film_changed, policy=policy)


def barred(of: Showing, now: datetime) -> Bar | None:
    return bar(of, now, void=False, blocked=False, admitted=False)


@given(PRICES, SHOWINGS)
def test_the_fee_is_never_negative_nor_more_than_the_price(price: int, of: Showing) -> None:
    assert 0 <= ticket_fee(price, of) <= price


@given(PRICES, POLICIES)
def test_nothing_is_kept_of_a_screening_that_is_not_what_was_sold(price: int, policy: RefundPolicy) -> None:
    for cancelled in (True, False):
        of = Showing(starts_at=STARTS, cancelled=cancelled, film_changed=not cancelled, policy=policy)
        assert ticket_fee(price, of) == 0


@given(st.integers(0, 10**6).map(lambda major: major * 100), SHOWINGS)
def test_a_dearer_ticket_never_keeps_less(price: int, of: Showing) -> None:
    assert ticket_fee(price, of) <= ticket_fee(price + 100, of)


def test_fees_are_worked_out_for_each_ticket() -> None:
    assert ticket_fee(175_000, showing(percent=15)) == 26_300
    assert ticket_fee(250_000, showing(percent=10, minor=20_000)) == 45_000
    assert ticket_fee(10_000, showing(minor=20_000)) == 10_000
    assert ticket_fee(0, showing(percent=100, minor=20_000)) == 0


@given(SHOWINGS, MOMENTS)
def test_a_used_ticket_is_never_returned(of: Showing, now: datetime) -> None:
    assert bar(of, now, void=False, blocked=False, admitted=True) is Bar.ADMITTED
    assert bar(of, now, void=False, blocked=True, admitted=False) is Bar.BLOCKED
    assert bar(of, now, void=True, blocked=True, admitted=True) is Bar.VOID


@given(SHOWINGS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_what_is_too_late_stays_too_late(of: Showing, now: datetime, later: timedelta) -> None:
    if barred(of, now) is not None:
        assert barred(of, now + later) is not None


@given(SHOWINGS, MOMENTS)
def test_the_desk_is_told_of_exactly_those_that_buyers_cannot_return(of: Showing, now: datetime) -> None:
    assert is_late(of, now) == (barred(of, now) is not None)


def test_the_deadline_is_hours_before_the_beginning_and_belongs_to_the_other_side() -> None:
    deadline = STARTS - timedelta(hours=24)
    assert barred(showing(), deadline - timedelta(microseconds=1)) is None
    assert barred(showing(), deadline) is Bar.LATE
    assert barred(showing(self_service=False), deadline - timedelta(days=9)) is Bar.OFF
    assert barred(showing(cancelled=True, self_service=False), STARTS + timedelta(days=1)) is None
    assert barred(showing(film_changed=True, self_service=False), STARTS - timedelta(seconds=1)) is None
    assert barred(showing(film_changed=True), STARTS) is Bar.LATE
    assert barred(showing(hours=0), STARTS - timedelta(microseconds=1)) is None


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**8), max_size=6))
def test_an_amount_is_spread_whole_or_not_at_all(amount: int, left: list[int]) -> None:
    parts = split(amount, left)
    if parts is None:
        assert sum(left) < amount
    else:
        assert sum(parts) == amount
        assert all(0 <= part <= most for part, most in zip(parts, left, strict=True))


def test_the_first_payments_are_used_up_first() -> None:
    assert split(50, [30, 40, 10]) == [30, 20, 0]
