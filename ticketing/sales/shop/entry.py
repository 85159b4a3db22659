"""What is held up at the door: a page of an order's tickets, the code as large as the screen allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.pages import built_file, in_language
from ticketing.foundation.web import allow
from ticketing.sales.edge import read_order
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.shop.own_orders import own_order
from ticketing.sales.shop.printed_view import printed_tickets
from ticketing.sales.shop.site import Site, private, see_other, site
from ticketing.tickets.codes import typeable
from ticketing.tickets.printed import PrintedTicket
from ticketing.tickets.qr import svg_path

blueprint = Blueprint("entry", __name__, url_prefix="/<language:language>")
_KEPT_AFTER = timedelta(days=1)
# The map that people of Kazakhstan have on their phones; a search needs no coordinates, which no file has.
_MAP = "https://2gis.kz/search/"


@dataclass(frozen=True, kw_only=True)
class Pass:
    """A valid ticket with what its page needs beside its words."""

    id: UUID
    says: PrintedTicket
    starts_at: str
    code: str
    qr_size: int
    qr_path: str
    map_url: str
    # A screening that does not take place is nothing for a wallet.
    cancelled: bool


@blueprint.get("/orders/<order:code>/tickets")
@allow("buyer")
def show(code: str) -> ResponseReturnValue:
    """Show an order's valid tickets to whoever may see it; without any, its own page says why."""
    try:
        view = read_order(own_order(code))
    except NotFoundError:
        return private(Response(render_template("shop/order_locked.html"), HTTPStatus.NOT_FOUND))
    passes = passes_of(view, site())
    if not passes:
        return see_other(url_for("orders.show", code=code))
    # A copy that its owner keeps on the phone goes a day after the last of her screenings.
    ends = max(ticket.screening.ends_at for ticket in view.tickets if ticket.is_held)
    page = render_template("shop/entry.html", order=view.order, passes=passes, kept_until=ends + _KEPT_AFTER)
    return private(Response(page))


@blueprint.get("/orders/sw.js")
@allow("public")
def worker() -> Response:
    """Return the service worker of orders' pages; where it stands is how far it reaches."""
    response = send_file(built_file("orders-sw.js"), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


def passes_of(view: OrderView, site: Site) -> Sequence[Pass]:
    """Return the valid tickets that the order's owner has, in the order of its page."""
    held = [ticket for ticket in view.tickets if ticket.is_held]
    return [
        pass_of(ticket, says, site) for ticket, says in zip(held, printed_tickets(view, site), strict=True)
    ]


def pass_of(ticket: TicketView, says: PrintedTicket, site: Site) -> Pass:
    """Return a ticket with the words that stand on it."""
    size, path = svg_path(ticket.code)
    venue = ticket.screening.hall.venue
    place = f"{in_language(venue.name)}, {in_language(site.festival.city)}"
    return Pass(
        id=ticket.id,
        says=says,
        starts_at=ticket.screening.starts_at.astimezone(site.zone).isoformat(),
        code=typeable(ticket.code),
        qr_size=size,
        qr_path=path,
        map_url=f"{_MAP}{quote(place, safe='')}",
        cancelled=ticket.screening.status == ScreeningStatus.CANCELLED,
    )
