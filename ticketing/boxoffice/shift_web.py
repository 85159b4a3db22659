"""The cashier's shift: what went through the till, and closing it by counting."""

from http import HTTPStatus

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.queries import the_festival
from ticketing.foundation.errors import DomainError, InvalidRequestError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.money import MINOR_PER_MAJOR, Money
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.shifts import close_shift, latest_tills, open_till
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("shift", __name__, "/boxoffice/shift")
_MOST_SHOWN = 30
_MOST_DIGITS = 9


@blueprint.get("/")
@allow("staff:boxoffice")
def show() -> ResponseReturnValue:
    """Show the open shift and the last ones."""
    return _page()


@blueprint.post("/close")
@allow("staff:boxoffice")
def close() -> ResponseReturnValue:
    """Close the shift with what was counted."""
    here, actor = runtime(), current_actor()
    try:
        begun, counted, moved = (_tenge(name) for name in ("begun", "counted", "moved"))
        with here.database.transaction() as session:
            close_shift(session, begun, counted, moved, form_line("note"), actor, here.clock.now())
    except DomainError as error:
        return _page(refusal=refusal_text(error), status=error.status)
    return redirect(url_for("shift.show", done="closed"), HTTPStatus.SEE_OTHER)


def _tenge(name: str) -> int:
    """Return an amount that was typed in whole tenge, in minor units. Raises InvalidRequestError."""
    text = form_line(name).replace(" ", "").replace("\u00a0", "").removesuffix("₸")
    digits = text.removeprefix("-" if name == "moved" else "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise InvalidRequestError(errors=[{"path": name, "message": "whole tenge"}])
    return int(text) * MINOR_PER_MAJOR


def _page(*, refusal: str = "", status: int = HTTPStatus.OK) -> ResponseReturnValue:
    with runtime().database.reading() as session:
        mine = open_till(session, current_actor().id)
        tills = latest_tills(session, _MOST_SHOWN)
        currency = the_festival(session).currency
    body = render_template(
        "boxoffice/shift.html",
        mine=mine,
        tills=tills,
        currency=currency,
        money=Money,
        major=MINOR_PER_MAJOR,
        refusal=refusal,
        done=query_line("done"),
        begun=form_line("begun"),
        counted=form_line("counted"),
        note=form_line("note"),
    )
    return make_response(body, status)
