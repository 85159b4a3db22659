"""Sorting by the alphabet's own order: Unicode puts Ә and І after Я. Pure."""

from collections.abc import Mapping

_ALPHABETS: Mapping[str, str] = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
_ORDERS = {lang: {letter: n for n, letter in enumerate(letters)} for lang, letters in _ALPHABETS.items()}


def alphabetical(title: str, lang: str) -> tuple[tuple[int, str], ...]:
    """Return a key for sorting titles of a language; quotation marks and other signs do not count."""
    order = _ORDERS[lang]
    letters = [letter for letter in title.casefold() if letter.isalnum() or letter == " "]
    return tuple(
        (order.get(letter, -1 if not letter.isalpha() else len(order)), letter) for letter in letters
    )
