"""Staff's pages of refund rules: the festival's, a screening's own, a changed film, a cancelled screening."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ticketing.boxoffice import refund_rules_words
from ticketing.boxoffice.refund_rules_form import read_policy
from ticketing.catalogue.queries import all_screenings, screening_by_code, the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.cancelling import cancel_screening, progress
from ticketing.sales.refund_policies import (
    festival_policy,
    mark_film_changed,
    own_policy,
    set_festival_policy,
    set_screening_policy,
    showing_of,
)
from ticketing.sales.shop.site import zone
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("refund_rules", __name__, "/boxoffice/refund-rules")
blueprint.context_processor(lambda: {"rule_words": refund_rules_words})

# What a form asks for, given an open transaction.
_Deed = Callable[[Session, str, Actor, datetime], None]


@blueprint.get("/")
@allow("staff:boxoffice")
def show() -> ResponseReturnValue:
    """Show the festival's rule and what holds for each screening."""
    return _festival_page(said=refund_rules_words.done_text(query_line("done")))


@blueprint.post("/")
@allow("staff:manager")
def change_festival() -> ResponseReturnValue:
    """Set the festival's rule."""
    here = runtime()
    now = here.clock.now()
    try:
        with here.database.transaction() as session:
            set_festival_policy(session, read_policy(), form_line("reason"), current_actor(), now)
    except DomainError as refusal:
        return _festival_page(error=refusal)
    return redirect(url_for("refund_rules.show", done="saved"), 303)


@blueprint.get("/<code:code>")
@allow("staff:boxoffice")
def one_screening(code: str) -> ResponseReturnValue:
    """Show a screening's rule, its marks, and how far the refunds are if it is cancelled."""
    return _screening_page(code, said=refund_rules_words.done_text(query_line("done")))


@blueprint.post("/<code:code>")
@allow("staff:manager")
def change_screening(code: str) -> ResponseReturnValue:
    """Give a screening a rule of its own or the festival's, mark a changed film, or cancel it."""
    here, wanted = runtime(), form_line("do")
    deeds: dict[str, _Deed] = {
        "own": lambda session, why, actor, now: set_screening_policy(
            session, code, read_policy(), why, actor, now
        ),
        "festival": lambda session, why, actor, now: set_screening_policy(
            session, code, None, why, actor, now
        ),
        "film_changed": lambda session, why, actor, now: mark_film_changed(
            session, code, why, actor, now, changed=True
        ),
        "film_same": lambda session, why, actor, now: mark_film_changed(
            session, code, why, actor, now, changed=False
        ),
        "cancel": lambda session, why, actor, now: _cancel(session, code, why, actor, now),
    }
    try:
        if wanted not in deeds:
            raise InvalidRequestError(errors=[{"path": "do", "message": "no such action"}])
        with here.database.transaction() as session:
            deeds[wanted](session, form_line("reason"), current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _screening_page(code, error=refusal)
    return redirect(url_for("refund_rules.one_screening", code=code, done=wanted), 303)


def _cancel(session: Session, code: str, why: str, actor: Actor, now: datetime) -> None:
    """Cancel a screening, if whoever does it has typed its code: it cannot be undone."""
    if form_line("confirm") != code:
        raise InvalidRequestError(errors=[{"path": "confirm", "message": "the screening's code"}])
    cancel_screening(session, code, why, actor, now)


def _festival_page(*, said: str = "", error: DomainError | None = None) -> ResponseReturnValue:
    with runtime().database.reading() as session:
        festival = the_festival(session)
        page = render_template(
            "boxoffice/refund_rules.html",
            policy=festival_policy(festival),
            currency=festival.currency,
            lines=[
                (screening, showing_of(screening, festival), own_policy(screening) is not None)
                for screening in all_screenings(session, zone())
            ],
            said=said,
            refusal=refusal_text(error) if error else "",
            typed=request.form,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)


def _screening_page(code: str, *, said: str = "", error: DomainError | None = None) -> ResponseReturnValue:
    with runtime().database.reading() as session:
        festival, screening = the_festival(session), screening_by_code(session, code)
        page = render_template(
            "boxoffice/refund_rule.html",
            screening=screening,
            showing=showing_of(screening, festival),
            festival=festival_policy(festival),
            own=own_policy(screening),
            currency=festival.currency,
            progress=progress(session, screening.id) if screening.cancelled_at else None,
            said=said,
            refusal=refusal_text(error) if error else "",
            typed=request.form,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)
