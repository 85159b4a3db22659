"""The shop's pure decisions: states, the timetable, the alphabet, small words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.sales.shop.alphabet import alphabetical
from ticketing.sales.shop.order_states import OrderState, order_state
from ticketing.sales.shop.states import Sale, SaleState, sale_state
from ticketing.sales.shop.timetable import Slot, festival_day, hours_of, position, rows_of
from ticketing.sales.shop.wording import date_range, phone, spoken_in_kazakh

NOON = datetime(2024, 11, 25, 12, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")


def sale(**changed: object) -> Sale:
    facts = {
        "status": "on_sale",
        "audience": "public",
        "closes_at": NOON + timedelta(hours=1),
        "ends_at": NOON + timedelta(hours=3),
        "free": 100,
        "public": 200,
    }
    return Sale(**{**facts, **changed})


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, SaleState.ON_SALE),
        ({"free": 31}, SaleState.ON_SALE),
        ({"free": 30}, SaleState.FEW),
        ({"public": 21, "free": 21}, SaleState.ON_SALE),
        ({"public": 20, "free": 20}, SaleState.FEW),
        ({"free": 0}, SaleState.SOLD_OUT),
        ({"status": "scheduled", "free": 0}, SaleState.NOT_YET),
        ({"status": "scheduled", "audience": "market"}, SaleState.ACCREDITATION),
        ({"audience": "invitation"}, SaleState.ON_SALE),
        ({"status": "closed"}, SaleState.CLOSED),
        ({"closes_at": NOON}, SaleState.CLOSED),
        ({"ends_at": NOON}, SaleState.ENDED),
        ({"ends_at": NOON, "status": "cancelled"}, SaleState.CANCELLED),
    ],
)
def test_how_a_screening_stands(changed: dict[str, object], state: SaleState) -> None:
    assert sale_state(sale(**changed), NOON) is state
    assert state.is_open == (state in (SaleState.ON_SALE, SaleState.FEW))


@pytest.mark.parametrize(
    ("status", "payments", "late", "back", "state"),
    [
        ("pending", ["open"], False, False, OrderState.TO_PAY),
        ("pending", ["starting"], False, False, OrderState.TO_PAY),
        ("pending", ["open"], False, True, OrderState.WAITING),
        ("pending", ["open"], True, False, OrderState.WAITING),
        ("pending", ["declined"], False, True, OrderState.DECLINED),
        ("pending", ["declined", "open"], False, False, OrderState.TO_PAY),
        ("pending", ["declined"], True, False, OrderState.EXPIRED),
        ("pending", ["parked"], False, True, OrderState.CHECKING),
        ("pending", ["parked", "open"], False, False, OrderState.CHECKING),
        ("expired", ["parked"], True, False, OrderState.CHECKING),
        ("paid", ["parked", "captured"], False, False, OrderState.PAID),
        ("pending", ["captured"], False, False, OrderState.TO_PAY),
        ("pending", ["captured"], True, False, OrderState.EXPIRED),
        ("paid", ["captured"], True, True, OrderState.PAID),
        ("expired", ["expired"], False, False, OrderState.EXPIRED),
        ("cancelled", [], False, False, OrderState.CANCELLED),
        ("refunded", ["captured"], False, False, OrderState.REFUNDED),
    ],
)
def test_what_an_order_says_first(
    status: str, payments: list[str], *, late: bool, back: bool, state: OrderState
) -> None:
    until = NOON if late else NOON + timedelta(minutes=5)
    said = order_state(status, payments, until, NOON, refunded=False, cancelled=False, back_from_bank=back)
    assert said is state


@pytest.mark.parametrize(
    ("status", "payments", "state"),
    [
        ("pending", ["open"], OrderState.OFF),
        ("pending", ["processing"], OrderState.OFF),
        ("pending", ["declined"], OrderState.OFF),
        ("expired", ["expired"], OrderState.OFF),
        ("pending", ["parked"], OrderState.CHECKING),
        ("paid", ["captured"], OrderState.PAID),
    ],
)
def test_an_order_of_a_cancelled_screening_is_not_to_be_paid(
    status: str, payments: list[str], state: OrderState
) -> None:
    until = NOON + timedelta(minutes=5)
    said = order_state(status, payments, until, NOON, refunded=False, cancelled=True, back_from_bank=False)
    assert said is state


def test_a_paid_order_with_a_refunded_ticket_is_part_refunded() -> None:
    said = order_state("paid", ["captured"], NOON, NOON, refunded=True, cancelled=False, back_from_bank=False)
    assert said is OrderState.PART_REFUNDED


def slot(code: str, hall: str, start: str, minutes: int) -> Slot:
    starts = datetime.fromisoformat(start).replace(tzinfo=ALMATY)
    return Slot(code=code, hall=hall, starts=starts, ends=starts + timedelta(minutes=minutes))


def test_the_timetable() -> None:
    slots = [
        slot("a", "one", "2024-11-25T11:00", 90),
        slot("b", "two", "2024-11-25T22:10", 135),
        slot("c", "one", "2024-11-25T12:30", 95),
    ]
    hours = hours_of(slots)
    assert list(hours.shown) == list(range(11, 25))
    rows, row_of = rows_of(slots, ["two", "one"])
    assert rows == ["two", "one"]
    assert position(slots[0], hours, row_of["a"]).at == 1
    last = position(slots[1], hours, row_of["b"])
    assert (last.at, last.length, last.row) == (135, 27, 1)


def test_screenings_that_overlap_in_a_hall_get_rows_of_their_own() -> None:
    slots = [slot("a", "one", "2024-11-25T11:00", 90), slot("b", "one", "2024-11-25T12:00", 90)]
    rows, row_of = rows_of(slots, ["one"])
    assert rows == ["one", "one"]
    assert row_of == {"a": 1, "b": 2}


def test_a_screening_after_midnight_belongs_to_the_evening_before() -> None:
    late = slot("a", "one", "2024-11-26T00:30", 60)
    assert festival_day(late.starts) == date(2024, 11, 25)
    assert list(hours_of([late]).shown) == [24, 25]


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 60), st.sampled_from("abc")), min_size=1, max_size=30
    )
)
def test_no_two_cards_lie_on_each_other(drawn: list[tuple[int, int, str]]) -> None:
    begin = datetime(2024, 11, 25, 6, tzinfo=ALMATY)
    slots = [
        Slot(
            code=str(number),
            hall=hall,
            starts=begin + timedelta(minutes=5 * at),
            ends=begin + timedelta(minutes=5 * (at + length)),
        )
        for number, (at, length, hall) in enumerate(drawn)
    ]
    hours = hours_of(slots)
    rows, row_of = rows_of(slots, ["a", "b", "c"])
    taken = set()
    for one in slots:
        where = position(one, hours, row_of[one.code])
        assert rows[where.row - 1] == one.hall
        assert where.at >= 1
        cells = {(where.row, column) for column in range(where.at, where.at + where.length)}
        assert not cells & taken
        taken |= cells


def test_kazakh_letters_stand_where_the_alphabet_has_them() -> None:
    words = ["Ягни", "Ән", "Ұшақ", "Іні", "Қала", "Ай", "Кен", "«Бота»"]
    assert sorted(words, key=lambda word: alphabetical(word, "kk")) == [
        "Ай", "Ән", "«Бота»", "Кен", "Қала", "Ұшақ", "Іні", "Ягни",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("adjective", "said"),
    [
        ("қазақ", "қазақша"),
        ("орыс", "орысша"),
        ("ағылшын", "ағылшынша"),
        ("өзбек", "өзбекше"),
        ("неміс", "немісше"),
    ],
)
def test_languages_in_kazakh(adjective: str, said: str) -> None:
    assert spoken_in_kazakh(adjective) == said


def test_dates_and_phones() -> None:
    first, last = date(2024, 11, 24), date(2024, 11, 30)
    assert date_range(first, last, "kk") == "2024\u00a0ж. 24–30\u00a0қараша"
    assert date_range(first, last, "ru") == "24–30\u00a0ноября 2024\u00a0г."
    assert date_range(first, last, "en") == "24–30\u00a0November 2024"
    assert (
        date_range(date(2024, 11, 29), date(2024, 12, 5), "en") == "29\u00a0November – 5\u00a0December 2024"
    )
    assert phone("+77015551234") == "+7\u00a0701\u00a0555\u00a012\u00a034"
    assert phone("+442071234567") == "+442071234567"
