"""Printed documents: readable by machines in every language, small, and the same each time."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from ticketing.foundation.pdf import Document
from ticketing.foundation.print_fonts import FONT, PrintFonts

FONTS = PrintFonts(Path(__file__).parents[3] / "static" / "print")
MADE_AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
SAID = {
    "kk": "Әділ, Ғазиз, Қыз, Ңұрлы, Өмір, Ұлы, Үміт, Һәм, Іле — 4 500 ₸",
    "ru": "Ёлки, объезд, щука — «4 500 ₸» №7",
    "en": "Façade, naïve, Łódź, “quoted” – 4 500 ₸",
}


def made(language: str) -> bytes:
    """A page with a line in each weight."""
    document = Document(FONTS, title=f"Kassa {language}", language=language, made_at=MADE_AT)
    document.add_page()
    for style in ("", "B"):
        document.set_font(FONT, style, 14)
        document.cell(0, 10, SAID[language], new_x="LMARGIN", new_y="NEXT")
    return document.contents()


@pytest.mark.parametrize("language", SAID)
def test_every_letter_can_be_read_back(language: str) -> None:
    assert PdfReader(BytesIO(made(language))).pages[0].extract_text().count(SAID[language]) == 2


def test_a_document_is_valid_and_says_its_language_and_title() -> None:
    with pikepdf.open(BytesIO(made("kk"))) as document:
        assert document.check_pdf_syntax() == []
        assert str(document.Root.Lang) == "kk"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert str(document.docinfo.Title) == "Kassa kk"


def test_the_same_content_gives_the_same_bytes_and_few() -> None:
    assert made("kk") == made("kk")
    assert len(made("kk")) < 15_000
