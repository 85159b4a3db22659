"""The festival planner: screenings marked in this browser, a plan shared by its address, buying the rest."""

from collections.abc import Sequence

from flask import Blueprint, Flask, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.catalogue.queries import screenings_by_codes
from ticketing.foundation.api import answer
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import LANGUAGES
from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.calendar_view import festival_entries
from ticketing.sales.shop.calendars import calendar_answer
from ticketing.sales.shop.cards import is_listed
from ticketing.sales.shop.errors import NothingChosenError, PlanFullError
from ticketing.sales.shop.form_fields import number_field
from ticketing.sales.shop.planner_buying import (
    Outcome,
    hold_all,
    last_outcome,
    reason_words,
    remember_outcome,
)
from ticketing.sales.shop.planner_marks import (
    MOST_MARKED,
    keep_marked,
    marked_codes,
    read_codes,
    write_codes,
)
from ticketing.sales.shop.planner_view import Planner, own_planner, shared_planner
from ticketing.sales.shop.site import load_site, private, see_other, site

blueprint = Blueprint("planner", __name__, url_prefix="/<language:language>")
_SHARED = "s"
_JSON = "application/json"
_MOST_ADDRESS = 1000
_OWN_PATHS = tuple(f"/{language}/" for language in LANGUAGES)


def install_planner(app: Flask) -> None:
    """Give templates what the buttons that mark a screening need."""
    app.jinja_env.globals.update(marked_codes=marked_codes, this_address=_this_address, at_plan=_at_plan)


@blueprint.get("/plan")
@allow("public")
def show() -> ResponseReturnValue:
    """Show this browser's plan, or with `?s=` the one that somebody has shared."""
    here = runtime()
    now = here.clock.now()
    shared = _SHARED in request.args
    with here.database.reading() as session:
        current = load_site(session)
        if shared:
            planner = shared_planner(session, read_codes(request.args[_SHARED]), current, now)
        else:
            planner = own_planner(session, marked_codes(), current, now)
    response = private(Response(_page(planner, shared=shared)))
    if not shared and planner.missing:
        # The programme does not have them any more: they shall not be counted for ever.
        keep_marked(response, [code for code in marked_codes() if code not in planner.missing])
    return response


@blueprint.post("/plan")
@allow("public")
def mark() -> ResponseReturnValue:
    """Add a screening, remove one, or take over a shared plan; then back to where the button was."""
    marked = list(marked_codes())
    if "take" in request.form:
        added = _listed(read_codes(request.form["take"]))
    elif "add" in request.form:
        added = _listed(read_codes(request.form["add"])[:1])
        if not added:
            raise NotFoundError
    else:
        removed = read_codes(request.form.get("remove", ""))
        added, marked = [], [code for code in marked if code not in removed]
    whole = list(dict.fromkeys([*marked, *added]))
    if len(whole) > MOST_MARKED:
        raise PlanFullError(max=MOST_MARKED)
    if request.headers.get("Accept") == _JSON:
        response = private(answer({"marked": whole}))
    else:
        response = see_other(_back(request.form.get("add") or request.form.get("remove") or ""))
    keep_marked(response, whole)
    return response


@blueprint.post("/plan/hold")
@allow("buyer")
def buy() -> ResponseReturnValue:
    """Hold the best places of the screenings ticked, as many in each as people come along."""
    here = runtime()
    quantity = number_field("quantity")
    if not quantity:
        raise NothingChosenError
    ticked = set(request.form.getlist("screening"))
    with here.database.reading() as session:
        planner = own_planner(session, marked_codes(), load_site(session), here.clock.now())
    outcome = hold_all([stop.card.code for stop in planner.to_buy if stop.card.code in ticked], quantity)
    if outcome.refused or not outcome.held:
        remember_outcome(outcome)
        return see_other(url_for("planner.show"))
    flash(_("The best free places of each screening are held for you."), "good")
    return see_other(url_for("basket.show"))


@blueprint.get("/plan.ics")
@allow("public")
def calendar() -> ResponseReturnValue:
    """Return the plan of the address, or this browser's, for a calendar."""
    codes = read_codes(request.args[_SHARED]) if _SHARED in request.args else marked_codes()
    with runtime().database.reading() as session:
        current = load_site(session)
        entries = festival_entries(screenings_by_codes(session, codes), current)
    if not entries:
        raise NotFoundError
    return private(calendar_answer(entries, f"plan-{current.festival.edition}"))


def _page(planner: Planner, *, shared: bool) -> str:
    shown = write_codes(planner.codes)
    address = url_for("planner.show", s=shown)
    titles = {stop.card.code: stop.card.title for stop in planner.stops}
    outcome = (None if shared else last_outcome()) or Outcome((), {})
    return render_template(
        "shop/planner.html",
        planner=planner,
        shared=shared,
        share_address=runtime().settings.base_url + address,
        calendar_address=url_for("planner.calendar", s=shown),
        new_codes=[code for code in planner.codes if code not in marked_codes()],
        take=shown,
        left_out=planner.clashing(),
        most=site().festival.max_places_per_order,
        held=[titles[code] for code in outcome.held if code in titles],
        refused=[
            (titles[code], reason_words(why)) for code, why in outcome.refused.items() if code in titles
        ],
    )


def _listed(codes: Sequence[str]) -> list[str]:
    """Return those of the codes whose screening the audience hears of."""
    with runtime().database.reading() as session:
        found = {one.code for one in screenings_by_codes(session, codes) if is_listed(one)}
    return [code for code in codes if code in found]


def _at_plan() -> bool:
    return request.blueprint == blueprint.name


def _this_address() -> str:
    """Return this page's address, for a form that leads back to it."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def _back(code: str) -> str:
    """Return where the button was, at the screening; the plan, if the form does not say that well."""
    address = request.form.get("back", "")[:_MOST_ADDRESS]
    # A path that begins with a language is on this site, whatever follows.
    if not (address.isascii() and address.isprintable() and address.startswith(_OWN_PATHS)):
        return url_for("planner.show")
    path, mark, query = address.partition("#")[0].partition("?")
    place = f"#s-{code}" if read_codes(code) == (code,) else ""
    return f"{path}{mark}{query}{place}"
