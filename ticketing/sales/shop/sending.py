"""The buyer's page that sends one ticket to a friend, and the button that takes it back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ticketing.foundation.errors import DomainError, IdempotencyInProgressError, NotFoundError
from ticketing.foundation.i18n import LANGUAGES, language
from ticketing.foundation.idempotency import repeatable_form
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.sales.edge import read_order
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.rules import check_email, check_name
from ticketing.sales.shop import wording
from ticketing.sales.shop.form_fields import text_field
from ticketing.sales.shop.holdings import browser, new_form_key
from ticketing.sales.shop.own_orders import own_order
from ticketing.sales.shop.site import private, see_other
from ticketing.sales.transfer_edge import make_transfer, take_back
from ticketing.sales.transfers import TransferRequest

blueprint = Blueprint("sending", __name__, url_prefix="/<language:language>")


@dataclass
class FriendForm:
    """The form as it is shown: texts as typed, and a refusal's words at each field that has one."""

    name: str = ""
    email: str = ""
    locale: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    def is_right(self) -> bool:
        """Tell whether somebody can be written to, with a fault at each field that is wrong."""
        checks: tuple[tuple[str, Callable[[str], str], str], ...] = (
            ("name", check_name, self.name),
            ("email", check_email, self.email),
        )
        for name, check, text in checks:
            try:
                check(text)
            except DomainError as error:
                self.faults[name] = refusal_text(error)
        return not self.faults


@blueprint.get("/orders/<order:code>/tickets/<uuid:ticket>/send")
@allow("buyer")
def show(code: str, ticket: UUID) -> ResponseReturnValue:
    """Show the form; a ticket that cannot be sent is shown in its order, which says why."""
    try:
        view, wanted = _find(code, ticket)
    except NotFoundError:
        return private(Response(render_template("shop/order_locked.html"), HTTPStatus.NOT_FOUND))
    if not wanted.is_held:
        return see_other(url_for("orders.show", code=code))
    return _page(view, wanted, FriendForm(locale=language()), new_form_key())


@blueprint.post("/orders/<order:code>/tickets/<uuid:ticket>/send")
@allow("buyer")
def send(code: str, ticket: UUID) -> ResponseReturnValue:
    """Send the ticket; sent twice, the form sends once."""
    order_id = own_order(code)
    to_order = url_for("orders.show", code=code)
    repeat = repeatable_form(browser())
    if repeat.known(runtime().database) is not None:
        return see_other(to_order)
    view, wanted = _find(code, ticket)
    locale = request.form.get("locale", "")
    form = FriendForm(
        name=text_field("name"),
        email=text_field("email"),
        locale=locale if locale in LANGUAGES else language(),
    )
    if not form.is_right():
        return _page(view, wanted, form, request.form["form_key"], HTTPStatus.UNPROCESSABLE_ENTITY)
    transfer = TransferRequest(
        order_id=order_id, ticket_id=ticket, to_name=form.name, to_email=form.email, locale=form.locale
    )
    try:
        make_transfer(transfer, repeat)
    except IdempotencyInProgressError:
        raise
    except DomainError as error:
        flash(refusal_text(error), "bad")
    else:
        flash(_("The ticket is sent. The code you had no longer works."), "good")
    return see_other(to_order)


@blueprint.post("/orders/<order:code>/tickets/<uuid:ticket>/take-back")
@allow("buyer")
def end(code: str, ticket: UUID) -> ResponseReturnValue:
    """Take the ticket back, if its friend has not opened it."""
    try:
        take_back(own_order(code), ticket)
    except NotFoundError:
        # Taken back in another window: the order shows how things stand.
        own_order(code)
    except DomainError as error:
        flash(refusal_text(error), "bad")
    else:
        flash(_("The ticket is yours again, with a new code."), "good")
    return see_other(url_for("orders.show", code=code))


def _find(code: str, ticket_id: UUID) -> tuple[OrderView, TicketView]:
    """Return a ticket with its order, to whoever may see it. Raises NotFoundError."""
    view = read_order(own_order(code))
    for ticket in view.tickets:
        if ticket.id == ticket_id:
            return view, ticket
    raise NotFoundError


def _page(
    view: OrderView, ticket: TicketView, form: FriendForm, form_key: str, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    name = wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band)
    body = render_template(
        "shop/send.html",
        order=view.order,
        ticket=ticket,
        place=name if ticket.row or ticket.band else f"{name} {ticket.place}",
        form=form,
        form_key=form_key,
    )
    return private(Response(body, status))
