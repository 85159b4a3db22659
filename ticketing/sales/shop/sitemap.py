"""sitemap.xml: every public page in its languages, each naming the others."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.queries import all_screenings
from ticketing.foundation.i18n import LANGUAGES
from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.cards import is_listed
from ticketing.sales.shop.site import load_site

blueprint = Blueprint("sitemap", __name__)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
)
_HOUR_SECONDS = 3600


@blueprint.get("/sitemap.xml")
@allow("public")
def show() -> ResponseReturnValue:
    """List the pages that search engines should know."""
    text = _HEAD + "".join(_entry(endpoint, code) for endpoint, code in _pages()) + "</urlset>\n"
    response = Response(text, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={_HOUR_SECONDS}"
    return response


def _pages() -> Iterator[tuple[str, str | None]]:
    here = runtime()
    now: datetime = here.clock.now()
    with here.database.reading() as session:
        site = load_site(session)
        screenings = [one for one in all_screenings(session, site.zone) if is_listed(one)]
    yield from (("programme.show", None), ("films.index", None), ("odds.terms", None))
    films = {entry.film.code for screening in screenings for entry in screening.films}
    yield from (("films.show", code) for code in sorted(films))
    # What is over is of no use to anybody who searches.
    yield from (("screening.show", screening.code) for screening in screenings if screening.ends_at > now)


def _entry(endpoint: str, code: str | None) -> str:
    base = runtime().settings.base_url
    named: dict[str, Any] = {} if code is None else {"code": code}
    addresses = {lang: base + url_for(endpoint, language=lang, **named) for lang in LANGUAGES}
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href={quoteattr(address)}/>'
        for lang, address in addresses.items()
    )
    return "".join(f"<url><loc>{_escaped(address)}</loc>{others}</url>\n" for address in addresses.values())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
