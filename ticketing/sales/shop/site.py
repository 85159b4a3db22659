"""What every page of the shop knows: the festival, its zone, the way around, and how private pages answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival
from ticketing.catalogue.remembered import RememberedCatalogue
from ticketing.foundation import i18n
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.web import refusal_text, runtime
from ticketing.sales.shop import wording
from ticketing.sales.shop.holdings import held_ids

_CATALOGUE = "kassa.catalogue"
_LANGUAGE_LETTERS = len("kk")


@dataclass(frozen=True)
class Site:
    """The festival as the pages of one request see it."""

    festival: Festival
    zone: ZoneInfo

    @property
    def dates(self) -> str:
        """Return the festival's days with month and year."""
        return wording.date_range(self.festival.first_day, self.festival.last_day, i18n.language())

    def money(self, minor: int) -> Money:
        """Return an amount of the festival's currency."""
        return Money(minor, self.festival.currency)


@dataclass(frozen=True, kw_only=True)
class NavigationEntry:
    """A link of the masthead."""

    text: str
    url: str
    current: bool


def remembered() -> RememberedCatalogue:
    """Return what this process remembers of the catalogue."""
    return cast("RememberedCatalogue", current_app.extensions[_CATALOGUE])


def load_site(session: Session) -> Site:
    """Return the festival, read once a request. Raises NotFoundError before a programme is imported."""
    if "site" not in g:
        festival = remembered().festival(session)
        g.site = Site(festival, ZoneInfo(festival.time_zone))
    return cast("Site", g.site)


def site() -> Site:
    """Return the festival, outside of a transaction."""
    if "site" not in g:
        with runtime().database.reading() as session:
            load_site(session)
    return cast("Site", g.site)


def zone() -> ZoneInfo:
    """Return the festival's zone, for templates; UTC before a programme is imported."""
    try:
        return site().zone
    except NotFoundError:
        return ZoneInfo("UTC")


def install_shop(app: Flask) -> None:
    """Give templates what the shop's pages share."""
    app.extensions[_CATALOGUE] = RememberedCatalogue()
    app.jinja_env.globals.update(
        site=site,
        navigation=_navigation,
        page_in=page_in,
        alternate=_alternate,
        whole_url=whole_url,
        held_count=lambda: len(held_ids()),
        tongues=wording.tongues,
        has_apple_wallet=lambda: runtime().settings.apple_wallet is not None,
        has_google_wallet=lambda: runtime().settings.google_wallet is not None,
    )
    app.jinja_env.filters.update(
        band=wording.band,
        refusal_text=refusal_text,
        concession=wording.concession,
        tongue=wording.tongue,
        phone=wording.phone,
        day_month=lambda day: wording.day_month(day, i18n.language()),
    )


def see_other(address: str) -> Response:
    """Lead on after a post, from a page that is the buyer's own."""
    return private(cast("Response", redirect(address, HTTPStatus.SEE_OTHER)))


def private(response: Response) -> Response:
    """Keep a buyer's page out of caches, search engines and other sites' logs."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def page_in(language: str) -> str:
    """Return this very page, filters included, in another language; the programme, if it has no languages."""
    if not _has_languages():
        return url_for("programme.show", language=language)
    return url_with_query(_this_page(language))


def url_with_query(path: str, **changes: str) -> str:
    """Return a path with this request's own query, changed in places.

    Not by `url_for`, which would take some names of the query for its own arguments.
    """
    query = urlencode({**request.args.to_dict(flat=False), **changes}, doseq=True)
    return f"{path}?{query}" if query else path


def whole_url(endpoint: str, code: str | None = None) -> str:
    """Return a page's whole address in the reader's language; `code` names what it shows, if it needs one."""
    named: dict[str, Any] = {} if code is None else {"code": code}
    return runtime().settings.base_url + url_for(endpoint, language=i18n.language(), **named)


def _alternate(language: str) -> str | None:
    """Return the public address of this page in a language, without filters, for search engines."""
    if not _has_languages():
        return None
    return runtime().settings.base_url + _this_page(language)


def _this_page(language: str) -> str:
    # A dozen links of every page: the path with another first part, which is cheaper than the route's.
    return f"{request.script_root}/{language}{quote(request.path[1 + _LANGUAGE_LETTERS :])}"


def _has_languages() -> bool:
    rule = request.url_rule
    return rule is not None and "language" in rule.arguments and "GET" in (rule.methods or ())


def _navigation() -> list[NavigationEntry]:
    at = (request.blueprint or "") if request.url_rule else ""
    entries = (
        (_("Programme"), "programme.show", ("programme", "screening")),
        (_("Films"), "films.index", ("films",)),
        (_("My tickets"), "orders.index", ("orders", "entry", "returns", "sending", "friend")),
    )
    return [
        NavigationEntry(text=text, url=url_for(endpoint), current=at in blueprints)
        for text, endpoint, blueprints in entries
    ]
