"""The relay's web application: the scanner's page, the server's door calls passed on, its own call."""

import logging
import re
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from ticketing.door import web as door_web
from ticketing.foundation.clock import Clock, SystemClock
from ticketing.foundation.db import Database
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.web import allow, problem
from ticketing.relay import api
from ticketing.relay.api import DATABASE
from ticketing.relay.errors import UplinkDownError
from ticketing.relay.models import RelayBase
from ticketing.relay.turns import Turns
from ticketing.relay.uplink import Uplink, Way
from ticketing.relay.witness import witness, witness_question

MARK = "Kassa-Relay"
"""Every answer carries this header with the relay's name, so that a page knows whom it may ask when the
server is away, and can say so. The name is percent-encoded, as headers are no place for Kazakh letters."""
_MOST_BODY = 2 * 1024 * 1024
_CALLS = re.compile(r"[a-z]+(?:/[a-z0-9-]+)*", re.ASCII)
_UP = ("Authorization", "Content-Type", "Accept", "Accept-Encoding")
_DOWN = ("content-type", "content-encoding", "retry-after", "www-authenticate", "vary", "cache-control")
_SECURITY = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
_NAMES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}

_log = logging.getLogger(__name__)


def create_relay(server: str, folder: str, name: str) -> Flask:
    """Return the application that gunicorn serves: `server` is an address, `folder` is for its database."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{Path(folder) / 'relay.db'}")
    return make_relay(Uplink(server), database, SystemClock(), name)


def make_relay(uplink: Way, database: Database, clock: Clock, name: str) -> Flask:
    """Return the application over any way to the server."""
    RelayBase.metadata.create_all(database.engine)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BODY
    app.extensions[DATABASE] = database
    app.register_blueprint(door_web.blueprint)
    app.register_blueprint(api.blueprint)
    turns = Turns(clock.now())

    @app.get("/")
    @allow("public")
    def front() -> AnyResponse:
        return redirect("/scanner/")

    @app.route("/api/v1/door/<path:call>", methods=["GET", "POST"])
    @allow("device")
    def pass_on(call: str) -> Response:
        if not _CALLS.fullmatch(call):
            raise NotFoundError
        path = f"{request.path}?{request.query_string.decode('ascii', 'ignore')}".rstrip("?")
        headers = {name: request.headers[name] for name in _UP if name in request.headers}
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        body = request.get_data()
        if call == "scans":
            turns.wait_for_others(database, token, body, clock.now())
            asked = witness_question(database, token, body)
            if asked is not None:
                turns.asks(asked, clock.now())
        try:
            reply = uplink.send(request.method, path, headers, body)
        except UplinkDownError:
            turns.server_is_away()
            raise
        turns.server_is_there(clock.now())
        if not witness(database, call, token, body, reply, clock.now()):
            raise UplinkDownError
        kept = {name: value for name, value in reply.headers.items() if name in _DOWN}
        return Response(reply.body, reply.status, kept)

    _answer_refusals(app, quote(name))
    return app


def _answer_refusals(app: Flask, mark: str) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        return problem(error.status, error.code, error.code, error.params)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        code = _NAMES.get(status, "malformed_request")
        return problem(status, code, code, {})

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        _log.error("unhandled %s at %s", type(error).__name__, request.endpoint, exc_info=error)
        return problem(500, "internal_error", "internal_error", {})

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers[MARK] = mark
        for name, value in _SECURITY:
            response.headers.setdefault(name, value)
        return response
