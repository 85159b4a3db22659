"""Prices: whose price is meant when nobody says, and which one holds for a band."""

from hypothesis import given
from hypothesis import strategies as st

from ticketing.sales.pricing import PriceTable
from ticketing.sales.rules import OrderStatus, PaymentState, Receipt, on_captured

TABLE = PriceTable.of(
    [("", "adult", 2000), ("", "student", 1400), ("VIP", "adult", 5000), ("Балкон", "child", 700)]
)


def test_a_blank_band_is_every_band_and_a_named_one_goes_first() -> None:
    assert TABLE.price("VIP", "adult") == ("adult", 5000)
    assert TABLE.price("VIP", "student") == ("student", 1400)
    assert TABLE.price("Партер", "adult") == ("adult", 2000)
    assert TABLE.concessions("Балкон") == {"adult": 2000, "student": 1400, "child": 700}


def test_an_omitted_concession() -> None:
    assert TABLE.price("VIP", None) == ("adult", 5000)
    assert PriceTable.of([("", "registration", 0)]).price("x", None) == ("registration", 0)
    assert PriceTable.of([("", "student", 1), ("", "child", 2)]).price("x", None) is None
    assert PriceTable().price("x", None) is None
    assert TABLE.price("VIP", "astronaut") is None


def test_the_lowest_full_price_is_what_from_says() -> None:
    assert TABLE.lowest() == 2000
    assert PriceTable().lowest() is None


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["", "A", "B"]), st.sampled_from(["adult", "student", "child"])),
        st.integers(0, 10**6),
    )
)
def test_a_price_is_one_of_the_list(amounts: dict[tuple[str, str], int]) -> None:
    table = PriceTable(amounts)
    for band in ("A", "B", "C"):
        for concession in (None, "adult", "student", "child"):
            priced = table.price(band, concession)
            if priced is not None:
                assert priced[1] in (amounts.get((band, priced[0])), amounts.get(("", priced[0])))


def test_what_captured_money_means() -> None:
    owed = (1000, "KZT")
    decided = {
        (order, payment): on_captured(order, payment, owed=owed, captured=owed)
        for order in OrderStatus
        for payment in (PaymentState.OPEN, PaymentState.EXPIRED, PaymentState.CAPTURED, PaymentState.PARKED)
    }
    for order in OrderStatus:
        assert decided[order, PaymentState.CAPTURED] is decided[order, PaymentState.PARKED] is Receipt.KNOWN
    assert decided[OrderStatus.PENDING, PaymentState.OPEN] is Receipt.ISSUE
    assert decided[OrderStatus.EXPIRED, PaymentState.EXPIRED] is Receipt.TAKE_BACK_OR_REFUND
    assert decided[OrderStatus.PAID, PaymentState.OPEN] is Receipt.REFUND
    for other in ((999, "KZT"), (1000, "USD")):
        assert on_captured(OrderStatus.PENDING, PaymentState.OPEN, owed=owed, captured=other) is Receipt.PARK
