"""The basket page: kinds of ticket, time left, more time, giving back, going on."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from ticketing.foundation.errors import DomainError
from ticketing.foundation.forms import form_line
from ticketing.foundation.limits import count_address
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.inventory.errors import AlreadyRenewedError
from ticketing.inventory.holds import release_hold, renew_hold
from ticketing.sales.shop.basket_view import Basket, BasketHold, load_basket, with_voucher
from ticketing.sales.shop.holdings import (
    choose_concessions,
    choose_voucher,
    chosen_voucher,
    forget_holds,
    held_ids,
)
from ticketing.sales.shop.overlaps import Conflict, conflicts_of_basket
from ticketing.sales.shop.site import load_site, private, see_other, site

blueprint = Blueprint("basket", __name__, url_prefix="/<language:language>/basket")


@blueprint.get("")
@allow("buyer")
def show() -> ResponseReturnValue:
    """Show what is held; what has expired is said once and dropped."""
    basket = this_basket()
    forget_holds([*basket.expired, *basket.used])
    page = render_template(
        "shop/basket.html",
        basket=basket,
        conflicts=basket_conflicts(basket),
        minutes=site().festival.hold_minutes,
        seconds_left=seconds_left(basket),
    )
    return private(Response(page))


@blueprint.post("")
@allow("buyer")
def act() -> ResponseReturnValue:
    """Keep the kinds of ticket chosen, then do what the pressed button says."""
    basket = this_basket()
    for hold in basket.holds:
        choose_concessions(hold.id, _chosen(hold))
    action, _, hold_id = request.form.get("act", "").partition(":")
    named = [hold for hold in basket.holds if str(hold.id) == hold_id]
    try:
        target = _carry_out(action, named, basket)
    except DomainError as error:
        flash(refusal_text(error), "bad")
        target = url_for("basket.show")
    return see_other(target)


def this_basket() -> Basket:
    """Return the basket of this browser."""
    here = runtime()
    with here.database.reading() as session:
        current, now = load_site(session), here.clock.now()
        basket = load_basket(session, held_ids(), current, now)
        return with_voucher(session, basket, chosen_voucher(), current, now)


def basket_conflicts(basket: Basket) -> list[Conflict]:
    """Return the screenings that cannot both be seen, of a basket and of what this browser has bought."""
    here = runtime()
    with here.database.reading() as session:
        chosen = [hold.card.screening for hold in basket.holds]
        return conflicts_of_basket(session, chosen, load_site(session), here.clock.now())


def seconds_left(basket: Basket) -> int:
    """Return for how long the first of the holds lasts."""
    return 0 if basket.until is None else max(int((basket.until - runtime().clock.now()).total_seconds()), 0)


def _chosen(hold: BasketHold) -> dict[str, str]:
    sent = {place.place: request.form.get(place.field, place.concession) for place in hold.places}
    return {place.place: sent[place.place] for place in hold.places if sent[place.place] in place.options}


def _carry_out(action: str, named: Sequence[BasketHold], basket: Basket) -> str:
    match action, named:
        case "renew", _:
            renew(basket)
        case "voucher", _:
            use_voucher(form_line("voucher"))
        case "no_voucher", _:
            choose_voucher("")
        case "checkout", _ if form_line("voucher"):
            use_voucher(form_line("voucher"))  # typed and not applied: its price is shown first
        case "checkout", _:
            return url_for("checkout.show")
        case "remove", [hold]:
            _give_back(hold.id)
        case "change", [hold]:
            _give_back(hold.id)
            places = urlencode([("place", place.place) for place in hold.places])
            return f"{url_for('screening.show', code=hold.card.code)}?{places}"
    return url_for("basket.show")


def renew(basket: Basket) -> None:
    """Give every hold that may have it its full time once more, and say so.

    Raises NotFoundError, AlreadyRenewedError, HoldUsedError or HoldExpiredError.
    """
    here = runtime()
    now = here.clock.now()
    if not basket.can_renew:
        raise AlreadyRenewedError
    with here.database.transaction() as session:
        for hold in basket.holds:
            if not hold.renewed:
                renew_hold(session, hold.id, now)
    minutes = site().festival.hold_minutes
    flash(ngettext("Kept for %(num)d more minute.", "Kept for %(num)d more minutes.", minutes), "good")


def use_voucher(code: str) -> None:
    """Put a voucher into this browser's basket, and say so. Raises what apply_vouchers raises.

    What the basket comes to is shown with it at once; an empty field takes the voucher out.
    """
    before = chosen_voucher()
    choose_voucher("")
    if not code:
        return
    count_address("voucher")
    choose_voucher(code)
    voucher = this_basket().voucher
    if voucher is not None and voucher.refusal is not None:
        choose_voucher("" if before == code else before)
        raise voucher.refusal


def _give_back(hold: UUID) -> None:
    try:
        with runtime().database.transaction() as session:
            release_hold(session, hold)
    finally:
        forget_holds([hold])
