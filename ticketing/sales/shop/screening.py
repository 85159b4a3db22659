"""One screening: choosing seats, or a number of places where seats have no numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from ticketing.catalogue.programme.values import Seating
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.i18n import language
from ticketing.foundation.ids import new_id
from ticketing.foundation.limits import count_address
from ticketing.foundation.memory import Memory
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.inventory.errors import PlacesTakenError, SingleSeatLeftError, SoldOutError, UnknownPlaceError
from ticketing.inventory.holds import HoldRequest
from ticketing.inventory.live import live_places
from ticketing.inventory.queries import held_seats
from ticketing.sales.edge import desk
from ticketing.sales.hold_turn import AskedHold
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import make_card, price_table_of
from ticketing.sales.shop.errors import NothingChosenError
from ticketing.sales.shop.form_fields import number_field, place_labels, text_field
from ticketing.sales.shop.hall_page import FORM, HallPage, HallPages, Slots
from ticketing.sales.shop.holdings import choose_concessions, held_ids, remember_hold
from ticketing.sales.shop.linked_data import screening_data
from ticketing.sales.shop.planner_marks import marked_codes
from ticketing.sales.shop.site import load_site, remembered, see_other
from ticketing.sales.shop.states import SaleState

blueprint = Blueprint("screening", __name__, url_prefix="/<language:language>/screenings")
_HALLS = "kassa.hall_pages"
_PLAIN_PAGES = "kassa.plain_screening_pages"
_MOST_PLAIN = 100
_CONCESSION = "concession-"
_MOST_CONCESSION = 40
# `?from=plan`: whoever comes from her plan goes back there with the seats.
_FROM, _PLAN = "from", "plan"


@blueprint.record_once
def _remember_halls(state: BlueprintSetupState) -> None:
    state.app.extensions[_HALLS] = HallPages()
    plain: Memory[tuple[object, ...], str] = Memory(_MOST_PLAIN)
    state.app.extensions[_PLAIN_PAGES] = plain


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a choice was refused, in words; seats that it would leave alone, and a choice that is allowed."""

    text: str
    lone: tuple[str, ...] = ()
    mend: tuple[str, ...] = ()
    mend_names: tuple[str, ...] = ()


@blueprint.get("/<code:code>")
@allow("public")
def show(code: str) -> ResponseReturnValue:
    """Show a screening and what can be chosen; `?place=` marks seats that were given back to choose again."""
    try:
        chosen = place_labels(request.args.getlist("place"))
    except UnknownPlaceError:
        chosen = ()
    return _page(code, chosen)


@blueprint.post("/<code:code>")
@allow("public")
def choose(code: str) -> ResponseReturnValue:
    """Hold what was chosen and go on to the basket; a refusal shows the page again, other choices kept."""
    try:
        wanted = _wanted(code)
        hold_id = hold(wanted)
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(code, request.form.getlist("place"), error)
    choose_concessions(hold_id, _concessions(wanted.places))
    return see_other(url_for("planner.show" if _is_from_plan() else "basket.show"))


def hold(wanted: HoldRequest) -> UUID:
    """Hold places for this browser. Raises what hold_places raises, or RateLimitedError."""
    count_address("hold")
    hold_id = new_id(runtime().clock.now())
    desk().holds.hold(AskedHold(id=hold_id, request=wanted))
    remember_hold(hold_id)
    return hold_id


def _is_from_plan() -> bool:
    return request.args.get(_FROM) == _PLAN


def _wanted(code: str) -> HoldRequest:
    quantity = number_field("quantity")
    if "best" in request.form or "place" not in request.form:
        if not quantity:
            raise NothingChosenError
        accessible = text_field("accessible") == "1"
        return HoldRequest(
            screening=code, quantity=quantity, band=text_field("band") or None, accessible=accessible
        )
    return HoldRequest(screening=code, places=place_labels(request.form.getlist("place")))


def _concessions(places: Collection[str]) -> dict[str, str]:
    """Return the kinds of ticket that came with the choice; the basket shows only those that are offered."""
    sent = {place: request.form.get(_CONCESSION + place, "") for place in places}
    return {place: code for place, code in sent.items() if code and len(code) <= _MOST_CONCESSION}


def _page(code: str, chosen: Collection[str], error: DomainError | None = None) -> ResponseReturnValue:
    here = runtime()
    now = here.clock.now()
    halls: HallPages = current_app.extensions[_HALLS]
    live = desk().live.places(code, now)
    with here.database.reading() as session:
        site = load_site(session)
        screening = remembered().screening(session, code)
        if screening.layout != live.layout:  # the hall was made anew between the two looks
            live = live_places(session, code, now)
        prices = price_table_of(screening)
        hall = None
        if screening.hall.seating == Seating.RESERVED and live.is_open:
            hall = halls.page(session, screening, live, prices, site.festival)
        mine = [row for row in held_seats(session, held_ids(), now) if row.screening_id == screening.id]
        revision = remembered().revision(session)
    card = make_card(screening, live.count, site, now)
    refusal = _refusal(error, live.count, hall) if error and card.state.is_open else None

    def write(token: str | None = None) -> str:
        until = min((row.held_until for row in mine), default=None)
        return render_template(
            "shop/screening.html",
            token=token,
            card=card,
            from_plan=_is_from_plan(),
            linked=screening_data(card, site),
            screening=screening,
            hall=hall,
            hall_form=FORM,
            concessions=[(c, site.money(amount)) for c, amount in prices.concessions("").items()],
            most=screening.max_places_per_order or site.festival.max_places_per_order,
            refusal=refusal,
            mine=[wording.place_name(r.section, r.row, r.number, r.band) for r in mine],
            until=until,
            seconds_left=max(int((until - now).total_seconds()), 0) if until else 0,
            hold_minutes=site.festival.hold_minutes,
            notices=wording.age_notices(screening.age_rating, late=card.is_late),
        )

    status = error.status if error else HTTPStatus.OK
    if hall is None:
        return Response(write(), status)
    token = generate_csrf()
    if error is None and _is_plain():
        # Written once for all who have nothing of their own on it, which is a rush's first visit.
        pages: Memory[tuple[object, ...], str] = current_app.extensions[_PLAIN_PAGES]
        left = card.free if card.state is SaleState.FEW else 0
        key = (code, revision, live.layout, card.state, left, language(), request.script_root)
        page = pages.get(key, lambda: write(Slots.token)).replace(Slots.token, escape(token))
    else:
        page = write()
    lone = refusal.lone if refusal else ()
    held = [row.label for row in mine]
    return Response(hall.filled_in(page, live, token, chosen, lone, held), status)


def _is_plain() -> bool:
    """Tell whether this reader has nothing of her own on the page: no query, no places, no plan."""
    return not (request.query_string or held_ids() or marked_codes())


def _refusal(error: DomainError, free: int, hall: HallPage | None) -> Refusal:
    if isinstance(error, SoldOutError) and free:
        return Refusal(text=_("So many places are not free any more. Choose fewer."))
    if isinstance(error, PlacesTakenError) and hall:
        names = "; ".join(hall.names_of(_labels(error, "places")))
        text = _("Someone has just taken these seats: %(places)s. Please choose others.", places=names)
        return Refusal(text=text)
    if isinstance(error, SingleSeatLeftError) and hall:
        lone, mend = _labels(error, "places"), _labels(error, "mend")
        names = "; ".join(hall.names_of(lone))
        text = _("Your choice would leave a single seat alone: %(places)s.", places=names)
        return Refusal(text=text, lone=lone, mend=mend, mend_names=tuple(hall.names_of(mend)))
    return Refusal(text=refusal_text(error))


def _labels(error: DomainError, name: str) -> tuple[str, ...]:
    return tuple(cast("Collection[str]", error.params[name]))
