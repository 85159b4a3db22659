"""A buyer's tickets as PDFs: one, or the whole order; for browsers by cookie, for programs by header."""

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from ticketing.foundation.api import bearer
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import language
from ticketing.foundation.pdf import PDF, print_fonts
from ticketing.foundation.web import allow, runtime
from ticketing.sales.edge import read_order
from ticketing.sales.errors import TicketTransferredError
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.rules import OrderStatus
from ticketing.sales.shop.own_orders import order_of_key, own_order
from ticketing.sales.shop.printed_view import printed_tickets
from ticketing.sales.shop.site import private, site
from ticketing.tickets.errors import TicketVoidError
from ticketing.tickets.print_a4 import a4_tickets
from ticketing.tickets.print_phone import phone_tickets
from ticketing.tickets.printed import PrintedTicket

blueprint = Blueprint("printing", __name__, url_prefix="/<language:language>/tickets")


@blueprint.get("/<order:code>.pdf")
@allow("buyer")
def whole(code: str) -> ResponseReturnValue:
    """Return all valid tickets of an order in one file."""
    view = order_with_tickets(code)
    tickets = printed_tickets(view, site())
    if not tickets:
        raise TicketTransferredError if any(one.transfer for one in view.tickets) else TicketVoidError
    return pdf_answer(tickets, code)


@blueprint.get("/<order:code>-<uuid:ticket>.pdf")
@allow("buyer")
def single(code: str, ticket: UUID) -> ResponseReturnValue:
    """Return one ticket."""
    view = order_with_tickets(code)
    wanted = held_ticket(view, ticket)
    printed = [one for one in printed_tickets(view, site()) if one.code == wanted.code]
    return pdf_answer(printed, f"{code}-{view.tickets.index(wanted) + 1}")


def order_with_tickets(code: str) -> OrderView:
    """Return an order that has tickets to whoever may see it: by cookie or header. Raises NotFoundError."""
    by_header = "Authorization" in request.headers
    view = read_order(order_of_key(code, bearer("Order")) if by_header else own_order(code))
    if view.order.status == OrderStatus.PENDING or not view.tickets:
        raise NotFoundError
    return view


def held_ticket(view: OrderView, ticket: UUID) -> TicketView:
    """Return a ticket of an order that its owner has.

    Raises NotFoundError, TicketVoidError or TicketTransferredError.
    """
    wanted = next((one for one in view.tickets if one.id == ticket), None)
    if wanted is None:
        raise NotFoundError
    if wanted.state != "valid":
        raise TicketVoidError
    if not wanted.is_held:
        raise TicketTransferredError
    return wanted


def pdf_answer(tickets: list[PrintedTicket], name: str) -> Response:
    """Return tickets as a file, in the format that the address asks for."""
    draw = phone_tickets if request.args.get("format") == "phone" else a4_tickets
    made = draw(print_fonts(), tickets, language=language(), made_at=runtime().clock.now())
    response = private(Response(made, content_type=PDF))
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
