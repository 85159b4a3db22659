"""Finding screenings by what somebody types: a title or a name in any spelling, in any of the languages."""

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import Words
from ticketing.foundation.i18n import fold

MOST_TYPED = 100
_MOST_WORDS = 8


def search_words(typed: str) -> tuple[str, ...]:
    """Return the words to look for, folded; what is too long for a title or a name is cut."""
    return tuple(fold(typed[:MOST_TYPED]).split()[:_MOST_WORDS])


def is_found(screening: Screening, words: tuple[str, ...]) -> bool:
    """Tell whether each word stands in a title, a director's name, the section, the hall or the venue."""
    if not words:
        return True
    text = _text(screening)
    return all(word in text for word in words)


def _text(screening: Screening) -> str:
    hall = screening.hall
    named: list[Words] = [screening.title, screening.section.name, hall.name, hall.venue.name]
    plain: list[str] = []
    for film in (entry.film for entry in screening.films):
        named.append(film.title)
        plain += (film.title_original, film.directors)
    return fold(" | ".join([*plain, *(text for one in named for text in (one.kk, one.ru, one.en))]))
