"""The address of posters: drawn on demand, the same for ever, so caches may keep them."""

import hashlib

from flask import Blueprint, Response, request

from ticketing.catalogue.posters import poster_svg
from ticketing.catalogue.queries import poster_of
from ticketing.foundation.web import allow, runtime

blueprint = Blueprint("posters", __name__, url_prefix="/posters")
_WEEK_SECONDS = 7 * 24 * 3600


@blueprint.get("/<code:code>.svg")
@allow("public")
def show(code: str) -> Response:
    """Return the poster of a film, or of a screening without one."""
    with runtime().database.reading() as session:
        section, motif = poster_of(session, code)
    drawing = poster_svg(code, section, motif or None)
    response = Response(drawing, content_type="image/svg+xml; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={_WEEK_SECONDS}"
    response.set_etag(hashlib.sha256(drawing.encode()).hexdigest()[:16])
    response.make_conditional(request)
    return response
