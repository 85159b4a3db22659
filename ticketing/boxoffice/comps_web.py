"""Staff's pages of comps: what was given away and why, and giving places of a screening."""

from typing import cast
from uuid import UUID, uuid4

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.boxoffice import places_words
from ticketing.boxoffice.comp_queries import latest_comps, screenings_ahead
from ticketing.boxoffice.places_form import place_choice
from ticketing.boxoffice.places_view import PlacesView, places_view
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.i18n import LANGUAGES, language
from ticketing.foundation.idempotency import do_once, repeatable_form
from ticketing.foundation.ids import new_id
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.inventory.errors import PlacesTakenError
from ticketing.inventory.overview import PlaceState
from ticketing.sales.comps import (
    CompLimits,
    CompRequest,
    comps_a_day,
    comps_left,
    make_comps,
    set_comps_a_day,
)
from ticketing.sales.orders import fresh_order_code
from ticketing.sales.shop import wording
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("comps", __name__, "/boxoffice/comps")
blueprint.context_processor(lambda: {"places_words": places_words, "wording": wording})
_MOST_DIGITS = 6


@blueprint.get("/")
@allow("staff:boxoffice")
def list_comps() -> ResponseReturnValue:
    """Show what was given away, and the screenings that places can be given of."""
    return _list()


@blueprint.get("/screening")
@allow("staff:boxoffice")
def choose() -> ResponseReturnValue:
    """Lead to the page of the screening chosen in the list's form."""
    return redirect(url_for("comps.show", code=query_line("code") or "-"), 303)


@blueprint.get("/screenings/<code:code>")
@allow("staff:boxoffice")
def show(code: str) -> ResponseReturnValue:
    """Show a screening's places with the form that gives some away."""
    return _page(code)


@blueprint.post("/screenings/<code:code>")
@allow("staff:boxoffice")
def give(code: str) -> ResponseReturnValue:
    """Give places away; a refusal shows the page again with what was chosen."""
    here, actor = runtime(), current_actor()
    repeat = repeatable_form(f"staff:{actor.id}")
    now = here.clock.now()
    order_id = new_id(now)

    def made() -> UUID:
        wanted = CompRequest(
            screening=code,
            choice=place_choice(),
            reason=form_line("reason"),
            name=form_line("name"),
            email=form_line("email"),
            locale=_locale(),
            allocation=_allocation(),
        )
        with here.database.transaction() as session:
            repeat.claim(session, str(order_id), now)
            order_code = fresh_order_code(session)
            make_comps(session, order_id, order_code, wanted, here.vault, actor, now)
        return order_id

    try:
        order = do_once(here.database, repeat, made, UUID)
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(code, refusal)
    return redirect(url_for("comps.list_comps", done=order.hex), 303)


@blueprint.post("/limit")
@allow("staff:manager")
def change_limit() -> ResponseReturnValue:
    """Set how many tickets an account may give away in a day, by its role."""
    here = runtime()
    for_managers = form_line("manager_comps_per_day")
    limits = CompLimits(
        comps_per_day=_number(form_line("comps_per_day")),
        manager_comps_per_day=_number(for_managers) if for_managers else None,
    )
    try:
        with here.database.transaction() as session:
            set_comps_a_day(session, limits, current_actor(), here.clock.now())
    except DomainError as refusal:
        return _list(refusal)
    return redirect(url_for("comps.list_comps", done="saved"), 303)


def _number(text: str) -> int:
    """Return a number that somebody typed; one that nobody may set for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else -1


def _locale() -> str:
    chosen = form_line("locale")
    return chosen if chosen in LANGUAGES else language()


def _allocation() -> UUID | None:
    """Return the allocation that a number of places comes out of; None for those on sale."""
    text = form_line("from")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidRequestError(errors=[{"path": "from", "message": "no such allocation"}]) from None


def _list(refusal: DomainError | None = None) -> Response:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        page = render_template(
            "boxoffice/comps.html",
            comps=latest_comps(session),
            screenings=screenings_ahead(session, now),
            left=comps_left(session, current_actor(), now),
            most=comps_a_day(the_festival(session), current_actor()),
            festival=the_festival(session),
            done=query_line("done"),
            refusal=refusal_text(refusal) if refusal else "",
        )
    return make_response(page, refusal.status if refusal else 200)


def _page(code: str, refusal: DomainError | None = None) -> Response:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        view = places_view(session, code, request.form.getlist("place"), now)
        page = render_template(
            "boxoffice/comp_form.html",
            view=view,
            screening=view.screening,
            states=list(PlaceState),
            left=comps_left(session, current_actor(), now),
            most=comps_a_day(the_festival(session), current_actor()),
            typed=request.form,
            languages=LANGUAGES,
            form_key=uuid4().hex,
            refusal=_refusal(refusal, view) if refusal else "",
        )
    return make_response(page, refusal.status if refusal else 200)


def _refusal(error: DomainError, view: PlacesView) -> str:
    if isinstance(error, PlacesTakenError):
        labels = cast("list[str]", error.params["places"])
        return places_words.not_possible([view.names.get(label, label) for label in labels])
    return refusal_text(error)
