"""Edges' common ground: what a view may reach, who may call it, security headers, errors."""

import json
import logging
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    render_template,
    request,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.templating import Environment
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from ticketing.foundation import i18n
from ticketing.foundation.built import TYPES, send_built
from ticketing.foundation.clock import Clock
from ticketing.foundation.config import Settings
from ticketing.foundation.db import Database
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.mail import Mailer
from ticketing.foundation.memory import Memory
from ticketing.foundation.security import CodeVault, KeyMaker

PROBLEM = "application/problem+json"
_EXTENSION = "kassa"
_TEXTS = "kassa.texts"
_API_PREFIXES = ("/api/", "/payments/", "/wallet/")
_HTTP_CODES = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "rate_limited",
}

# How many addresses are kept, and of which values: equal ones make equal addresses, as True and 1 do not.
_ADDRESSES = 5000
_PLAIN = {str, int, UUID}

_log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
Texts = Mapping[str, Callable[[Mapping[str, object]], str]]


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What the process holds: made once by the composition root."""

    settings: Settings
    database: Database
    clock: Clock
    keys: KeyMaker
    vault: CodeVault
    mailer: Mailer


class Templates(Environment):
    """Jinja's, where no template has globals of its own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals themselves: a map of maps is slow to look through, and each import does."""
        return super().make_globals(d) if d else self.globals


class WebApp(Flask):
    """Flask without what Kassa has no use for and every request pays for."""

    jinja_environment = Templates

    def __init__(self, *args: Any, **options: Any) -> None:
        """As Flask."""
        super().__init__(*args, **options)
        self._addresses: Memory[tuple[object, ...], str] = Memory(_ADDRESSES)

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Return an address, as Flask does. A page names twenty, and building one costs 50 µs: it is kept."""

        def build() -> str:
            return Flask.url_for(
                self,
                endpoint,
                _anchor=_anchor,
                _method=_method,
                _scheme=_scheme,
                _external=_external,
                **values,
            )

        is_usual = not (_anchor or _method or _scheme) and _external is None
        if not (is_usual and has_request_context() and {type(one) for one in values.values()} <= _PLAIN):
            return build()
        where = (request.blueprint, request.method, request.script_root, i18n.language())
        return self._addresses.get((endpoint, *where, *values.items()), build)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none here is a coroutine, so none needs to be looked at."""
        return func

    def send_static_file(self, filename: str) -> Response:
        """Return a file of the static folder that a browser has a use for. Raises NotFoundError."""
        kind = TYPES.get(Path(filename).suffix)
        if kind is None or not filename.startswith("dist/"):
            raise NotFoundError
        return send_built(self.static_folder or "", filename, kind)


class PageSessions(SecureCookieSessionInterface):
    """Browsers' sessions, for pages. The API never looks at cookies: it has none to open, check or save."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the session of a page's request."""
        if request.path.startswith(_API_PREFIXES):
            return self.make_null_session(app)
        return super().open_session(app, request)


def install(app: Flask, runtime: Runtime) -> None:
    """Give the app its runtime."""
    app.extensions[_EXTENSION] = runtime
    app.session_interface = PageSessions()


def runtime() -> Runtime:
    """Return the runtime of the app that serves this request."""
    return cast("Runtime", current_app.extensions[_EXTENSION])


def allow(*callers: str) -> Callable[[View], View]:
    """Declare who may call a view: public, buyer, device, staff:<role>. A meta-test wants one on each."""

    def mark(view: View) -> View:
        view.callers = callers  # type: ignore[attr-defined]
        return view

    return mark


class CodeConverter(BaseConverter):
    """A code of the programme in a path; anything else is not found, before it reaches a query."""

    regex = "[a-z0-9][a-z0-9-]{0,39}"


class OrderCodeConverter(BaseConverter):
    """An order's code in a path."""

    regex = "[A-Z0-9]{3}-[A-Z0-9]{4}"


class SessionConverter(BaseConverter):
    """A gateway's name for a payment page in a path; anything else never reaches a query."""

    regex = "[A-Za-z0-9_-]{1,200}"


class LanguageConverter(BaseConverter):
    """kk, ru or en as the first part of a path."""

    regex = "kk|ru|en"


CONVERTERS: Mapping[str, type[BaseConverter]] = {
    "code": CodeConverter,
    "order": OrderCodeConverter,
    "language": LanguageConverter,
    "session": SessionConverter,
}


def is_api() -> bool:
    """Tell whether this request wants problems rather than pages."""
    return request.path.startswith(_API_PREFIXES)


def style_nonce() -> str:
    """Return this response's nonce for a style block; asking for it puts it into the policy."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def problem(status: int, code: str, title: str, params: Mapping[str, object]) -> Response:
    """Return an RFC 9457 problem with the stable code and the refusal's parameters."""
    # A refusal's own parameters must not replace the members that RFC 9457 reserves.
    body = {**params, "type": f"urn:kassa:{code}", "title": title, "status": status, "code": code}
    response = Response(json.dumps(body, ensure_ascii=False, default=str), status, content_type=PROBLEM)
    if status == 503:  # noqa: PLR2004 - the status itself
        response.headers["Retry-After"] = str(params.get("retry_after", 1))
    if status == 401:  # noqa: PLR2004 - the status itself
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register_errors(app: Flask, texts: Texts) -> None:
    """Turn refusals into answers. `texts` has the words for each code, in the language of the request."""
    app.extensions[_TEXTS] = texts

    def answer(status: int, code: str, params: Mapping[str, object]) -> Response:
        title = error_text(texts, code, params)
        if is_api():
            return problem(status, code, title, params)
        page = render_template("errors/refused.html", status=status, code=code, message=title)
        response = make_response(page, status)
        if status == 503:  # noqa: PLR2004 - the status itself
            response.headers["Retry-After"] = str(params.get("retry_after", 1))
        return response

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        return answer(error.status, error.code, error.params)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.response is not None or (error.code or 500) < 400:  # noqa: PLR2004 - redirects pass through
            return cast("Response", error.get_response())
        status = error.code or 500
        response = answer(status, _HTTP_CODES.get(status, "malformed_request"), {})
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        _log.error("unhandled %s at %s", type(error).__name__, request.endpoint, exc_info=error)
        return answer(500, "internal_error", {})


def refusal_text(error: DomainError | HTTPException) -> str:
    """Return the words for a refusal, for a page that shows it in its own frame."""
    texts = cast("Texts", current_app.extensions[_TEXTS])
    if isinstance(error, DomainError):
        return error_text(texts, error.code, error.params)
    return error_text(texts, _HTTP_CODES.get(error.code or 500, "malformed_request"), {})


def error_text(texts: Texts, code: str, params: Mapping[str, object]) -> str:
    """Return the words for a refusal."""
    return texts[code](params)


def security_headers(settings: Settings) -> list[tuple[str, str]]:
    """Return the headers that every answer has, unless it has its own of that name."""
    headers = [
        ("Content-Security-Policy", _policy(settings.base_url)),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ]
    if settings.base_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", "max-age=31536000"))
    return headers


def harden(app: Flask, settings: Settings) -> None:
    """Send the security headers with every answer."""
    standard = security_headers(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        if "style_nonce" in g:
            response.headers["Content-Security-Policy"] = _policy(settings.base_url, g.style_nonce)
        # Asking `headers` for each name that is not there costs an exception: 60 µs of an answer of 200.
        present = {name for name, _ in response.headers}
        for name, value in standard:
            if name not in present:
                response.headers.add(name, value)
        return response


def _policy(base_url: str, nonce: str | None = None) -> str:
    # Payments come back to the base URL, which is another origin for whoever came by another name.
    styles = f" 'nonce-{nonce}'" if nonce else ""
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"style-src 'self'{styles}; manifest-src 'self'; "
        f"base-uri 'none'; form-action 'self' {base_url}; frame-ancestors 'none'"
    )
