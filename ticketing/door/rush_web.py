"""Staff's page of a rush line: releasing places, handing out numbers, calling them, and slips to print."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ticketing.catalogue.guarantee import MOST_MINUTES, Guarantee, set_festival_guarantee, set_guarantee
from ticketing.catalogue.queries import screening_by_code, the_festival
from ticketing.door.rush_queries import slips_between
from ticketing.door.rush_release import release_places, wait_no_longer
from ticketing.door.rush_slips import MOST_AT_ONCE, call_up_to, hand_out
from ticketing.door.rush_view import line_view, slip_picture
from ticketing.foundation.errors import DomainError, ForbiddenError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.staff.accounts import Role
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("rush", __name__, "/staff/rush")

_MOST_DIGITS = 6
# What a form asks for, given an open transaction; it returns where to go on.
_Deed = Callable[[Session, datetime], str]


@blueprint.get("/<code:code>")
@allow("staff:boxoffice")
def show(code: str) -> ResponseReturnValue:
    """Show a screening's rush line."""
    return _page(code)


@blueprint.post("/<code:code>")
@allow("staff:boxoffice")
def change(code: str) -> ResponseReturnValue:
    """Do with the line what the button said; a refusal shows the page again."""
    deeds: Mapping[str, _Deed] = {
        "release": lambda session, now: _release(session, code, now),
        "no_wait": lambda session, now: _no_wait(session, code, now),
        "slips": lambda session, now: _hand_out(session, code, now),
        "call": lambda session, now: _call(session, code, now),
        "rule": lambda session, now: _set_rule(session, code, now),
        "festival": lambda session, now: _set_festival(session, code, now),
    }
    here = runtime()
    try:
        deed = deeds.get(form_line("do"))
        if deed is None:
            raise InvalidRequestError(errors=[{"path": "do", "message": "no such action"}])
        with here.database.transaction() as session:
            further = deed(session, here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(code, refusal)
    return redirect(further, 303)


@blueprint.get("/<code:code>/slips")
@allow("staff:boxoffice")
def print_slips(code: str) -> ResponseReturnValue:
    """Show slips to print, each on a page of its own, as narrow as a receipt printer."""
    first, last = _count(query_line("first")), _count(query_line("last"))
    if not 0 < first <= last < first + MOST_AT_ONCE:
        raise NotFoundError
    here = runtime()
    with here.database.reading() as session:
        screening = screening_by_code(session, code)
        found = slips_between(session, screening.id, first, last)
        pictures = [slip_picture(slip.number, here.vault.open(slip.code_sealed)) for slip in found]
        if not pictures:
            raise NotFoundError
        return render_template(
            "staff/rush_slips.html", screening=screening, slips=pictures, festival=the_festival(session)
        )


def _release(session: Session, code: str, now: datetime) -> str:
    actor = current_actor()
    chosen = request.form.getlist("with")
    release_places(session, code, unsold="unsold" in chosen, kept="kept" in chosen, actor=actor, now=now)
    return url_for("rush.show", code=code)


def _no_wait(session: Session, code: str, now: datetime) -> str:
    wait_no_longer(session, code, current_actor(), now)
    return url_for("rush.show", code=code)


def _hand_out(session: Session, code: str, now: datetime) -> str:
    slips = hand_out(session, runtime().vault, code, _count(form_line("quantity")), current_actor(), now)
    return url_for("rush.print_slips", code=code, first=slips[0].number, last=slips[-1].number)


def _call(session: Session, code: str, now: datetime) -> str:
    call_up_to(session, code, _count(form_line("number")), current_actor(), now)
    return url_for("rush.show", code=code)


def _set_rule(session: Session, code: str, now: datetime) -> str:
    try:
        rule = Guarantee(form_line("rule"))
    except ValueError:
        raise InvalidRequestError(errors=[{"path": "rule", "message": "whose rule?"}]) from None
    minutes = _minutes("minutes") if rule is Guarantee.OWN else None
    set_guarantee(session, code, rule, minutes, current_actor(), now)
    return url_for("rush.show", code=code)


def _set_festival(session: Session, code: str, now: datetime) -> str:
    actor = current_actor()
    if actor.role != Role.MANAGER:
        raise ForbiddenError
    set_festival_guarantee(session, _minutes("festival_minutes"), actor, now)
    return url_for("rush.show", code=code)


def _minutes(name: str) -> int | None:
    """Return minutes after the start, None for an empty field. Raises InvalidRequestError."""
    text = form_line(name).replace("\u2212", "-")
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(MOST_MINUTES))):
        raise InvalidRequestError(errors=[{"path": name, "message": "whole minutes"}])
    return int(text)


def _count(text: str) -> int:
    """Return a number of things; nonsense is none of them."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else -1


def _page(code: str, refusal: DomainError | None = None) -> Response:
    here = runtime()
    with here.database.reading() as session:
        page = render_template(
            "staff/rush.html",
            view=line_view(session, code, here.clock.now()),
            refusal=refusal_text(refusal) if refusal else "",
            typed=request.form,
            most=MOST_AT_ONCE,
            rules=Guarantee,
        )
    return make_response(page, refusal.status if refusal else HTTPStatus.OK)
