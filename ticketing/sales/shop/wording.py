"""Words that pages put together: bands, concessions, places, languages, countries, dates, ages."""

import re
from collections.abc import Mapping
from datetime import date

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from ticketing.catalogue.plans import SeatKind
from ticketing.foundation.i18n import NO_BREAK, language, month_text
from ticketing.sales.place_words import place_words, row_words, seat_words

# Names that seat plans give in Russian; others stand as the plan spells them.
_BANDS: Mapping[str, LazyString] = {
    "Стандарт": lazy_gettext("Standard"),
    "Центр": lazy_gettext("Centre"),
    "Партер": lazy_gettext("Stalls"),
    "Партер I": lazy_gettext("Stalls I"),
    "Партер II": lazy_gettext("Stalls II"),
    "Амфитеатр": lazy_gettext("Amphitheatre"),
    "Балкон": lazy_gettext("Balcony"),
    "VIP диван": lazy_gettext("VIP sofa"),
}
# What plans call the screen, which has a word in each language.
_SCREEN_WORDS = frozenset({"", "экран", "screen", "stage", "сцена"})
# A block that is the whole hall says nothing.
_WHOLE_HALL = frozenset({"", "Зал"})
_CONCESSIONS: Mapping[str, LazyString] = {
    "adult": lazy_gettext("Adult"),
    "student": lazy_gettext("Student"),
    "pensioner": lazy_gettext("Pensioner"),
    "child": lazy_gettext("Child"),
    "registration": lazy_gettext("Free registration"),
    "comp": lazy_gettext("Comp"),
}
_CARDS: Mapping[str, LazyString] = {
    "student": lazy_gettext("Student: show your student card at the door."),
    "pensioner": lazy_gettext("Pensioner: show your pension card at the door."),
    "child": lazy_gettext("Child: show a document with the date of birth at the door."),
}
_KINDS: Mapping[str, LazyString] = {
    SeatKind.WHEELCHAIR: lazy_gettext("wheelchair space"),
    SeatKind.COMPANION: lazy_gettext("companion seat"),
    SeatKind.SOFA: lazy_gettext("sofa"),
    SeatKind.RESTRICTED_VIEW: lazy_gettext("restricted view"),
}
_LOCALES = {name: Locale(name) for name in ("kk", "ru", "en")}
# What is said in Kazakhstan, where CLDR's Russian says otherwise.
_COUNTRIES = {("ru", "KG"): "Кыргызстан"}
_TONGUE = " тілі"
_BACK_VOWELS, _FRONT_VOWELS = "аоұыуюяё", "әөүіеиэ"
_STRICT_AGES = {"16+": 16, "18+": 18, "21+": 21}
_ADULT = 18
_KAZAKH_PHONE = re.compile(r"(\+7)(\d{3})(\d{3})(\d{2})(\d{2})", re.ASCII)


def band(name: str) -> str:
    """Return a price band's name in the reader's language."""
    return str(_BANDS.get(name, name))


def block(name: str) -> str:
    """Return the name of a block of seats; nothing for one that is the whole hall."""
    return "" if name in _WHOLE_HALL else band(name)


def screen_word(name: str) -> str:
    """Return what stands on the screen of a hall's drawing, by the plan's own word for it."""
    return str(_("Screen")) if name.casefold() in _SCREEN_WORDS else name


def concession(code: str) -> str:
    """Return what a kind of ticket is called."""
    return str(_CONCESSIONS.get(code, code))


def card_to_show(code: str) -> str | None:
    """Return what the holder of a concession must have at the door."""
    return str(_CARDS[code]) if code in _CARDS else None


def kind(code: str) -> str | None:
    """Return what is special about a seat."""
    return str(_KINDS[code]) if code in _KINDS else None


def row_name(row: str) -> str:
    """Return `Row 12`; Kazakh writes figures and letters differently."""
    return row_words(_, row)


def line_name(section: str, row: str) -> str:
    """Return a row's name with its block, where the hall has several."""
    where, name = block(section), row_name(row)
    if not where:
        return name
    return f"{where}, {name[:1].lower()}{name[1:]}" if row else where


def seat_name(row: str, number: str) -> str:
    """Return `Row 12, seat 10`, or as much of it as the plan says."""
    return seat_words(_, row, number)


def place_name(section: str, row: str, number: str, band: str) -> str:
    """Return where a ticket's owner sits, with the block where the hall has several.

    Places of unnumbered halls are those without block, row and band.
    """
    return place_words(_, block(section), row, number, numbered=bool(band))


def tongue(code: str) -> str:
    """Return a language's name as it stands in a film's facts: қазақша, казахский, Kazakh."""
    lang = language()
    name = str(_LOCALES[lang].languages.get(code, code))
    if lang == "kk" and name.endswith(_TONGUE):
        return spoken_in_kazakh(name.removesuffix(_TONGUE))
    return name


def spoken_in_kazakh(adjective: str) -> str:
    """Return `қазақша` of `қазақ`: the suffix follows the last vowel."""
    last = next((letter for letter in reversed(adjective) if letter in _BACK_VOWELS + _FRONT_VOWELS), "а")
    return adjective + ("ша" if last in _BACK_VOWELS else "ше")


def tongues(codes: list[str]) -> str:
    """Return several languages, as a list in one line."""
    return ", ".join(tongue(code) for code in codes)


def countries(codes: list[str]) -> str:
    """Return countries by their ISO 3166 codes."""
    lang = language()
    names = _LOCALES[lang].territories
    return ", ".join(str(_COUNTRIES.get((lang, code)) or names.get(code, code)) for code in codes)


def day_month(day: date, lang: str) -> str:
    """Return `24 November`."""
    return f"{day.day}{NO_BREAK}{month_text(day, lang)}"


def date_range(first: date, last: date, lang: str) -> str:
    """Return `24–30 November 2024` in the order of the language."""
    if (first.year, first.month) == (last.year, last.month):
        days = f"{first.day}–{last.day}{NO_BREAK}{month_text(last, lang)}"
    else:
        days = f"{day_month(first, lang)} – {day_month(last, lang)}"
    if lang == "kk":
        return f"{last.year}{NO_BREAK}ж. {days}"
    return f"{days} {last.year}{NO_BREAK}г." if lang == "ru" else f"{days} {last.year}"


def phone(number: str) -> str:
    """Return an E.164 number of Kazakhstan as people write it, `+7 701 555 12 34`; others as they are."""
    match = _KAZAKH_PHONE.fullmatch(number)
    return NO_BREAK.join(match.groups()) if match else number


def age_notices(rating: str, *, late: bool) -> list[str]:
    """Return what a buyer must know of an age rating, and of an end after 22:00."""
    age = _STRICT_AGES.get(rating, 0)
    notices = []
    if age:
        notices.append(
            ngettext(
                "Anyone under %(num)d will not be admitted, even with a ticket.",
                "Anyone under %(num)d will not be admitted, even with a ticket.",
                age,
            )
        )
    if late and age < _ADULT:
        notices.append(
            _(
                "This screening ends after 22:00. Anyone under 18 needs a parent or guardian with them, "
                "otherwise they may be refused."
            )
        )
    return notices


def taken() -> str:
    """Return what is said of a seat that cannot be had."""
    return str(_("taken"))


def mine() -> str:
    """Return what is said of a seat that this browser holds."""
    return str(_("in your basket"))


def cancelled() -> str:
    """Return what is said of a screening that staff have cancelled."""
    return str(_("This screening will not take place. Whoever has bought a ticket gets the money back."))
