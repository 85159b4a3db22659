"""A receipt on paper."""

from datetime import datetime

from ticketing.foundation.pdf import Document
from ticketing.foundation.print_fonts import FONT, PrintFonts
from ticketing.sales.shop.receipt_view import ReceiptView
from ticketing.tickets.qr import QUIET, link_modules

# Half a sheet: A5, in millimetres.
_PAGE = (148.0, 210.0)
_MARGIN = 14
_LOWEST = _PAGE[1] - _MARGIN
_QR = 32
_SMALL, _PLAIN, _LARGE = 8, 9.5, 15
_LINE = 5


def receipt_pdf(receipt: ReceiptView, fonts: PrintFonts, language: str, made_at: datetime) -> bytes:
    """Return a receipt as a PDF in its language; long orders take several pages."""
    page = _Receipt(
        fonts, title=receipt.heading, language=language, made_at=made_at, size=_PAGE, margin=_MARGIN
    )
    page.add_page()
    page.words(receipt.heading, _LARGE, bold=True)
    page.words(receipt.seller, _PLAIN)
    page.ln(2)
    for name, value in receipt.facts:
        page.pair(name, value)
    page.rule()
    for line in receipt.lines:
        page.need(3 * _LINE)
        page.pair(line.title, line.price, bold=True)
        page.pair(line.place, line.tax, small=True)
        page.ln(1)
    page.rule()
    for name, value in receipt.sums:
        page.pair(name, value)
    page.ln(1)
    page.pair(*receipt.total, bold=True, size=_LARGE)
    page.rule()
    page.words(receipt.standing, _SMALL)
    if receipt.check_url:
        page.words(receipt.check_url, _SMALL)
        page.picture(receipt.check_url)
    return page.contents()


class _Receipt(Document):
    """Lines of a name on the left and a value on the right, from page to page."""

    def need(self, height: float) -> None:
        """Begin another page if so much does not fit here."""
        if self.get_y() + height > _LOWEST:
            self.add_page()

    def words(self, text: str, size: float, *, bold: bool = False) -> None:
        """Write a paragraph."""
        self.need(2 * _LINE)
        self.set_font(FONT, "B" if bold else "", size)
        self.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")

    def pair(
        self, name: str, value: str, *, bold: bool = False, small: bool = False, size: float = _PLAIN
    ) -> None:
        """Write a name, in several lines if it must, and its value beside the first."""
        self.need(2 * _LINE)
        size = _SMALL if small else size
        self.set_font(FONT, "B" if bold else "", size)
        height, top, right = size * 0.52, self.get_y(), self.get_string_width(value) + 2
        self.multi_cell(self.epw - right, height, name, new_x="LMARGIN", new_y="NEXT", align="L")
        below = self.get_y()
        self.set_y(top)
        self.cell(0, height, value, align="R")
        self.set_y(below)

    def rule(self) -> None:
        """Draw a line across the page."""
        self.ln(2)
        y = self.get_y()
        self.line(self.l_margin, y, self.w - self.r_margin, y)
        self.ln(2)

    def picture(self, address: str) -> None:
        """Draw a link as a QR code, with its quiet zone."""
        self.need(_QR)
        rows = link_modules(address)
        cell = _QR / (len(rows) + 2 * QUIET)
        left, top = self.l_margin - QUIET * cell, self.get_y()
        for y, row in enumerate(rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    self.rect(left + (x + QUIET) * cell, top + (y + QUIET) * cell, cell, cell, style="F")
