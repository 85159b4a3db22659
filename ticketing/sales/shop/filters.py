"""The programme's filters, as a GET form sends them. Whatever the address says, the answer is a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from ticketing.sales.shop.cards import Card
from ticketing.sales.shop.finding import MOST_TYPED, is_found, search_words
from ticketing.sales.shop.timetable import festival_day


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What to show; an empty part does not narrow anything."""

    typed: str = ""
    sections: frozenset[str] = frozenset()
    hall: str = ""
    audio: str = ""
    subtitles: str = ""
    has_places: bool = False
    gratis: bool = False
    day: date | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether everything is shown."""
        return self == Filters()

    def fits(self, card: Card) -> bool:
        """Tell whether a screening is shown."""
        screening = card.screening
        return (
            (not self.sections or screening.section.code in self.sections)
            and (not self.hall or screening.hall.code == self.hall)
            and (not self.audio or self.audio in screening.audio)
            and (not self.subtitles or self.subtitles in screening.subtitles)
            and (not self.has_places or card.state.is_open)
            and (not self.gratis or card.is_gratis)
            and (self.day is None or festival_day(card.starts) == self.day)
            and is_found(screening, search_words(self.typed))
        )


def read_filters(arguments: MultiDict[str, str]) -> Filters:
    """Read the filters of an address; a day that is none is left out, other unknown values fit nothing."""
    return Filters(
        typed=_line(arguments.get("q", "")[:MOST_TYPED]),
        sections=frozenset(section for section in arguments.getlist("section") if section),
        hall=arguments.get("hall", ""),
        audio=arguments.get("audio", ""),
        subtitles=arguments.get("subtitles", ""),
        has_places="places" in arguments,
        gratis="gratis" in arguments,
        day=_day(arguments.get("day", "")),
    )


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The languages that the filters offer: only what the programme has."""

    audio: Sequence[str]
    subtitles: Sequence[str]


def choices_of(cards: Sequence[Card]) -> Choices:
    """Return what there is to filter by, in the order of the first screening."""
    return Choices(
        audio=_distinct(card.screening.audio for card in cards),
        subtitles=_distinct(card.screening.subtitles for card in cards),
    )


def _distinct(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(value for group in groups for value in group))


def _line(text: str) -> str:
    """Return text with single blanks and without what cannot be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
