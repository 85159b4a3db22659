"""A slip's own page on a phone: its number, how far the line has come, and the picture for the door."""

from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.door.rush_queries import slip_by_hash
from ticketing.door.rush_view import slip_picture
from ticketing.foundation.forms import query_line
from ticketing.foundation.web import allow, runtime
from ticketing.tickets.codes import CodeKind, digest, parse

blueprint = Blueprint("standby", __name__, url_prefix="/<language:language>/standby")

_COOKIE = "slip"
_DAY_SECONDS = 24 * 3600


@blueprint.get("")
@allow("public")
def show() -> ResponseReturnValue:
    """Show the slip that this browser has; the link of a slip's picture leaves its code in a cookie."""
    if request.args.get("slip"):
        return _keep(query_line("slip"))
    code = parse(request.cookies.get(_COOKIE, ""))
    here = runtime()
    with here.database.reading() as session:
        # Of a code that is none the digest finds nothing.
        slip = slip_by_hash(session, digest(code.canonical))
    if slip is None:
        return _private(Response(render_template("door/standby.html", slip=None), HTTPStatus.NOT_FOUND))
    picture = slip_picture(slip.number, code.canonical)
    page = render_template("door/standby.html", slip=slip, picture=picture, screening=slip.screening)
    return _private(Response(page))


def _keep(text: str) -> Response:
    response = redirect(url_for("standby.show"), HTTPStatus.SEE_OTHER)
    code = parse(text)
    if code.kind is CodeKind.SLIP:
        secure = runtime().settings.base_url.startswith("https://")
        response.set_cookie(
            _COOKIE, code.canonical, max_age=_DAY_SECONDS, httponly=True, samesite="Lax", secure=secure
        )
    return _private(Response(response.get_data(), response.status_code, response.headers))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
