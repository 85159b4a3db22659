"""The pictures that messengers show beside a link: of a film, of a screening, of the festival."""

from collections.abc import Sequence

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Film, Screening
from ticketing.catalogue.posters import poster_svg
from ticketing.catalogue.posters.palette import palette_of
from ticketing.catalogue.posters.share_card import ShareCard, share_card_svg
from ticketing.catalogue.queries import poster_of
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import full_date_time, language
from ticketing.foundation.pages import in_language
from ticketing.foundation.pdf import print_fonts
from ticketing.foundation.pictures import PNG, drawn, painter
from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.cards import is_listed, poster_code
from ticketing.sales.shop.site import Site, load_site, remembered

blueprint = Blueprint("share", __name__, url_prefix="/<language:language>")


@blueprint.get("/share.png")
@allow("public")
def festival() -> Response:
    """Return the festival's picture, with the poster of its first screening."""
    with runtime().database.reading() as session:
        site = load_site(session)
        facts = (in_language(site.festival.city), site.dates)
        first = _listed(session, site)[0]
        card = _card(session, site, first, poster_code(first), in_language(site.festival.name), facts)
    return _picture(card)


@blueprint.get("/share/<code:code>.png")
@allow("public")
def one(code: str) -> Response:
    """Return the picture of a film, or of a screening, that the audience hears of."""
    with runtime().database.reading() as session:
        site = load_site(session)
        listed = _listed(session, site)
        screening = next((one for one in listed if one.code == code), None)
        film = None if screening else _film(listed, code)
        if screening is None:
            screening = next(one for one in listed if film in _films(one))
        title = in_language((film or screening).title)
        when = full_date_time(screening.starts_at, site.zone, language())
        where = f"{in_language(screening.hall.venue.name)}, {in_language(screening.hall.name)}"
        card = _card(
            session, site, screening, film.code if film else poster_code(screening), title, (when, where)
        )
    return _picture(card)


def _listed(session: Session, site: Site) -> Sequence[Screening]:
    """Return what the audience hears of, in order of time. Raises NotFoundError if that is nothing."""
    listed = [one for one in remembered().screenings(session, site.zone) if is_listed(one)]
    if not listed:
        raise NotFoundError
    return listed


def _films(screening: Screening) -> Sequence[Film]:
    return [entry.film for entry in screening.films]


def _film(listed: Sequence[Screening], code: str) -> Film:
    for screening in listed:
        for film in _films(screening):
            if film.code == code:
                return film
    raise NotFoundError


def _card(
    session: Session, site: Site, screening: Screening, poster: str, title: str, facts: Sequence[str]
) -> ShareCard:
    section, motif = poster_of(session, poster)
    return ShareCard(
        poster=poster_svg(poster, section, motif or None),
        palette=palette_of(section),
        above=in_language(screening.section.name),
        title=title,
        facts=facts,
        house=f"{in_language(site.festival.short)} {site.festival.first_day.year}",
    )


def _picture(card: ShareCard) -> Response:
    drawing = share_card_svg(card, print_fonts().width)
    return drawn(drawing, lambda: painter().png(drawing), PNG)
