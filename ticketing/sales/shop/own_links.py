"""My tickets by mail: asking for the link, opening it with a button; an order's other name or address."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.i18n import language
from ticketing.foundation.limits import count_address, limits
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.edge import ORDER, read_order
from ticketing.sales.errors import LinkOverError
from ticketing.sales.own_links import LIFE, OWN_LINK, ask, rename, sent_to, use
from ticketing.sales.rules import check_email, check_name
from ticketing.sales.shop.calendars import keep_feed
from ticketing.sales.shop.form_fields import text_field
from ticketing.sales.shop.friend_keys import keep_transfers
from ticketing.sales.shop.own_orders import keep_keys, own_order
from ticketing.sales.shop.site import private, see_other
from ticketing.sales.transfer_edge import TRANSFER

blueprint = Blueprint("own_links", __name__, url_prefix="/<language:language>")
_COOKIE = "own_link"


@blueprint.post("/tickets/link")
@allow("public")
def send() -> ResponseReturnValue:
    """Send a link to an address, and say the same whoever's it is."""
    back = url_for("orders.index", _anchor="by-mail")
    try:
        count_address("own_link")
        address = check_email(text_field("email"))
    except DomainError as refusal:
        flash(refusal_text(refusal), "bad")
        return see_other(back)
    here = runtime()
    with here.database.transaction() as session:
        ask(session, address, language(), here.clock.now())
    flash(_("If this address has tickets, a letter with the link comes within a few minutes."), "good")
    return see_other(back)


@blueprint.get("/tickets/link/<uuid:link>")
@allow("public")
def show(link: UUID) -> ResponseReturnValue:
    """Show the button; the key in the address moves into a cookie first. A look alone uses nothing up."""
    key = request.args.get("key")
    if key is not None:
        _require_key(link, key)
        response = see_other(url_for(".show", link=link))
        secure = runtime().settings.base_url.startswith("https://")
        response.set_cookie(
            _COOKIE,
            key,
            max_age=LIFE.seconds,
            path=request.path,
            httponly=True,
            samesite="Lax",
            secure=secure,
        )
        return response
    _require_key(link, request.cookies.get(_COOKIE, ""))
    return private(Response(render_template("shop/own_link.html")))


@blueprint.post("/tickets/link/<uuid:link>")
@allow("public")
def open_link(link: UUID) -> ResponseReturnValue:
    """Use the link up: from now on this browser has the orders."""
    _require_key(link, request.cookies.get(_COOKIE, ""))
    here = runtime()
    try:
        with here.database.transaction() as session:
            used, orders = use(session, link, here)
            keys = {order.code: here.keys.key(ORDER, order.id) for order in orders}
            others = [] if used.order_id else sent_to(session, used.address)
            sent = {one.id: here.keys.key(TRANSFER, one.id) for one in others}
            changed = orders[0].code if used.order_id else None
    except LinkOverError as refusal:
        flash(refusal_text(refusal), "bad")
        return see_other(url_for("orders.index", _anchor="by-mail"))
    if changed is None:
        response = see_other(url_for("orders.index"))
    else:
        flash(_("Mails about this order come to this address from now on."), "good")
        response = see_other(url_for("orders.show", code=changed))
    keep_keys(response, keys)
    keep_transfers(response, sent)
    keep_feed(response, link)
    return response


@blueprint.get("/orders/<order:code>/contact")
@allow("buyer")
def contact(code: str) -> ResponseReturnValue:
    """Show the form with an order's name and address."""
    order = read_order(own_order(code)).order
    return _contact_page(code, order.buyer_name, order.buyer_email, {})


@blueprint.post("/orders/<order:code>/contact")
@allow("buyer")
def change(code: str) -> ResponseReturnValue:
    """Change the name at once; a new address has to prove itself first."""
    order_id = own_order(code)
    order = read_order(order_id).order
    name, email, faults = text_field("name"), text_field("email"), dict[str, str]()
    checked_name = _checked("name", check_name, name, faults)
    checked_email = _checked("email", check_email, email, faults)
    if faults:
        return _contact_page(code, name, email, faults, HTTPStatus.UNPROCESSABLE_ENTITY)
    here = runtime()
    limits().count("contact", code)
    now = here.clock.now()
    with here.database.transaction() as session:
        if checked_name != order.buyer_name:
            rename(session, order_id, checked_name, now)
            flash(_("The name is changed."), "good")
        if checked_email.lower() != order.buyer_email.lower():
            ask(session, checked_email, order.locale, now, order_id)
            flash(_("Open the link that was sent to the new address: then mails go there."), "info")
    return see_other(url_for("orders.show", code=code))


def _contact_page(
    code: str, name: str, email: str, faults: dict[str, str], status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = render_template("shop/contact.html", code=code, name=name, email=email, faults=faults)
    return private(Response(page, status))


def _checked(field: str, check: Callable[[str], str], typed: str, faults: dict[str, str]) -> str:
    try:
        return check(typed)
    except DomainError as refusal:
        faults[field] = refusal_text(refusal)
        return typed


def _require_key(link: UUID, key: str) -> None:
    if not runtime().keys.matches(OWN_LINK, link, key):
        raise NotFoundError
