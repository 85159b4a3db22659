"""One screening: choosing seats, or a number of places where seats have no numbers."""

from collections.abc import Collection
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.catalogue.programme.values import Seating
from ticketing.catalogue.queries import screening_by_code
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.limits import count_address
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.inventory.errors import SoldOutError, UnknownPlaceError
from ticketing.inventory.holds import HoldRequest, hold_places
from ticketing.inventory.queries import free_count, held_seats, seats
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import make_card, price_table_of
from ticketing.sales.shop.errors import NothingChosenError
from ticketing.sales.shop.form_fields import number_field, place_labels, text_field
from ticketing.sales.shop.holdings import held_ids, remember_hold
from ticketing.sales.shop.seats import seat_form
from ticketing.sales.shop.site import load_site, see_other

blueprint = Blueprint("screening", __name__, url_prefix="/<language:language>/screenings")


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
        hold(_wanted(code))
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(code, request.form.getlist("place"), error)
    return see_other(url_for("basket.show"))


def hold(wanted: HoldRequest) -> None:
    """Hold places for this browser. Raises what hold_places raises, or RateLimitedError."""
    count_address("hold")
    here = runtime()
    now = here.clock.now()
    hold_id = new_id(now)
    with here.database.transaction() as session:
        hold_places(session, hold_id, wanted, now)
    remember_hold(hold_id)


def _wanted(code: str) -> HoldRequest:
    quantity = number_field("quantity")
    if "best" in request.form or "place" not in request.form:
        if not quantity:
            raise NothingChosenError
        return HoldRequest(screening=code, quantity=quantity, band=text_field("band") or None)
    return HoldRequest(screening=code, places=place_labels(request.form.getlist("place")))


def _page(code: str, chosen: Collection[str], refusal: DomainError | None = None) -> ResponseReturnValue:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        site = load_site(session)
        screening = screening_by_code(session, code)
        numbered = screening.hall.seating == Seating.RESERVED
        rows = seats(session, screening.id, screening.layout, now) if numbered else []
        free = (
            sum(r.free for r in rows)
            if numbered
            else free_count(session, screening.id, screening.layout, now)
        )
        mine = held_seats(session, held_ids(), now)
    card = make_card(screening, free, site, now)
    prices = price_table_of(screening)
    form = seat_form(rows, prices, site.festival.currency, set(chosen)) if numbered else None
    page = render_template(
        "shop/screening.html",
        card=card,
        screening=screening,
        form=form,
        concessions=[(c, site.money(amount)) for c, amount in prices.concessions("").items()],
        most=site.festival.max_places_per_order,
        refusal=_refusal_words(refusal, free) if refusal and card.state.is_open else None,
        mine=[wording.place_name(r.section, r.row, r.number) for r in mine if r.screening_id == screening.id],
        notices=wording.age_notices(screening.age_rating, late=card.is_late),
    )
    return Response(page, refusal.status if refusal else HTTPStatus.OK)


def _refusal_words(refusal: DomainError, free: int) -> str:
    if isinstance(refusal, SoldOutError) and free:
        return str(_("So many places are not free any more. Choose fewer."))
    return refusal_text(refusal)
