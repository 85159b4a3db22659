"""Films: the list, and one film with its screenings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request

from ticketing.catalogue.models import Film
from ticketing.catalogue.queries import film_by_code
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import LANGUAGES, language
from ticketing.foundation.pages import in_language
from ticketing.foundation.web import allow, runtime
from ticketing.inventory.places import free_counts
from ticketing.inventory.queries import wheelchair_counts
from ticketing.sales.shop import wording
from ticketing.sales.shop.alphabet import alphabetical
from ticketing.sales.shop.cards import Card, is_listed, make_cards
from ticketing.sales.shop.filters import read_filters
from ticketing.sales.shop.finding import is_found, search_words
from ticketing.sales.shop.linked_data import film_data
from ticketing.sales.shop.site import load_site, remembered, site

blueprint = Blueprint("films", __name__, url_prefix="/<language:language>/films")
_MORE = 4


@dataclass(frozen=True, kw_only=True)
class FilmCard:
    """A film with its first screening that the audience hears of."""

    film: Film
    title: str
    first: Card


@blueprint.get("/")
@allow("public")
def index() -> Response:
    """List the films in the order of the reader's alphabet."""
    typed = read_filters(request.args).typed
    words = search_words(typed)
    found = [card for card in _cards() if is_found(card.screening, words)]
    films = sorted(_films(found), key=lambda card: alphabetical(card.title, language()))
    return Response(render_template("shop/films.html", films=films, typed=typed))


@blueprint.get("/<code:code>")
@allow("public")
def show(code: str) -> Response:
    """Show a film, its screenings, and others like it."""
    with runtime().database.reading() as session:
        film = film_by_code(session, code)
    cards = _cards()
    own = [card for card in cards if any(entry.film.id == film.id for entry in card.screening.films)]
    if not own:
        raise NotFoundError
    with runtime().database.reading() as session:
        spaces = wheelchair_counts(session, [card.screening.id for card in own])
    page = render_template(
        "shop/film.html",
        film=film,
        title=in_language(film.title),
        other_titles=_other_titles(film),
        slots=own,
        section=own[0].screening.section,
        facts=_facts(own),
        wheelchair_spaces=max(spaces.values(), default=0),
        countries=wording.countries(film.countries),
        linked=film_data(film, own, site()),
        more=_like(film, own[0], _films(cards)),
    )
    return Response(page)


def _cards() -> list[Card]:
    here = runtime()
    now: datetime = here.clock.now()
    with here.database.reading() as session:
        site = load_site(session)
        screenings = [s for s in remembered().screenings(session, site.zone) if is_listed(s)]
        return make_cards(screenings, free_counts(session, now), site, now)


def _films(cards: Sequence[Card]) -> list[FilmCard]:
    """Return each film once, in the order of its first screening."""
    films: dict[int, FilmCard] = {}
    for card in cards:
        for entry in card.screening.films:
            title = in_language(entry.film.title)
            films.setdefault(entry.film.id, FilmCard(film=entry.film, title=title, first=card))
    return list(films.values())


def _like(film: Film, shown: Card, films: Sequence[FilmCard]) -> list[FilmCard]:
    """Return a few others: of the same section first, then those that are shown next."""
    others = [card for card in films if card.film.id != film.id]
    section = shown.screening.section.id
    return sorted(
        others,
        key=lambda card: (
            card.first.screening.section.id != section,
            card.first.starts < shown.starts,
            card.first.starts,
        ),
    )[:_MORE]


def _other_titles(film: Film) -> list[tuple[str | None, str]]:
    """Return the titles in other languages and the original one, each once, with its language if known."""
    reader = language()
    titles: dict[str, str | None] = {}
    for lang in LANGUAGES:
        if lang != reader:
            titles.setdefault(getattr(film.title, lang), lang)
    titles.setdefault(film.title_original, None)
    return [(lang, title) for title, lang in titles.items() if title and title != in_language(film.title)]


def _facts(cards: Sequence[Card]) -> dict[str, list[str]]:
    """Return the languages of all its screenings, each once."""
    return {
        name: list(dict.fromkeys(code for card in cards for code in getattr(card.screening, name)))
        for name in ("audio", "subtitles", "interpreting")
    }
