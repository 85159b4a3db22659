"""A ticket for a phone's screen: one tall page each, the code as wide as the page."""

from collections.abc import Sequence
from datetime import datetime

from ticketing.foundation.print_fonts import FONT, PrintFonts
from ticketing.tickets.print_sheet import GREY, MM_PER_POINT, NIGHT, WHITE, Box, Sheet, colours
from ticketing.tickets.printed import PrintedTicket

# Nine to nineteen and a half, as phones are; in millimetres.
_PAGE = (90.0, 195.0)
_EDGE = 6.0
_WIDTH = _PAGE[0] - 2 * _EDGE
_QR = 72.0
_SMALL, _PLAIN = 7.5, 9.5
_TOP_HEIGHT = 39.0


def phone_tickets(
    fonts: PrintFonts, tickets: Sequence[PrintedTicket], *, language: str, made_at: datetime
) -> bytes:
    """Return the tickets as one file, a page each; there must be one."""
    sheet = Sheet(fonts, tickets, language=language, made_at=made_at, size=_PAGE, margin=_EDGE)
    for ticket in tickets:
        sheet.add_page()
        _where(sheet, ticket)
        y = _code(sheet, ticket)
        _what(sheet, ticket, y)
    return sheet.contents()


def _where(sheet: Sheet, ticket: PrintedTicket) -> None:
    """Say first what the usher and the holder look for: when, which hall, which seat."""
    deep, _ = colours(ticket)
    sheet.panel(Box(x=0, y=0, width=_PAGE[0]), _TOP_HEIGHT, deep, 8)
    sheet.set_text_color(WHITE)
    sheet.set_font(FONT, "B", 30)
    width = sheet.get_string_width(ticket.time)
    sheet.set_xy(_EDGE, 5)
    sheet.cell(width, 30 * MM_PER_POINT, ticket.time)
    beside = Box(x=_EDGE + width + 4, y=5.5, width=_WIDTH - width - 4)
    sheet.say(beside, ticket.date, _PLAIN, bold=True, most=10)
    half = _WIDTH * 0.5
    y = sheet.say(Box(x=_EDGE, y=18, width=half), ticket.hall, _PLAIN, bold=True, most=9)
    sheet.say(Box(x=_EDGE, y=y, width=half), ticket.venue, _SMALL, most=9)
    right = _EDGE + half + 4
    if ticket.seat:
        each = (_WIDTH - half - 4) / len(ticket.seat)
        for number, (word, figure) in enumerate(ticket.seat):
            sheet.figure(Box(x=right + number * each, y=19, width=each - 2), word, figure, 28, _SMALL)
    else:
        sheet.say(Box(x=right, y=19, width=_WIDTH - half - 4), ticket.place, 12, bold=True, most=16)


def _code(sheet: Sheet, ticket: PrintedTicket) -> float:
    x, top = (_PAGE[0] - _QR) / 2, _TOP_HEIGHT + 3
    sheet.qr(x, top, _QR, ticket)
    sheet.set_text_color(NIGHT)
    sheet.code_below(Box(x=_EDGE, y=top + _QR, width=_WIDTH), ticket, 10)
    return top + _QR + 8


def _what(sheet: Sheet, ticket: PrintedTicket, y: float) -> None:
    y = sheet.say(Box(x=_EDGE, y=y, width=_WIDTH), ticket.title, 17, bold=True, most=16)
    facts = " · ".join(part for part in (ticket.film_facts, ticket.age_rating) if part)
    y = sheet.say(Box(x=_EDGE, y=y, width=_WIDTH), facts, _SMALL, most=8)
    who = " · ".join(part for part in (ticket.block, ticket.concession, ticket.price) if part)
    y = sheet.say(Box(x=_EDGE, y=y + 1, width=_WIDTH), who, _PLAIN, bold=True, most=9)
    y = sheet.say(Box(x=_EDGE, y=y, width=_WIDTH), ticket.doors, _PLAIN)
    y = sheet.say(Box(x=_EDGE, y=y, width=_WIDTH), ticket.address, _SMALL, most=8)
    sheet.set_text_color(GREY)
    y = sheet.say(
        Box(x=_EDGE, y=y + 1.5, width=_WIDTH),
        "\n".join(ticket.rules),
        _SMALL,
        most=_PAGE[1] - y - 12,
    )
    sheet.say(
        Box(x=_EDGE, y=_PAGE[1] - 8, width=_WIDTH),
        " · ".join(part for part in (ticket.order, ticket.count) if part),
        _SMALL,
    )
