"""A ticket on a sheet of A4: one page each, which prints well in grey."""

from collections.abc import Sequence
from datetime import datetime

from ticketing.foundation.pdf import A4
from ticketing.foundation.print_fonts import FONT, PrintFonts
from ticketing.tickets.print_sheet import GREY, MM_PER_POINT, NIGHT, WHITE, Box, Sheet, colours
from ticketing.tickets.printed import PrintedTicket

_EDGE = 18.0
_WIDTH = A4[0] - 2 * _EDGE
_QR = 66.0
_PANEL_HEIGHT, _HORN = 90.0, 14.0
_INSIDE = 8.0
_SMALL, _PLAIN, _LARGE, _TIME = 9.5, 11.5, 15.0, 66.0


def a4_tickets(
    fonts: PrintFonts, tickets: Sequence[PrintedTicket], *, language: str, made_at: datetime
) -> bytes:
    """Return the tickets as one file, a page each; there must be one."""
    sheet = Sheet(fonts, tickets, language=language, made_at=made_at, size=A4, margin=_EDGE)
    for ticket in tickets:
        sheet.add_page()
        _head(sheet, ticket)
        y = _film(sheet, ticket)
        y = _when(sheet, ticket, y + 8)
        y = _panel(sheet, ticket, y + 8)
        _foot(sheet, ticket, y + 8)
    return sheet.contents()


def _head(sheet: Sheet, ticket: PrintedTicket) -> None:
    sheet.set_text_color(NIGHT)
    sheet.mark(_EDGE, 14, 13)
    sheet.say(Box(x=_EDGE + 17, y=15, width=95), ticket.festival, _PLAIN, bold=True, most=12)
    right = Box(x=_EDGE + _WIDTH - 55, y=15, width=55)
    below = sheet.say(right, ticket.order, _PLAIN, bold=True, align="R")
    sheet.say(Box(x=right.x, y=below, width=right.width), ticket.count, _PLAIN, align="R")


def _film(sheet: Sheet, ticket: PrintedTicket) -> float:
    _, own = colours(ticket)
    sheet.set_fill_color(own)
    sheet.rect(_EDGE, 36, 5, 5, style="F")
    y = sheet.say(Box(x=_EDGE + 8, y=36, width=_WIDTH - 8), ticket.section_name, _PLAIN, bold=True)
    y = sheet.say(Box(x=_EDGE, y=y + 2, width=_WIDTH), ticket.title, 40, bold=True, most=38)
    sheet.set_text_color(GREY)
    y = sheet.say(Box(x=_EDGE, y=y + 1, width=_WIDTH), " · ".join(ticket.other_titles), 13, most=12)
    sheet.set_text_color(NIGHT)
    facts = " · ".join(part for part in (ticket.film_facts, ticket.age_rating) if part)
    return sheet.say(Box(x=_EDGE, y=y + 1, width=_WIDTH), facts, _PLAIN, most=10)


def _when(sheet: Sheet, ticket: PrintedTicket, top: float) -> float:
    sheet.set_draw_color(NIGHT)
    sheet.set_line_width(0.5)
    sheet.line(_EDGE, top, _EDGE + _WIDTH, top)
    sheet.set_font(FONT, "B", _TIME)
    width = sheet.get_string_width(ticket.time)
    sheet.set_xy(_EDGE, top + 6)
    sheet.cell(width, _TIME * MM_PER_POINT, ticket.time)
    x = _EDGE + width + 8
    beside = Box(x=x, y=top + 9, width=_EDGE + _WIDTH - x)
    y = sheet.say(beside, ticket.date, _LARGE, bold=True, most=13)
    sheet.say(Box(x=x, y=y + 1, width=beside.width), ticket.doors, _PLAIN)
    return top + 6 + _TIME * MM_PER_POINT


def _panel(sheet: Sheet, ticket: PrintedTicket, above: float) -> float:
    deep, _ = colours(ticket)
    sheet.panel(Box(x=_EDGE, y=above, width=_WIDTH), _PANEL_HEIGHT, deep, _HORN)
    qr_x, top = _EDGE + _WIDTH - _INSIDE - _QR, above + _INSIDE
    sheet.qr(qr_x, top, _QR, ticket)
    sheet.set_text_color(WHITE)
    sheet.code_below(Box(x=qr_x, y=top + _QR + 2, width=_QR), ticket, 9)
    x = _EDGE + _INSIDE
    width = qr_x - x - _INSIDE
    y = sheet.say(Box(x=x, y=top, width=width), ticket.hall, _LARGE, bold=True, most=14)
    y = sheet.say(Box(x=x, y=y + 1, width=width), ticket.venue, _PLAIN, bold=True, most=11)
    sheet.say(Box(x=x, y=y, width=width), ticket.address, _PLAIN, most=16)
    base = above + _PANEL_HEIGHT - _INSIDE
    if ticket.seat:
        sheet.say(Box(x=x, y=base - 38, width=width), ticket.block, _PLAIN, bold=True, most=6)
        each = width / len(ticket.seat)
        for number, (word, figure) in enumerate(ticket.seat):
            sheet.figure(Box(x=x + number * each, y=base - 29, width=each - 3), word, figure, 54, 10.5)
    else:
        sheet.say(Box(x=x, y=base - 18, width=width), ticket.place, 21, bold=True, most=18)
    return above + _PANEL_HEIGHT


def _foot(sheet: Sheet, ticket: PrintedTicket, top: float) -> None:
    sheet.set_text_color(NIGHT)
    y = sheet.say(Box(x=_EDGE, y=top, width=38), ticket.concession, _SMALL, most=10)
    sheet.say(Box(x=_EDGE, y=y, width=38), ticket.price, _SMALL, bold=True)
    rules = "\n".join(ticket.rules)
    sheet.say(Box(x=_EDGE + 46, y=top, width=_WIDTH - 46), rules, _SMALL, most=A4[1] - top - 10)
