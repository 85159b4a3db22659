"""The box office's pure decisions, and what its search makes of a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.boxoffice.rules import (
    DeskState,
    RefundReason,
    desk_state,
    read_reason,
    reason_text,
)
from ticketing.boxoffice.search_terms import SearchTerms, read_query
from ticketing.foundation.i18n import fold

SAME_NAME = [
    ("Айгерім", "Aigerim"), ("Айгерім", "Aygerim"), ("Сәдуақасова", "Saduakasova"), ("Нұрлыбек", "Nurlybek"),
    ("Сәдуақасова", "Sadwaqasova"), ("Ержан", "Yerzhan"), ("Ержан", "Erzhan"), ("Қуаныш", "Quanysh"),
    ("Дінмұхамед", "Dinmukhamed"), ("Юлия", "Yulia"), ("Юлия", "Yuliya"), ("Диана", "Diana"),
    ("Татьяна", "Tatyana"), ("Игорь", "Igor"), ("Цой", "Tsoy"), ("Қанат", "Qanat"), ("Ғалым", "Ghalym"),
    ("Жәнібек", "Janibek"), ("Жәнібек", "Zhanibek"), ("Данияр", "Daniyar"), ("Алёна", "Alyona"),
    ("Еңлік", "Yenlik"), ("Эльмира", "Elmira"), ("Гүлнәр", "Gülnär"), ("Шыңғыс", "Shyngys"),
    ("Шыңғыс", "Şyñğys"), ("Мария", "Maria"), ("Щербакова", "Shcherbakova"), ("Дмитрий", "Dmitry"),
    ("Джамиля", "Jamilya"), ("Наталья", "Natalia"), ("Ксения", "Xeniya"), ("Людмила", "Lyudmila"),
]  # fmt: skip
ANOTHER_NAME = [
    ("Айгерім", "Айнұр"),
    ("Сәуле", "Сәкен"),
    ("Данияр", "Дана"),
    ("Мария", "Марат"),
    ("Ким", "Цой"),
]


@pytest.mark.parametrize(("written", "also"), SAME_NAME)
def test_spellings_of_a_name_meet(written: str, also: str) -> None:
    assert fold(written) == fold(also) == fold(also.upper())


@pytest.mark.parametrize(("one", "other"), ANOTHER_NAME)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert fold(other) not in fold(one)


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_query_is_read(text: str) -> None:
    terms = read_query(text)
    assert all(spelling for spellings in terms.words for spelling in spellings)
    assert not (terms.ticket_code and terms.words)


@pytest.mark.parametrize("phone", ["+7 701 555 12 34", "8 (701) 555-12-34", "87015551234", "+77015551234"])
def test_a_whole_phone_is_read_without_its_prefix(phone: str) -> None:
    assert "7015551234" in read_query(phone).words[0]


def test_a_blank_query_asks_for_nothing() -> None:
    assert read_query("  ") == SearchTerms()


@pytest.mark.parametrize(
    ("order", "total", "refunded", "pending", "told"),
    [
        ("paid", 1, False, False, DeskState.PAID),
        ("paid", 0, False, False, DeskState.FREE),
        ("paid", 1, True, False, DeskState.PART_REFUNDED),
        ("paid", 0, True, False, DeskState.PART_REFUNDED),
        ("paid", 1, True, True, DeskState.REFUND_DUE),
        ("expired", 1, False, True, DeskState.REFUND_DUE),
        ("refunded", 1, True, False, DeskState.REFUNDED),
        ("pending", 1, False, False, DeskState.PENDING),
        ("expired", 0, False, False, DeskState.EXPIRED),
        ("cancelled", 1, False, False, DeskState.CANCELLED),
    ],
)
def test_an_order_s_state_at_the_desk(
    *, order: str, total: int, refunded: bool, pending: bool, told: DeskState
) -> None:
    state = desk_state(order, total_minor=total, refunded=refunded, refund_pending=pending)
    assert state is told


@given(reason=st.sampled_from(RefundReason), note=st.text(), late=st.booleans())
def test_a_reason_is_read_as_it_was_kept(*, reason: RefundReason, note: str, late: bool) -> None:
    codes, read = read_reason(reason_text(reason, note, late=late))
    assert codes == ((reason, "after_deadline") if late else (reason,))
    assert read == note


@pytest.mark.parametrize("text", ["ill", "", "ill: at home", "cannot_come; ill", "x, after_deadline: y"])
def test_another_program_s_reason_stands_as_it_is(text: str) -> None:
    assert read_reason(text) == ((), text)
