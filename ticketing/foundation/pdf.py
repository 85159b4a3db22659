"""Printed documents: a PDF in the festival's letters, with its language and title said."""

from datetime import datetime
from pathlib import Path
from typing import cast

from flask import Flask, current_app
from fpdf import FPDF, ViewerPreferences

from ticketing.foundation.print_fonts import FONT, PrintFonts

PDF = "application/pdf"
A4 = (210.0, 297.0)
_EXTENSION = "kassa.print_fonts"


def install_print_fonts(app: Flask) -> None:
    """Give the app the fonts that `make build` has made."""
    app.extensions[_EXTENSION] = PrintFonts(Path(app.static_folder or "") / "print")


def print_fonts() -> PrintFonts:
    """Return the fonts of the app that serves this request."""
    return cast("PrintFonts", current_app.extensions[_EXTENSION])


class Document(FPDF):
    """A document without automatic page breaks, measured in millimetres from the page's upper left.

    The same content made at the same moment gives the same bytes.
    """

    def __init__(
        self,
        fonts: PrintFonts,
        *,
        title: str,
        language: str,
        made_at: datetime,
        size: tuple[float, float] = A4,
        margin: float = 18,
    ) -> None:
        """Begin a document without pages; `size` is width and height of a page in millimetres."""
        super().__init__(unit="mm", format=size)
        self.set_title(title)
        self.set_lang(language)
        self.set_creation_date(made_at)
        self.set_display_mode("fullpage")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_auto_page_break(auto=False)
        self.set_margins(margin, margin)
        self._print_fonts = fonts
        fonts.add_to(self)
        self.set_font(FONT)

    def contents(self) -> bytes:
        """Return the finished document."""
        return bytes(self.output(output_producer_class=self._print_fonts.writer))
