"""Staff's pages of halls and the versions of their plans: beginning a draft, downloads, moving screenings."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy.orm import Session

from ticketing.boxoffice import plan_words
from ticketing.boxoffice.halls_view import hall_list, hall_plans, usual_prices
from ticketing.boxoffice.place_making import without_price
from ticketing.boxoffice.plan_form import new_block
from ticketing.boxoffice.plan_upload import MOST_BYTES, uploaded_plan
from ticketing.boxoffice.plan_use import move_screenings
from ticketing.boxoffice.plan_view import all_free, audience_page, band_name
from ticketing.catalogue.models import Hall
from ticketing.catalogue.models import SeatPlan as PlanRow
from ticketing.catalogue.plan_build import build
from ticketing.catalogue.plan_drafts import plan_of_row, start_draft
from ticketing.catalogue.plan_errors import PlanFormError
from ticketing.catalogue.plan_queries import hall_by_code, newest_version, version_of
from ticketing.catalogue.plans import SeatPlan
from ticketing.catalogue.programme.faults import Fault, ProgrammeError
from ticketing.catalogue.programme.seat_files import seat_file
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.pages import in_language
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.shop.hall_page import FORM
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("halls", __name__, "/staff/halls")
blueprint.context_processor(lambda: {"plan_words": plan_words})
_VERSION = "int(max=2147483647):version"
_START = "halls.start"
_MOST_FAULTS = 100
_MOST_SCREENINGS = 500


@blueprint.url_value_preprocessor
def _take_larger_files(endpoint: str | None, _values: object) -> None:
    """Let a plan's file be larger than other bodies; before the form is read for its token."""
    if endpoint == _START:
        request.max_content_length = MOST_BYTES


@blueprint.get("/")
@allow("staff:manager")
def list_halls() -> ResponseReturnValue:
    """Show every hall with the state of its plan."""
    with runtime().database.reading() as session:
        halls = hall_list(session)
    return render_template("staff/halls/list.html", halls=halls)


@blueprint.get("/<code:code>/")
@allow("staff:manager")
def show(code: str) -> ResponseReturnValue:
    """Show a hall's plans, and how to begin another."""
    return _page(code, said=_said())


@blueprint.post("/<code:code>/draft")
@allow("staff:manager")
def start(code: str) -> ResponseReturnValue:
    """Begin a draft: from the newest version, from a file, or from rows and seats."""
    here = runtime()
    try:
        plan = _given_plan(form_line("do"), code)
        with here.database.transaction() as session:
            hall = hall_by_code(session, code)
            origin = {"from": form_line("do")}
            start_draft(session, hall, plan, origin, current_actor(), here.clock.now())
    except NotFoundError:
        raise
    except ProgrammeError as refusal:
        return _page(code, error=refusal, faults=refusal.faults)
    except DomainError as refusal:
        return _page(code, error=refusal)
    return redirect(url_for("plan_editor.show", code=code, done="started"), 303)


@blueprint.post("/<code:code>/screenings")
@allow("staff:manager")
def move(code: str) -> ResponseReturnValue:
    """Take the ticked screenings over to the newest version of the plan."""
    here = runtime()
    codes = frozenset(request.form.getlist("screening")[:_MOST_SCREENINGS])
    with here.database.transaction() as session:
        hall = hall_by_code(session, code)
        moved, _stayed = move_screenings(session, hall, codes, current_actor(), here.clock.now())
    return redirect(url_for("halls.show", code=code, moved=len(moved), asked=len(codes)), 303)


@blueprint.get(f"/<code:code>/versions/<{_VERSION}>")
@allow("staff:manager")
def preview(code: str, version: int) -> ResponseReturnValue:
    """Show a published version as the audience sees it."""
    with runtime().database.reading() as session:
        hall = hall_by_code(session, code)
        return preview_page(session, hall, version_of(session, hall.id, version), url_for(".show", code=code))


@blueprint.get(f"/<code:code>/versions/<{_VERSION}>.json")
@allow("staff:manager")
def download_plan(code: str, version: int) -> ResponseReturnValue:
    """Give a version as pretix's JSON."""
    plan = _version(code, version)
    return _file(plan.source + "\n", "application/json", f"{code}-{version}.json")


@blueprint.get(f"/<code:code>/versions/<{_VERSION}>.seats.csv")
@allow("staff:manager")
def download_seats(code: str, version: int) -> ResponseReturnValue:
    """Give what the JSON of a version cannot say."""
    plan = _version(code, version)
    return _file(seat_file(plan), "text/csv; charset=utf-8", f"{code}-{version}.seats.csv")


def preview_page(session: Session, hall: Hall, row: PlanRow, back: str) -> Response:
    """Return a plan as the audience's page shows it, with nothing to send."""
    festival, plan = the_festival(session), plan_of_row(row)
    prices = usual_prices(session, hall, runtime().clock.now())
    audience = audience_page(row, plan, prices, festival.currency, festival.max_places_per_order)
    page = render_template(
        "staff/halls/preview.html",
        hall=hall,
        row=row,
        back=back,
        style_url=audience.style_url,
        form=FORM,
        unpriced=[band_name(band) for band in without_price(prices, plan.bands_in_use())],
    )
    return Response(audience.filled_in(page, all_free(plan), ""))


def _given_plan(do: str, code: str) -> SeatPlan:
    """Return the plan that the form gives. Raises PlanFormError, ProgrammeError or TooManySeatsError."""
    if do == "upload":
        return uploaded_plan()
    with runtime().database.reading() as session:
        hall = hall_by_code(session, code)
        if do == "build":
            return build(None, in_language(hall.name), new_block())
        newest = newest_version(session, hall.id) if do == "newest" else None
    if newest is None:
        raise PlanFormError(field="do")
    return plan_of_row(newest)


def _version(code: str, version: int) -> SeatPlan:
    with runtime().database.reading() as session:
        return plan_of_row(version_of(session, hall_by_code(session, code).id, version))


def _file(text: str, content_type: str, name: str) -> Response:
    response = Response(text, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _said() -> str:
    """Return what the last form did, if the address says so."""
    moved = query_line("moved")
    if moved.isdecimal() and len(moved) <= 3:  # noqa: PLR2004 - more are not moved at once
        return str(ngettext("%(num)d screening moved.", "%(num)d screenings moved.", int(moved)))
    return plan_words.done_word(query_line("done"))


def _page(
    code: str, *, said: str = "", error: DomainError | None = None, faults: Sequence[Fault] = ()
) -> Response:
    here = runtime()
    with here.database.reading() as session:
        plans = hall_plans(session, hall_by_code(session, code), here.clock.now())
        page = render_template(
            "staff/halls/hall.html",
            plans=plans,
            hall=plans.hall,
            said=said,
            refusal=refusal_text(error) if error and not faults else "",
            faults=faults[:_MOST_FAULTS],
            more_faults=max(len(faults) - _MOST_FAULTS, 0),
            typed=request.form,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)
