"""What somebody typed into the desk's one search field, turned into what to look for. Pure."""

import re
from dataclasses import dataclass

from ticketing.foundation.i18n import fold
from ticketing.tickets.codes import CodeKind, parse

_PHONE = re.compile(r"[\d\s()+.\-\u2010-\u2015\u2212]+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_FEWEST_DIGITS = 4
# +7 701 555 12 34 and 8 701 555 12 34 are one number: the trunk prefix and the country's code fall off.
_NATIONAL_DIGITS = 10
_PREFIXES = ("7", "8")
_MOST_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class SearchTerms:
    """A ticket's code in its one spelling, or words: every word must be met by one of its spellings."""

    ticket_code: str = ""
    words: tuple[frozenset[str], ...] = ()


def read_query(text: str) -> SearchTerms:
    """Read a query: an order's code, a name in any spelling, a mail address, a phone, a ticket's code."""
    code = parse(text)
    if code.kind in (CodeKind.OPAQUE, CodeKind.SIGNED):
        return SearchTerms(ticket_code=code.canonical)
    if _PHONE.fullmatch(text) and (digits := _digits(text)):
        return SearchTerms(words=(digits | {text.translate(_DASHES).strip()},))
    return SearchTerms(words=tuple(_spellings(word) for word in text.split()[:_MOST_WORDS]))


def _spellings(word: str) -> frozenset[str]:
    lower = word.translate(_DASHES).lower()
    digits = _digits(word) if _PHONE.fullmatch(word) else frozenset[str]()
    return frozenset(spelling for spelling in {lower, fold(word), *digits} if spelling)


def _digits(text: str) -> frozenset[str]:
    digits = "".join(character for character in text if character in "0123456789")
    if len(digits) < _FEWEST_DIGITS:
        return frozenset()
    national = digits[1:] if digits.startswith(_PREFIXES) else digits
    if len(digits) == _NATIONAL_DIGITS + 1:
        return frozenset({national})
    return frozenset({digits, national})
