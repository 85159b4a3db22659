"""What every staff page shares: its refusals in the staff's frame, the language switch, no caches."""

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ticketing.foundation.errors import DomainError
from ticketing.foundation.i18n import LANGUAGE_COOKIE, LANGUAGES
from ticketing.foundation.web import refusal_text, runtime
from ticketing.staff import words

_YEAR_SECONDS = 365 * 24 * 3600


def staff_pages(name: str, import_name: str, prefix: str) -> Blueprint:
    """Return a blueprint for pages in the staff's frame."""
    blueprint = Blueprint(name, import_name, url_prefix=prefix)
    blueprint.before_request(_switch_language)
    blueprint.after_request(_keep_private)
    blueprint.context_processor(lambda: {"staff_words": words})
    blueprint.register_error_handler(DomainError, _refused)
    blueprint.register_error_handler(HTTPException, _refused)
    return blueprint


def _switch_language() -> ResponseReturnValue | None:
    """`?language=kk` on any staff page remembers the choice and shows the page without it."""
    chosen = request.args.get("language")
    if chosen is None or request.method != "GET":
        return None
    others = [pair for pair in request.args.items(multi=True) if pair[0] != "language"]
    response = redirect(f"{request.path}?{urlencode(others)}" if others else request.path, 303)
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=runtime().settings.base_url.startswith("https://"),
        )
    return response


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _refused(error: DomainError | HTTPException) -> ResponseReturnValue:
    if isinstance(error, DomainError):
        status = error.status
    else:
        status = error.code or 500
        if error.response is not None or status < 400:  # noqa: PLR2004 - redirects pass through
            return error.get_response()
    page = render_template("staff/refused.html", status=status, message=refusal_text(error))
    return make_response(page, status)
