"""The programme: every listed screening by day, with filters; a timetable where there is room for one."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.utils import redirect

from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.planner_marks import marked_codes
from ticketing.sales.shop.programme_page import programme_page, remember_programmes

blueprint = Blueprint("programme", __name__)
blueprint.record_once(remember_programmes)


@blueprint.get("/")
@allow("public")
def root() -> ResponseReturnValue:
    """Send the reader to the programme in her language: the chosen one, else the browser's, else Kazakh."""
    response = redirect(url_for("programme.show"), 302)
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<language:language>/")
@allow("public")
def show() -> ResponseReturnValue:
    """Show the programme, or what the filters leave of it."""
    here = runtime()
    page = programme_page(here.database, here.clock.now())
    main = page.main(generate_csrf(), marked_codes())
    return Response(render_template("shop/programme.html", style=page.style, main=main))
