"""The plan editor: a hall's draft as a map on which seats are marked and changed, previewed, published."""

from collections.abc import Collection
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.boxoffice import plan_words
from ticketing.boxoffice.halls_view import doubts
from ticketing.boxoffice.halls_web import preview_page
from ticketing.boxoffice.plan_form import NEW_BAND, Wanted, block_change, chosen_numbers, seat_change
from ticketing.boxoffice.plan_view import band_name, editor_hall, seat_names
from ticketing.catalogue.plan_drafts import (
    change_draft,
    discard_draft,
    plan_of_row,
    publish_draft,
    state_of,
)
from ticketing.catalogue.plan_errors import DraftChangedError, PlanFormError
from ticketing.catalogue.plan_kinds import KindChoice
from ticketing.catalogue.plan_queries import draft_of, hall_by_code, newest_version
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("plan_editor", __name__, "/staff/halls/<code:code>/draft")
blueprint.context_processor(lambda: {"plan_words": plan_words})


@blueprint.get("/")
@allow("staff:manager")
def show(code: str) -> ResponseReturnValue:
    """Show the draft; without one, the hall."""
    return _page(code, said=plan_words.done_word(query_line("done")))


@blueprint.post("/seats")
@allow("staff:manager")
def change_seats(code: str) -> ResponseReturnValue:
    """Do with the marked seats what the button said."""
    return _change(code, form_line("do"))


@blueprint.post("/blocks")
@allow("staff:manager")
def add_block(code: str) -> ResponseReturnValue:
    """Add rows × seats behind the others."""
    return _change(code, "block")


@blueprint.post("/end")
@allow("staff:manager")
def end(code: str) -> ResponseReturnValue:
    """Publish the draft, or throw it away."""
    here, do = runtime(), form_line("do")
    deeds = {"publish": publish_draft, "discard": discard_draft}
    try:
        if do not in deeds:
            raise PlanFormError(field="do")
        with here.database.transaction() as session:
            hall = hall_by_code(session, code)
            deeds[do](session, hall, form_line("seen"), current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(code, error=refusal)
    return redirect(url_for("halls.show", code=code, done=do), 303)


@blueprint.get("/preview")
@allow("staff:manager")
def preview(code: str) -> ResponseReturnValue:
    """Show the draft as the audience would see it."""
    with runtime().database.reading() as session:
        hall = hall_by_code(session, code)
        draft = draft_of(session, hall.id)
        if draft is None:
            raise NotFoundError
        return preview_page(session, hall, draft, url_for(".show", code=code))


def _change(code: str, done: str) -> ResponseReturnValue:
    here = runtime()
    try:
        wanted: Wanted = block_change() if done == "block" else seat_change()
        with here.database.transaction() as session:
            hall, seen = hall_by_code(session, code), form_line("seen")
            change_draft(session, hall, seen, wanted.edit, wanted.what, current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except DomainError as refusal:
        # The numbers of marked seats mean other seats in another draft.
        chosen = frozenset() if isinstance(refusal, DraftChangedError) else chosen_numbers()
        return _page(code, error=refusal, chosen=chosen)
    return redirect(url_for(".show", code=code, done=done), 303)


def _page(
    code: str, *, said: str = "", error: DomainError | None = None, chosen: Collection[int] = ()
) -> ResponseReturnValue:
    here = runtime()
    with here.database.reading() as session:
        hall = hall_by_code(session, code)
        draft = draft_of(session, hall.id)
        if draft is None:
            return _gone(code, error)
        plan, newest = plan_of_row(draft), newest_version(session, hall.id)
        found = doubts(session, hall, plan, here.clock.now())
        page = render_template(
            "staff/halls/editor.html",
            hall=hall,
            draft=draft,
            seen=state_of(draft),
            plan=plan,
            map=editor_hall(draft, plan, chosen),
            next_version=1 if newest is None else newest.version + 1,
            same_name=seat_names(found.plan.same_name),
            overlapping=seat_names(found.plan.overlapping),
            unpriced=[band_name(band) for band in found.unpriced],
            choices=list(KindChoice),
            new_band=NEW_BAND,
            said=said,
            refusal=refusal_text(error) if error else "",
            typed=request.form,
            chosen=chosen,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)


def _gone(code: str, error: DomainError | None) -> Response:
    """Say at the hall's page that there is no draft to change."""
    if error is not None:
        raise error
    response: Response = make_response(redirect(url_for("halls.show", code=code), 303))
    return response
