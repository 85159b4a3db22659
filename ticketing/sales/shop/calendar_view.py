"""What calendars hear of screenings: the festival's, and those that an order has tickets for."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlsplit
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.foundation import i18n
from ticketing.foundation.pages import in_language
from ticketing.foundation.web import runtime
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import is_listed
from ticketing.sales.shop.site import Site
from ticketing.tickets.calendar import CalendarEntry


def festival_entries(screenings: Sequence[Screening], site: Site) -> list[CalendarEntry]:
    """Return the screenings that the audience hears of, cancelled ones as such."""
    return [
        _entry(
            screening,
            site,
            owner=site.festival.code,
            sequence=site.festival.revision,
            gone=False,
            lines=[],
            url=url_for("screening.show", code=screening.code),
            private=False,
        )
        for screening in screenings
        if is_listed(screening)
    ]


def order_entries(view: OrderView, site: Site) -> list[CalendarEntry]:
    """Return the order's screenings; one whose tickets are all void is cancelled: calendars drop it."""
    entries = []
    for _screening, group in groupby(view.tickets, key=lambda ticket: ticket.screening.id):
        tickets = list(group)
        valid = [ticket for ticket in tickets if ticket.state == "valid"]
        # A ticket that was sent to somebody is in that person's calendar.
        held = [ticket for ticket in valid if ticket.is_held]
        entries.append(
            _entry(
                tickets[0].screening,
                site,
                owner=view.order.code,
                # All of them only rise: the catalogue's changes, tickets issued, tickets void, and reissued.
                sequence=site.festival.revision
                + 2 * len(tickets)
                - len(valid)
                + sum(ticket.revision - 1 for ticket in tickets),
                gone=not held,
                lines=[*map(_place, held), _("Order %(order)s", order=view.order.code)],
                # The address without the order's key: calendars are shared and synchronised.
                url=url_for("orders.show", code=view.order.code),
                private=True,
            )
        )
    return entries


def friend_entry(ticket: TicketView, transfer_id: UUID, site: Site) -> CalendarEntry:
    """Return the screening of a ticket for the friend whom it was sent to: nothing of its order."""
    is_valid = ticket.state == "valid"
    return _entry(
        ticket.screening,
        site,
        owner=str(transfer_id),
        sequence=site.festival.revision + (0 if is_valid else 1),
        gone=not is_valid,
        lines=[_place(ticket)] if is_valid else [],
        url=url_for("friend.show", transfer=transfer_id),
        private=True,
    )


def _entry(
    screening: Screening,
    site: Site,
    *,
    owner: str,
    sequence: int,
    gone: bool,
    lines: Sequence[str],
    url: str,
    private: bool,
) -> CalendarEntry:
    base = runtime().settings.base_url
    doors = screening.starts_at - timedelta(minutes=site.festival.doors_open_minutes)
    hall, venue = screening.hall, screening.hall.venue
    is_off = screening.status == ScreeningStatus.CANCELLED
    said = [
        *([wording.cancelled()] if is_off else []),
        _("Doors open at %(time)s", time=i18n.time_text(doors, site.zone)),
        *lines,
        screening.age_rating,
    ]
    return CalendarEntry(
        uid=f"{screening.code}.{site.festival.edition}.{owner.lower()}@{urlsplit(base).hostname}",
        sequence=sequence,
        title=in_language(screening.title),
        starts_at=screening.starts_at,
        ends_at=screening.ends_at,
        place=", ".join(map(in_language, (hall.name, venue.name, venue.address))),
        lines=said,
        url=f"{base}{url}",
        cancelled=is_off or gone,
        private=private,
    )


def _place(ticket: TicketView) -> str:
    return wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band)
