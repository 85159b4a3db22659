"""Languages: which one a request speaks, how dates and money look, how names are folded for search."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.support import NullTranslations, Translations
from flask import g, has_request_context, request
from flask_babel import force_locale

from ticketing.foundation.money import MINOR_PER_MAJOR, Money

LANGUAGES = ("kk", "ru", "en")
LANGUAGE_COOKIE = "language"
_TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
_DATES = 2000
NO_BREAK = "\u00a0"
_SYMBOLS = {"KZT": "₸"}
# kk puts the weekday last, ru and en first (DESIGN, section 12). Babel's en_GB gives British words and order.
_LOCALES = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_FULL = {
    "kk": "y\u00a0'ж'. d\u00a0MMMM, EEEE",
    "ru": "EEEE, d\u00a0MMMM y\u00a0'г'.",
    "en": "EEEE, d\u00a0MMMM y",
}
_DAY = {"kk": "d\u00a0MMMM, EEEE", "ru": "EEEE, d\u00a0MMMM", "en": "EEEE, d\u00a0MMMM"}
_SHORT = {"kk": "d\u00a0MMM, ccc", "ru": "ccc, d\u00a0MMM", "en": "ccc d\u00a0MMM"}
_KAZAKH_TO_PLAIN = str.maketrans(
    dict(zip("әіңғүұқөһыэщ", "аингуукохиеш", strict=True))
    | {"я": "иа", "ю": "иу", "ь": "", "ъ": ""}
    | {"ş": "sh", "ç": "ch", "ı": "y"}  # Kazakh and Turkish Latin: these marks mean another sound
)
# How a Latin spelling of a Kazakh or Russian name sounds; longer first. Both sides are brought to Cyrillic.
_LATIN_TO_CYRILLIC = (
    ("shch", "ш"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("gh", "г"),
    ("ye", "е"),
    ("yo", "е"),
    ("x", "кс"),
    *zip("abcdefghijklmnopqrstuvwyz", "абкдефгхижклмнопкрстувуиз", strict=True),
)
# What is written in several ways in either alphabet: Shyngys and Шыңғыс, Dzhamilya and Jamilya.
_SAME_SOUND = (("нг", "н"), ("дж", "ж"))
_DOUBLED = re.compile(r"([а-я])\1+")


def sentences(lang: str) -> Callable[..., str]:
    """Return gettext for one language: for what is written without a request, as mails are."""
    catalogue = _catalogue(lang)

    def say(sentence: str, **values: object) -> str:
        text = catalogue.gettext(sentence)
        return text % values if values else text

    return say


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(_TRANSLATIONS, [lang])


def language() -> str:
    """Return the request's language: the path's, else the reader's choice, the browser's, kk."""
    try:
        spoken: str = g.language  # asked for sixty times by a page
    except (AttributeError, RuntimeError):
        if not has_request_context():
            return LANGUAGES[0]
        spoken = g.language = _chosen_language()
    return spoken


def say(sentence: str) -> str:
    """Return a sentence in the request's language, for templates: a page asks for dozens."""
    return _catalogue(language()).gettext(sentence)


def say_number(one: str, many: str, number: int) -> str:
    """Return the form of a sentence that a number wants, in the request's language."""
    return _catalogue(language()).ngettext(one, many, number)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Let a request speak another language for a while: for what is written in all of them at once."""
    before = language()
    g.language = lang
    try:
        with force_locale(lang):
            yield
    finally:
        g.language = before


def _chosen_language() -> str:
    in_path = language_in_path()
    if in_path is not None:
        return in_path
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def language_in_path() -> str | None:
    """Return the language that the path begins with, if any; a path that leads nowhere may have one too."""
    first = request.path[1:].partition("/")[0]
    return first if first in LANGUAGES else None


def money_text(money: Money) -> str:
    """Return `4 500 ₸` with no-break spaces in all three languages; hundredths only if there are any."""
    major, rest = divmod(abs(money.minor), MINOR_PER_MAJOR)
    text = f"{major:,}".replace(",", NO_BREAK)
    if rest:
        text += f",{rest:02}"
    sign = "−" if money.minor < 0 else ""
    return f"{sign}{text}{NO_BREAK}{_SYMBOLS.get(money.currency, money.currency)}"


def full_date(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """Return the date with weekday and year, in the hall's zone."""
    return _formatted(moment.astimezone(zone).date(), _FULL, lang)


def full_date_time(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """Return `2024 ж. 24 қараша, жексенбі, 18:30` and its likes."""
    return f"{full_date(moment, zone, lang)}, {time_text(moment, zone)}"


def day_text(day: date, lang: str) -> str:
    """Return weekday, day and month."""
    return _formatted(day, _DAY, lang)


def short_date(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """Return the short form for tables: `вс, 24 нояб.`."""
    return _formatted(moment.astimezone(zone).date(), _SHORT, lang)


def time_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return hours and minutes in the hall's zone, 24 hours."""
    return moment.astimezone(zone).strftime("%H:%M")


def month_text(day: date, lang: str) -> str:
    """Return the month as it stands after a day's number."""
    return _written(day, "MMMM", lang)


def weekday_text(day: date, lang: str, *, short: bool = False) -> str:
    """Return the name of the weekday."""
    return _written(day, "ccc" if short else "EEEE", lang)


def _formatted(day: date, patterns: dict[str, str], lang: str) -> str:
    return _written(day, patterns[lang], lang)


@lru_cache(maxsize=_DATES)
def _written(day: date, pattern: str, lang: str) -> str:
    # Remembered: a festival has few days, and each page says some of them several times.
    return format_date(day, pattern, locale=_LOCALES[lang])


def fold(text: str) -> str:
    """Return text for search: small letters, with Kazakh letters and Latin spellings as plain Cyrillic.

    Different names may fold to the same: a search that finds one too many is better than one that misses.
    """
    small = unicodedata.normalize("NFKC", text).casefold().translate(_KAZAKH_TO_PLAIN)
    # Decomposed, marks fall off: й is и, ё is е, ä is a.
    plain = "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))
    for latin, cyrillic in _LATIN_TO_CYRILLIC:
        plain = plain.replace(latin, cyrillic)
    for written, sound in _SAME_SOUND:
        plain = plain.replace(written, sound)
    return " ".join(_DOUBLED.sub(r"\1", plain).split())
