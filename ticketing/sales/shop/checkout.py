"""The checkout: who buys, the terms, the bill; from here to the bank."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.foundation.errors import DomainError, IdempotencyInProgressError
from ticketing.foundation.forms import form_line
from ticketing.foundation.i18n import language
from ticketing.foundation.idempotency import Repeatable, repeatable_form
from ticketing.foundation.limits import count_address
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.edge import order_key, place_order, read_order
from ticketing.sales.errors import GatewayUnavailableError, PaymentRefusedError
from ticketing.sales.orders import OrderRequest
from ticketing.sales.queries import OrderView
from ticketing.sales.refund_policies import festival_policy, showing_of
from ticketing.sales.rules import Buyer
from ticketing.sales.shop import wording
from ticketing.sales.shop.basket import basket_conflicts, renew, seconds_left, this_basket, use_voucher
from ticketing.sales.shop.basket_view import Basket
from ticketing.sales.shop.buyer_form import BuyerForm, sent_form
from ticketing.sales.shop.holdings import browser, choose_voucher, forget_holds, new_form_key
from ticketing.sales.shop.own_orders import keep_key
from ticketing.sales.shop.refund_wording import policy_sentences, strictest
from ticketing.sales.shop.site import private, see_other, site

blueprint = Blueprint("checkout", __name__, url_prefix="/<language:language>/checkout")


@blueprint.get("")
@allow("buyer")
def show() -> ResponseReturnValue:
    """Show the form beside the bill."""
    basket = this_basket()
    if not basket.holds:
        return _back_to_basket()
    return _page(basket, BuyerForm(), new_form_key())


@blueprint.post("")
@allow("buyer")
def pay() -> ResponseReturnValue:
    """Make the order and lead to the bank; sent twice, the form leads to the same order.

    With `act=renew` the seats are kept for longer, with `act=voucher` the price changes; then the form is
    shown again as it was filled in.
    """
    repeat = repeatable_form(browser())
    known = repeat.known(runtime().database)
    if known is not None:
        return _to_payment(read_order(UUID(known)))
    basket, form = this_basket(), sent_form()
    if not basket.holds:
        return _back_to_basket()
    changed = _changed(basket)
    if changed is not None:
        return _page(changed, form, request.form["form_key"]) if changed.holds else _back_to_basket()
    form.must_confirm = _overlaps(basket)
    buyer = form.buyer()
    if buyer is None:
        return _page(basket, form, request.form["form_key"], HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        count_address("order")
        return _to_payment(_ordered(basket, buyer, repeat))
    except IdempotencyInProgressError:
        raise
    except DomainError as error:
        flash(refusal_text(error), "bad")
        return _back_to_basket()


def _renewed(basket: Basket) -> Basket:
    """Return the basket with more time; what is in the form's fields stays there."""
    try:
        renew(basket)
    except DomainError as error:
        flash(refusal_text(error), "bad")
    return this_basket()


def _changed(basket: Basket) -> Basket | None:
    """Return the basket as a button other than the one that pays has changed it; None if that was not it.

    A voucher that was typed and not applied is never passed over, whatever was pressed.
    """
    act = request.form.get("act")
    if act == "renew":
        return _renewed(basket)
    return _with_voucher() if act in ("voucher", "no_voucher") or form_line("voucher") else None


def _with_voucher() -> Basket:
    """Return the basket with the voucher typed, or without it; what is in the form's fields stays there."""
    try:
        use_voucher("" if request.form.get("act") == "no_voucher" else form_line("voucher"))
    except DomainError as error:
        flash(refusal_text(error), "bad")
    return this_basket()


def _ordered(basket: Basket, buyer: Buyer, repeat: Repeatable) -> OrderView:
    wanted = OrderRequest(
        holds=basket.chosen(),
        buyer=buyer,
        locale=language(),
        accept_terms=True,
        vouchers=basket.vouchers,
    )
    try:
        view = place_order(wanted, repeat)
    except (GatewayUnavailableError, PaymentRefusedError):
        # The order stands without its payment page; the order's own page says so and tries again.
        known = repeat.known(runtime().database)
        if known is None:
            raise
        view = read_order(UUID(known))
    forget_holds(hold.id for hold in basket.holds)
    choose_voucher("")
    return view


def _to_payment(view: OrderView) -> Response:
    payment = view.open_payment
    address = payment.url if payment is not None else None
    response = see_other(address or url_for("orders.show", code=view.order.code))
    keep_key(response, view.order.code, order_key(view.order.id))
    return response


def _back_to_basket() -> Response:
    return see_other(url_for("basket.show"))


def _refund_rule(basket: Basket) -> list[str]:
    festival = site().festival
    policies = [showing_of(hold.card.screening, festival).policy for hold in basket.holds]
    return policy_sentences(strictest(policies or [festival_policy(festival)]), festival.currency)


def _overlaps(basket: Basket) -> bool:
    return any(one.clash for one in basket_conflicts(basket))


def _page(basket: Basket, form: BuyerForm, form_key: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    notices = dict.fromkeys(
        notice
        for hold in basket.holds
        for notice in wording.age_notices(hold.card.screening.age_rating, late=hold.card.is_late)
    )
    conflicts = basket_conflicts(basket)
    form.must_confirm = any(one.clash for one in conflicts)
    page = render_template(
        "shop/checkout.html",
        basket=basket,
        conflicts=conflicts,
        form=form,
        form_key=form_key,
        notices=list(notices),
        seconds_left=seconds_left(basket),
        refund_rule=_refund_rule(basket),
    )
    return private(Response(page, status))
