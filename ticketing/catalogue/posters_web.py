"""The address of posters: drawn on demand, the same for ever, so caches may keep them."""

from flask import Blueprint, Response

from ticketing.catalogue.posters import poster_svg
from ticketing.catalogue.queries import poster_of
from ticketing.foundation.pictures import drawn
from ticketing.foundation.web import allow, runtime

blueprint = Blueprint("posters", __name__, url_prefix="/posters")


@blueprint.get("/<code:code>.svg")
@allow("public")
def show(code: str) -> Response:
    """Return the poster of a film, or of a screening without one."""
    with runtime().database.reading() as session:
        section, motif = poster_of(session, code)
    drawing = poster_svg(code, section, motif or None)
    return drawn(drawing, lambda: drawing, "image/svg+xml; charset=utf-8")
