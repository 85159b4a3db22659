"""What is added to mails when they are sent: an order's screenings for calendars, and its tickets as a PDF.

They are made as its pages are, in a request of nobody's: words, addresses and fonts are those of the app.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Flask

from ticketing.foundation.mail import Attachment
from ticketing.foundation.mail_sending import Attach
from ticketing.foundation.pdf import PDF, print_fonts
from ticketing.foundation.web import runtime
from ticketing.sales.edge import find_order, read_order
from ticketing.sales.letters import CALENDAR, SENT_CALENDAR, TICKETS_PDF
from ticketing.sales.queries import OrderView, sent_ticket
from ticketing.sales.shop.calendar_view import friend_entry, order_entries
from ticketing.sales.shop.printed_view import printed_tickets
from ticketing.sales.shop.site import site
from ticketing.tickets.calendar import CalendarEntry, invitation, method_of
from ticketing.tickets.print_a4 import a4_tickets

Make = Callable[[OrderView, str], list[Attachment]]


def order_attachments(app: Flask) -> Attach:
    """Return what letters about orders may name."""

    def made_by(make: Make) -> Callable[[str, str], Sequence[Attachment]]:
        def made(code: str, language: str) -> Sequence[Attachment]:
            with app.test_request_context(f"/{language}/"):
                return make(read_order(find_order(code)), language)

        return made

    def sent(transfer: str, language: str) -> Sequence[Attachment]:
        with app.test_request_context(f"/{language}/"):
            here = runtime()
            with here.database.reading() as session:
                ticket = sent_ticket(session, UUID(transfer), here.vault)
            entry = friend_entry(ticket.ticket, ticket.transfer.id, site())
            return [_invitation(entry, ticket.transfer.to_email, language)]

    return {CALENDAR: made_by(_calendars), TICKETS_PDF: made_by(_tickets), SENT_CALENDAR: sent}


def _calendars(view: OrderView, language: str) -> list[Attachment]:
    """Return a file for each screening: calendars take one entry from each part of a mail."""
    return [_invitation(entry, view.order.buyer_email, language) for entry in order_entries(view, site())]


def _invitation(entry: CalendarEntry, attendee: str, language: str) -> Attachment:
    here = site()
    made = invitation(
        entry,
        organizer=here.festival.support_email,
        attendee=attendee,
        zone=here.zone,
        language=language,
        now=runtime().clock.now(),
    )
    return Attachment(
        name=f"{entry.uid.partition('.')[0]}.ics",
        content_type="text/calendar",
        content=made,
        parameters=(("method", method_of(entry)), ("charset", "utf-8")),
    )


def _tickets(view: OrderView, language: str) -> list[Attachment]:
    """Return the valid tickets as one file, if the operator wants that."""
    tickets = printed_tickets(view, site()) if runtime().settings.mail_pdf else []
    if not tickets:
        return []
    made = a4_tickets(print_fonts(), tickets, language=language, made_at=runtime().clock.now())
    return [Attachment(name=f"{view.order.code}.pdf", content_type=PDF, content=made)]
