"""What both formats of a printed ticket draw with: text that fits, flat colours, the QR code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from fpdf.fonts import TTFFont

from ticketing.catalogue.posters.palette import palette_of
from ticketing.foundation.pdf import Document
from ticketing.foundation.print_fonts import FONT, PrintFonts
from ticketing.tickets.codes import typeable
from ticketing.tickets.printed import PrintedTicket
from ticketing.tickets.qr import QUIET, modules

MM_PER_POINT = 25.4 / 72
_LINE = 1.25
_SMALLEST = 0.5
# Widths of letters are in thousandths of the letters' size.
_PER_EM = 1000
NIGHT, WHITE, SPARK, GREY = "#0f1533", "#ffffff", "#ffb627", "#5d584f"
# The festival's mark on its square of 48 units: two ram's horns, each in the other half's colour.
_MARK = 48.0
_MARK_LEFT = (
    "24 44 m 24 20 l 24 15.86 20.64 12.5 16.5 12.5 c 12.36 12.5 9 15.86 9 20 c "
    "9 22.76 11.24 25 14 25 c 15.6 25 17 24.2 18 23 c S"
)
_MARK_RIGHT = (
    "24 44 m 24 20 l 24 15.86 27.36 12.5 31.5 12.5 c 35.64 12.5 39 15.86 39 20 c "
    "39 22.76 36.76 25 34 25 c 32.4 25 31 24.2 30 23 c S"
)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A place on the page, in millimetres from its upper left."""

    x: float
    y: float
    width: float


class Sheet(Document):
    """Pages of tickets, with absolute places: no page is ever broken."""

    def __init__(
        self,
        fonts: PrintFonts,
        tickets: Sequence[PrintedTicket],
        *,
        language: str,
        made_at: datetime,
        size: tuple[float, float],
        margin: float,
    ) -> None:
        """Begin a document of these tickets, named after the order and what is shown first."""
        first = tickets[0]
        super().__init__(
            fonts,
            title=" · ".join(part for part in (first.title, first.order) if part),
            language=language,
            made_at=made_at,
            size=size,
            margin=margin,
        )
        self.set_author(first.festival)
        self.c_margin = 0

    def say(
        self, box: Box, text: str, size: float, *, bold: bool = False, most: float = 0, align: str = "L"
    ) -> float:
        """Write a paragraph and return where it ends.

        `size` in points. With `most`, a text that would be higher than so many millimetres becomes smaller.
        """
        if not text:
            return box.y
        face = cast("TTFFont", self.fonts[f"{FONT.lower()}{'B' if bold else ''}"])
        fit = size
        while True:
            height = fit * MM_PER_POINT * _LINE
            lines = broken(text, face.cw, box.width / (fit * MM_PER_POINT) * _PER_EM)
            if not most or len(lines) * height <= most or fit <= size * _SMALLEST:
                break
            fit -= 1
        self.set_font(FONT, "B" if bold else "", fit)
        self.set_xy(box.x, box.y)
        for line in lines:
            self.set_x(box.x)
            self.cell(box.width, height, line, align=align, new_x="LMARGIN", new_y="NEXT")
        return self.get_y()

    def figure(self, box: Box, word: str, figure: str, size: float, small: float) -> None:
        """Write a word above a large figure."""
        below = self.say(box, word, small)
        self.set_font(FONT, "B", size)
        width = self.get_string_width(figure)
        if width > box.width:
            self.set_font(FONT, "B", size * box.width / width)
        self.set_xy(box.x, below)
        self.cell(box.width, size * MM_PER_POINT, figure)

    def panel(self, box: Box, height: float, colour: str, horn: float) -> None:
        """Fill an oblong whose lower right corner is a quarter circle of radius `horn`; one path, no seam."""
        right, below = box.x + box.width, box.y + height
        # A quarter circle as one curve: its handles are 0.5523 of the radius long.
        short = horn * (1 - 0.5523)
        outline = [
            (box.x, box.y),
            (right, box.y),
            (right, below - horn),
            (right, below - short),
            (right - short, below),
            (right - horn, below),
            (box.x, below),
        ]
        at = [f"{x * self.k:.2f} {(self.h - y) * self.k:.2f}" for x, y in outline]
        self.set_fill_color(colour)
        self._out(f"{at[0]} m {at[1]} l {at[2]} l {at[3]} {at[4]} {at[5]} c {at[6]} l f")

    def mark(self, x: float, y: float, side: float) -> None:
        """Draw the festival's mark."""
        self.set_fill_color(NIGHT)
        self.rect(x, y, side / 2, side, style="F")
        self.set_fill_color(SPARK)
        self.rect(x + side / 2, y, side / 2, side, style="F")
        scale = side * self.k / _MARK
        self._out(f"q {scale:.4f} 0 0 {-scale:.4f} {x * self.k:.2f} {(self.h - y) * self.k:.2f} cm 4.5 w")
        self._out(f"1 .714 .153 RG {_MARK_LEFT} .059 .082 .2 RG {_MARK_RIGHT} Q")

    def qr(self, x: float, y: float, side: float, ticket: PrintedTicket) -> None:
        """Draw the ticket's code on white with its quiet zone; one path, so that no row has a seam."""
        self.set_fill_color(WHITE)
        self.rect(x, y, side, side, style="F")
        rows = modules(ticket.code)
        cell = side / (len(rows) + 2 * QUIET)
        k, runs = self.k, []
        for line, row in enumerate(rows, start=QUIET):
            below = (self.h - y - (line + 1) * cell) * k
            start = 0
            while start < len(row):
                length = next((n for n, dark in enumerate(row[start:]) if not dark), len(row) - start)
                if length:
                    left = (x + (start + QUIET) * cell) * k
                    runs.append(f"{left:.2f} {below:.2f} {length * cell * k:.2f} {cell * k:.2f} re")
                start += max(length, 1)
        self._out("\n".join(["q 0 g", *runs, "f Q"]))

    def code_below(self, box: Box, ticket: PrintedTicket, size: float) -> None:
        """Write the code as people read it, in one line; nothing where only a camera can."""
        text = typeable(ticket.code)
        if not text:
            return
        self.set_font(FONT, "", size)
        fit = size * min(1, box.width / self.get_string_width(text))
        self.set_font(FONT, "", fit)
        self.set_xy(box.x, box.y)
        self.cell(box.width, fit * MM_PER_POINT * _LINE, text, align="C")


def broken(text: str, widths: Mapping[int, float], width: float) -> list[str]:
    """Return a text's lines, broken at spaces, and inside of a word that is wider than a line.

    Widths are in one unit. fpdf2's own way measures a letter anew for each try: 10 ms a ticket.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if _wide(longer, widths) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while len(line) > 1 and _wide(line, widths) > width:
                fits = next(
                    n for n in range(len(line) - 1, 0, -1) if n == 1 or _wide(line[:n], widths) <= width
                )
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _wide(text: str, widths: Mapping[int, float]) -> float:
    return sum(widths[ord(letter)] for letter in text)


def colours(ticket: PrintedTicket) -> tuple[str, str]:
    """Return the section's dark colour, for white letters, and its own."""
    palette = palette_of(ticket.section)
    return palette.deep, palette.fill
