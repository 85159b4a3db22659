"""What templates may use: addresses of built files, dates, money and words in the reader's language."""

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from ticketing.foundation import i18n
from ticketing.foundation.errors import FormExpiredError
from ticketing.foundation.web import runtime, style_nonce

_YEAR_SECONDS = 365 * 24 * 3600
LANGUAGE_NAMES = {"kk": ("Қаз", "Қазақша"), "ru": ("Рус", "Русский"), "en": ("Eng", "English")}


class InThree(Protocol):
    """Anything with a text in each language."""

    @property
    def kk(self) -> str:
        """The Kazakh text."""

    @property
    def ru(self) -> str:
        """The Russian text."""

    @property
    def en(self) -> str:
        """The English text."""


def in_language(words: InThree) -> str:
    """Return a text in the reader's language, else the first that there is."""
    return str(getattr(words, i18n.language()) or words.kk or words.ru or words.en)


@lru_cache(maxsize=1)
def _manifest(path: Path) -> dict[str, str]:
    return dict(json.loads(path.read_text()))


def built_file(name: str) -> Path:
    """Return a built file of the app that serves this request, for one that needs an address of its own."""
    folder = Path(current_app.static_folder or "") / "dist"
    return folder / _manifest(folder / "manifest.json")[name]


def install_pages(app: Flask, *unguarded: Any) -> None:
    """Give the app's templates their helpers, and its forms protection against foreign posts.

    Blueprints that ask for a secret of their own with each request are left `unguarded`.
    """
    # The token lives as long as the browser's session: somebody who reads a page for an hour may still
    # use its form. The Referer is not asked for, because private pages send none.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    csrf = CSRFProtect(app)
    for blueprint in unguarded:
        csrf.exempt(blueprint)

    @app.errorhandler(CSRFError)
    def form_expired(error: CSRFError) -> ResponseReturnValue:
        del error
        return app.handle_user_exception(FormExpiredError())

    _speak_in_paths(app)
    manifest = Path(app.static_folder or "") / "dist" / "manifest.json"

    def asset(name: str) -> str:
        """Return the address of a built file, with its content's hash in the name."""
        return url_for("static", filename=f"dist/{_manifest(manifest)[name]}")

    app.jinja_env.globals.update(
        asset=asset,
        language=i18n.language,
        language_names=LANGUAGE_NAMES,
        style_nonce=style_nonce,
    )
    app.jinja_env.filters.update(
        words=in_language,
        money=i18n.money_text,
        month=lambda day: i18n.month_text(day, i18n.language()),
        weekday=lambda day, short=False: i18n.weekday_text(day, i18n.language(), short=short),
        day=lambda day: i18n.day_text(day, i18n.language()),
    )
    app.after_request(_cache_built_files)
    app.after_request(_remember_language)


def _speak_in_paths(app: Flask) -> None:
    """Let views under `/<language>/` do without the argument, and links to them get the reader's language."""

    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None:
            values.pop("language", None)

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "language" not in values and app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = i18n.language()


def date_filters(app: Flask, zone_of: Any) -> None:
    """Add filters for moments; `zone_of` returns the festival's zone, asked at each use."""

    def local_date(moment: datetime) -> date:
        local: datetime = moment.astimezone(zone_of())
        return local.date()

    app.jinja_env.filters.update(
        time=lambda moment: i18n.time_text(moment, zone_of()),
        full_date=lambda moment: i18n.full_date(moment, zone_of(), i18n.language()),
        full_date_time=lambda moment: i18n.full_date_time(moment, zone_of(), i18n.language()),
        short_date=lambda moment: i18n.short_date(moment, zone_of(), i18n.language()),
        iso=lambda moment: moment.astimezone(zone_of()).isoformat(timespec="seconds"),
        local_date=local_date,
        # What a field of the kind datetime-local takes.
        for_input=lambda moment: moment.astimezone(zone_of()).strftime("%Y-%m-%dT%H:%M"),
    )


def _cache_built_files(response: Response) -> Response:
    if request.path.startswith("/static/dist/"):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return response


def _remember_language(response: Response) -> Response:
    chosen = i18n.language_in_path()
    if chosen is not None and request.cookies.get(i18n.LANGUAGE_COOKIE) != chosen:
        response.set_cookie(
            i18n.LANGUAGE_COOKIE,
            chosen,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=runtime().settings.base_url.startswith("https://"),
        )
    return response
