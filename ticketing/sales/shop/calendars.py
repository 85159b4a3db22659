"""Calendars to download and to subscribe to: an order's, the festival's, a buyer's own feed."""

import re
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.queries import all_screenings
from ticketing.foundation.api import bearer
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.i18n import language
from ticketing.foundation.pages import in_language
from ticketing.foundation.web import allow, runtime
from ticketing.sales.edge import find_order, read_order
from ticketing.sales.own_links import orders_of, proved_address, sent_to
from ticketing.sales.queries import order_view, sent_ticket
from ticketing.sales.shop.calendar_view import festival_entries, friend_entry, order_entries
from ticketing.sales.shop.own_orders import order_of_key, own_order
from ticketing.sales.shop.site import load_site, private, site
from ticketing.tickets.calendar import CALENDAR, CalendarEntry, calendar_file

blueprint = Blueprint("calendars", __name__, url_prefix="/<language:language>")
# The feed's key is not the order's: who has the feed reads when and where, and opens no ticket.
_PURPOSE = "calendar"
_OWN = "own_calendar"
_COOKIE = "own_calendar"
_KEPT = re.compile(r"([0-9a-f]{32})\.([a-z2-7]{26})", re.ASCII)
_YEAR_SECONDS = 365 * 24 * 3600
_QUARTER_SECONDS = 15 * 60


@blueprint.get("/festival.ics")
@allow("public")
def festival() -> ResponseReturnValue:
    """Return the whole programme."""
    with runtime().database.reading() as session:
        here = load_site(session)
        entries = festival_entries(all_screenings(session, here.zone), here)
    response = calendar_answer(entries, f"festival-{here.festival.edition}")
    response.headers["Cache-Control"] = f"public, max-age={_QUARTER_SECONDS}"
    return response


@blueprint.get("/orders/<order:code>.ics")
@allow("buyer")
def order(code: str) -> ResponseReturnValue:
    """Return an order's screenings; programs come with the order's key in a header."""
    order_id = order_of_key(code, bearer("Order")) if "Authorization" in request.headers else own_order(code)
    return private(_of_order(order_id, code))


@blueprint.get("/calendar/<order:code>/<session:key>.ics")
@allow("public")
def feed(code: str, key: str) -> ResponseReturnValue:
    """Return an order's screenings to a calendar that has subscribed (docs/adr/0005)."""
    order_id = find_order(code)
    if not runtime().keys.matches(_PURPOSE, order_id, key):
        raise NotFoundError
    return private(_of_order(order_id, code))


@blueprint.get("/calendar/mine/<uuid:link>/<session:key>.ics")
@allow("public")
def own_feed(link: UUID, key: str) -> ResponseReturnValue:
    """Return all screenings of an address, those to be bought included, to a calendar that has subscribed."""
    here = runtime()
    if not here.keys.matches(_OWN, link, key):
        raise NotFoundError
    entries: list[CalendarEntry] = []
    with here.database.reading() as session:
        address = proved_address(session, link)
        views = [order_view(session, order.id, here.vault) for order in orders_of(session, address)]
        sent = [
            sent_ticket(session, one.id, here.vault) for one in sent_to(session, address) if one.opened_at
        ]
    for view in views:
        entries += order_entries(view, site())
    entries += [friend_entry(one.ticket, one.transfer.id, site()) for one in sent]
    return private(calendar_answer(entries, "my-screenings"))


def keep_feed(response: Response, link: UUID) -> None:
    """Let this browser offer the calendar of the address that the link has proved."""
    here = runtime()
    secure = here.settings.base_url.startswith("https://")
    value = f"{link.hex}.{here.keys.key(_OWN, link)}"
    response.set_cookie(_COOKIE, value, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


def kept_feed() -> str | None:
    """Return the address of the calendar that this browser may offer, if there is one."""
    found = _KEPT.fullmatch(request.cookies.get(_COOKIE, ""))
    if found is None or not runtime().keys.matches(_OWN, UUID(found[1]), found[2]):
        return None
    return f"{runtime().settings.base_url}{url_for('calendars.own_feed', link=UUID(found[1]), key=found[2])}"


def feed_address(code: str, order_id: UUID) -> str:
    """Return the address that a calendar subscribes to."""
    key = runtime().keys.key(_PURPOSE, order_id)
    return f"{runtime().settings.base_url}{url_for('calendars.feed', code=code, key=key)}"


def _of_order(order_id: UUID, code: str) -> Response:
    view = read_order(order_id)
    if not view.tickets:
        raise NotFoundError
    return calendar_answer(order_entries(view, site()), code)


def calendar_answer(entries: list[CalendarEntry], name: str) -> Response:
    """Return a calendar as a file of this name."""
    here = site()
    title = in_language(here.festival.name)
    now = runtime().clock.now()
    made = calendar_file(title, entries, zone=here.zone, language=language(), now=now)
    response = Response(made, content_type=CALENDAR)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response
