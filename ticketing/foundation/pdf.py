"""Printed documents: a PDF in the festival's letters, with its language and title said."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from fpdf import FPDF, ViewerPreferences

FONT = "Golos Text"
PDF = "application/pdf"
_WEIGHTS = {"": "400", "B": "700"}
A4 = (210.0, 297.0)


def fonts_folder(app: Flask) -> Path:
    """Return where `make build` puts the fonts of printed documents."""
    return Path(app.static_folder or "") / "print"


class Document(FPDF):
    """A document without automatic page breaks, measured in millimetres from the page's upper left.

    The same content made at the same moment gives the same bytes.
    """

    def __init__(
        self,
        fonts: Path,
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
        for style, weight in _WEIGHTS.items():
            self.add_font(FONT, style, fonts / f"golos-text-{weight}.ttf")
        self.set_font(FONT)

    def contents(self) -> bytes:
        """Return the finished document."""
        return bytes(self.output())
