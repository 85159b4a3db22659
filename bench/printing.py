"""What a ticket as a PDF costs: processor time of this process, fonts parsed before, as a server has them."""

from collections.abc import Iterator
from time import process_time

from bench.measure import Check, at_most
from tests.support.printed import MADE_AT, TICKET, print_fonts
from ticketing.tickets.print_a4 import a4_tickets
from ticketing.tickets.print_phone import phone_tickets

CPU_MS, SIZE_KB = 25.0, 40.0


def measure_printing(pages: int) -> Iterator[Check]:
    """Draw so many tickets in each format; the mean counts, and the size of one."""
    fonts = print_fonts()
    begin = process_time()
    a4_tickets(fonts, [TICKET], language="kk", made_at=MADE_AT)
    yield at_most("the first of a process, fonts and all, CPU ms", 1000 * (process_time() - begin), None)
    for name, draw in (("A4", a4_tickets), ("phone", phone_tickets)):
        begin = process_time()
        for _ in range(pages):
            made = draw(fonts, [TICKET], language="kk", made_at=MADE_AT)
        spent = 1000 * (process_time() - begin) / pages
        yield at_most(f"a ticket, {name}, CPU ms", spent, CPU_MS)
        yield at_most(f"a ticket, {name}, KB", len(made) / 1000, SIZE_KB)
        begin = process_time()
        made = draw(fonts, [TICKET] * 6, language="kk", made_at=MADE_AT)
        yield at_most(f"an order of six, {name}, CPU ms", 1000 * (process_time() - begin), 6 * CPU_MS)
