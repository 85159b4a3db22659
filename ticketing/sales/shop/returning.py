"""The buyer's page that gives tickets back: what comes back, what is kept, when and where to; then done."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.idempotency import repeatable_form
from ticketing.foundation.money import Money
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.edge import read_order
from ticketing.sales.refund_edge import make_return
from ticketing.sales.returns import ReturnRequest, offers
from ticketing.sales.shop.holdings import browser, new_form_key
from ticketing.sales.shop.own_orders import own_order
from ticketing.sales.shop.return_page import chosen_of, return_page
from ticketing.sales.shop.site import private, see_other, site

blueprint = Blueprint("returns", __name__, url_prefix="/<language:language>")


@blueprint.get("/orders/<order:code>/return")
@allow("buyer")
def show(code: str) -> ResponseReturnValue:
    """Show what comes back of the tickets in the address, or of every one that can be returned."""
    try:
        return _page(code, chosen_of(request.args.getlist("ticket")))
    except NotFoundError:
        return private(Response(render_template("shop/order_locked.html"), HTTPStatus.NOT_FOUND))


@blueprint.post("/orders/<order:code>/return")
@allow("buyer")
def give_back(code: str) -> ResponseReturnValue:
    """Return the chosen tickets, if what comes back is what the page said; else show what it is now."""
    order_id = own_order(code)
    to_order = url_for("orders.show", code=code)
    repeat = repeatable_form(browser())
    if repeat.known(runtime().database) is not None:
        return see_other(to_order)
    chosen = chosen_of(request.form.getlist("ticket"))
    if not chosen:
        return _page(code, frozenset(), refusal=_("Choose at least one ticket."), status=422)
    shown = request.form.get("amount", "")
    wanted = ReturnRequest(
        order_id=order_id,
        tickets=tuple(sorted(chosen)),
        # What no page has shown is no amount at all, so it is always shown first.
        amount_minor=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else -1,  # noqa: PLR2004 - fits 64 bits
    )
    try:
        make_return(wanted, repeat)
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(code, chosen, refusal=refusal_text(refusal), status=refusal.status)
    flash(_("The tickets are returned. A mail tells when the money is on its way."), "good")
    return see_other(to_order)


def _page(code: str, chosen: frozenset[UUID], *, refusal: str = "", status: int = HTTPStatus.OK) -> Response:
    view = read_order(own_order(code))
    page = return_page(offers(view, site().festival, runtime().clock.now()), chosen)
    worth = sum(one.price.minor for one in page.chosen)
    fee = sum(one.fee.minor for one in page.chosen)
    currency = view.order.currency
    body = render_template(
        "shop/return.html",
        order=view.order,
        page=page,
        worth=Money(worth, currency),
        fee=Money(fee, currency),
        back=Money(worth - fee, currency),
        gift=view.gift,
        has_paid=any(payment.captured_minor for payment in view.payments),
        refusal=refusal,
        form_key=new_form_key(),
    )
    return private(Response(body, status))
