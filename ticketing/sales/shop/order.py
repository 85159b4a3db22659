"""The buyer's own orders: one with its tickets, paying it, and the list of those opened in this browser."""

from http import HTTPStatus

from flask import Blueprint, Response, flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.idempotency import repeatable_form
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.edge import ORDER, new_attempt, opened, read_order
from ticketing.sales.errors import GatewayUnavailableError
from ticketing.sales.queries import OrderView
from ticketing.sales.shop.calendars import feed_address, kept_feed
from ticketing.sales.shop.friend_keys import kept_transfers
from ticketing.sales.shop.holdings import browser, new_form_key
from ticketing.sales.shop.order_list import list_orders, list_sent
from ticketing.sales.shop.order_page import visits_of
from ticketing.sales.shop.order_states import OrderState, order_state
from ticketing.sales.shop.own_orders import keep_key, opened_orders, order_of_key, own_order
from ticketing.sales.shop.receipt_view import receipt_title
from ticketing.sales.shop.site import load_site, private, see_other, site

blueprint = Blueprint("orders", __name__, url_prefix="/<language:language>")
_RETURNED = "back_from_bank"
_LOOK_AGAIN_SECONDS = 10


@blueprint.get("/tickets/")
@allow("buyer")
def index() -> ResponseReturnValue:
    """List the orders opened in this browser, and the tickets that somebody sent."""
    keys = opened_orders()
    here = runtime()
    with here.database.reading() as database:
        load_site(database)
        known = list_orders(database, keys, here.clock.now())
        sent = list_sent(database, kept_transfers())
    own = [order for order in known if here.keys.matches(ORDER, order.id, keys[order.code])]
    return private(Response(render_template("shop/tickets.html", orders=own, sent=sent, feed=kept_feed())))


@blueprint.get("/orders/<order:code>")
@allow("buyer")
def show(code: str) -> ResponseReturnValue:
    """Show an order to whoever has its key; a key in the address moves into a cookie first."""
    key = request.args.get("key")
    try:
        if key is not None:
            return _take_key(code, key)
        view = read_order(own_order(code))
    except NotFoundError:
        return private(Response(render_template("shop/order_locked.html"), HTTPStatus.NOT_FOUND))
    return _page(view)


@blueprint.post("/orders/<order:code>/pay")
@allow("buyer")
def pay(code: str) -> ResponseReturnValue:
    """Lead to the bank: to the open payment page, or to a new one after a declined one."""
    order_id = own_order(code)
    session.pop(_RETURNED, None)
    try:
        view = read_order(order_id)
        if view.open_payment is not None and _state(view) not in (OrderState.CHECKING, OrderState.OFF):
            opened(order_id)
        else:
            new_attempt(order_id, repeatable_form(browser()))
    except GatewayUnavailableError:
        return _page(read_order(order_id), bank_away=True)
    except DomainError as error:
        flash(refusal_text(error), "bad")
        return see_other(url_for("orders.show", code=code))
    payment = read_order(order_id).open_payment
    address = payment.url if payment is not None else None
    return see_other(address or url_for("orders.show", code=code))


def _take_key(code: str, key: str) -> Response:
    view = read_order(order_of_key(code, key))
    if view.open_payment is not None:
        session[_RETURNED] = code
    response = see_other(url_for("orders.show", code=code))
    keep_key(response, code, key)
    return response


def _page(view: OrderView, *, bank_away: bool = False) -> Response:
    state = _state(view)
    now = runtime().clock.now()
    page = render_template(
        "shop/order.html",
        view=view,
        receipt_title=receipt_title,
        order=view.order,
        state=state,
        visits=visits_of(view, state, site(), now),
        feed=feed_address(view.order.code, view.order.id),
        bank_away=bank_away,
        form_key=new_form_key(),
        seconds_left=max(int((view.order.pay_until - now).total_seconds()), 0),
        minutes=site().festival.hold_minutes,
    )
    response = private(Response(page, HTTPStatus.SERVICE_UNAVAILABLE if bank_away else HTTPStatus.OK))
    if state in (OrderState.WAITING, OrderState.PROCESSING) and not bank_away:
        response.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return response


def _state(view: OrderView) -> OrderState:
    return order_state(
        view.order.status,
        [payment.state for payment in view.payments],
        view.order.pay_until,
        runtime().clock.now(),
        cancelled=any(line.screening.status == ScreeningStatus.CANCELLED for line in view.lines),
        refunded=any(ticket.void_reason == "refunded" for ticket in view.tickets),
        back_from_bank=session.get(_RETURNED) == view.order.code,
    )
