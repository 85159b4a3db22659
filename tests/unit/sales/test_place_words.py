"""What places are called, also those whose plan gives them no row, no number, or neither."""

import pytest

from ticketing.foundation.i18n import sentences
from ticketing.sales.place_words import place_words, row_words


@pytest.mark.parametrize(
    ("block", "row", "number", "kk", "ru", "en"),
    [
        ("", "3", "5", "3-қатар, 5-орын", "Ряд 3, место 5", "Row 3, seat 5"),
        ("", "А", "5", "А қатары, 5-орын", "Ряд А, место 5", "Row А, seat 5"),
        ("B", "3", "5", "B, 3-қатар, 5-орын", "B, ряд 3, место 5", "B, row 3, seat 5"),
        ("", "3", "", "3-қатар", "Ряд 3", "Row 3"),
        ("", "", "5", "5-орын", "Место 5", "Seat 5"),
        ("B", "", "5", "B, 5-орын", "B, место 5", "B, seat 5"),
        ("B", "", "", "B", "B", "B"),
        ("", "", "", "Нөмірсіз орын", "Место без номера", "Unnumbered place"),
    ],
)
def test_a_seat_is_called_what_the_plan_says(
    block: str, row: str, number: str, kk: str, ru: str, en: str
) -> None:
    for language, words in (("kk", kk), ("ru", ru), ("en", en)):
        assert place_words(sentences(language), block, row, number, numbered=True) == words


def test_a_place_of_an_unnumbered_hall_has_no_number_to_look_for() -> None:
    assert place_words(sentences("en"), "", "", "17", numbered=False) == "Unnumbered place"


def test_a_row_without_a_name_is_called_that() -> None:
    said = [row_words(sentences(language), "") for language in ("kk", "ru", "en")]
    assert said == ["Атауы жоқ қатар", "Ряд без названия", "Row without a name"]
