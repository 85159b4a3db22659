"""Dates in three languages (DESIGN, section 12), and spellings that meet in a search."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.foundation.i18n import fold, full_date_time, short_date, time_text

ALMATY = ZoneInfo("Asia/Almaty")
OPENING = datetime(2024, 11, 24, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kk", "2024 ж. 24 қараша, жексенбі, 18:30"),
        ("ru", "воскресенье, 24 ноября 2024 г., 18:30"),
        ("en", "Sunday, 24 November 2024, 18:30"),
    ],
)
def test_a_moment_in_words(language: str, text: str) -> None:
    written = full_date_time(OPENING, ALMATY, language)
    assert written.replace("\u00a0", " ") == text
    assert "24\u00a0" in written  # the day does not part from its month at a line's end


def test_the_day_is_the_halls() -> None:
    midnight = datetime(2024, 11, 24, 19, 0, tzinfo=UTC)
    assert time_text(midnight, ALMATY) == "00:00"
    assert "25" in short_date(midnight, ALMATY, "en")


@pytest.mark.parametrize(
    "spellings",
    [
        ("Айгерім", "Айгерим", "Aigerim", "АЙГЕРІМ", "aigerım".replace("ı", "i")),
        ("Сәдуақасова", "Садуакасова", "Saduakasova", "Saduaqasova"),
        ("Жұмабай", "Жумабай", "Zhumabai", "Zhumabay"),
        ("Нұрлан", "Нурлан", "Nurlan"),
        ("Ғани", "Гани", "Gani", "Ghani"),
        ("Қазақ", "Казак", "Kazak", "Qazaq"),
        ("Өмір", "Омир", "Omir"),
        ("Шыңғыс", "Шынгыс", "Shyngys"),
        ("Мұхтар", "Мухтар", "Mukhtar"),
        ("Алёна", "Алена", "Alena"),
        ("Юлия", "Yuliya"),
        ("Ержан   Бек", "Ержан Бек", "Erzhan\u00a0Bek"),
    ],
)
def test_spellings_meet(spellings: tuple[str, ...]) -> None:
    assert len({fold(one) for one in spellings}) == 1, {one: fold(one) for one in spellings}


def test_different_names_stay_different() -> None:
    names = ("Айгерім", "Айгүл", "Асем", "Азамат", "Данияр", "Дана", "Тимур", "Темир")
    assert len({fold(name) for name in names}) == len(names)


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_constants_are_real_days() -> None:
    assert OPENING.astimezone(ALMATY).date() == date(2024, 11, 24)
