"""Printed tickets: valid, small, readable by people's programs and by an independent decoder."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pypdf import PdfReader

from tests.support.printed import CODE, MADE_AT, TICKET, UNNUMBERED, print_fonts
from ticketing.tickets.codes import in_groups
from ticketing.tickets.print_a4 import a4_tickets
from ticketing.tickets.print_phone import phone_tickets
from ticketing.tickets.print_sheet import broken

FONTS = print_fonts()
KAZAKH = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі ₸"
_RECT = re.compile(rb"(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+) re(?! f)")
Draw = Callable[..., bytes]
both = pytest.mark.parametrize("draw", [a4_tickets, phone_tickets])


def made(draw: Draw, *tickets: object) -> bytes:
    return draw(FONTS, list(tickets), language="kk", made_at=MADE_AT)


def text_of(file: bytes, page: int = 0) -> str:
    return " ".join(PdfReader(BytesIO(file)).pages[page].extract_text().split())


VECTORS = json.loads((Path(__file__).parents[2] / "vectors/signed.json").read_text(encoding="utf-8"))
SIGNED = VECTORS["made"][0]["code"]


def code_on(file: bytes, page: int, scale: float) -> str:
    """Draw the page's code from its operators, and have it read by a decoder that is not ours."""
    with pikepdf.open(BytesIO(file)) as document:
        content = document.pages[page].Contents.read_bytes()
    picture = Image.new("L", (round(600 * scale), round(850 * scale)), 255)
    drawing = ImageDraw.Draw(picture)
    runs = [tuple(float(part) * scale for part in found.groups()) for found in _RECT.finditer(content)]
    for x, y, width, height in runs:
        drawing.rectangle((x, picture.height - y - height, x + width - 1, picture.height - y - 1), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


@both
@pytest.mark.parametrize(
    "code", ["K1HOGKSDB3JM4CSMDSXNNW4NCTH4", "K1ZNONVVXRDWKEPEQC5XJNMDWUDQ", "K1" + "W" * 26]
)
def test_a_code_of_wide_letters_stays_on_one_line(draw: Draw, code: str) -> None:
    lines = PdfReader(BytesIO(made(draw, replace(TICKET, code=code)))).pages[0].extract_text().split("\n")
    assert sum(in_groups(code) in line for line in lines) == 1


@both
def test_a_ticket_is_valid_small_and_says_title_and_language(draw: Draw) -> None:
    file = made(draw, TICKET)
    assert len(file) <= 40_000
    with pikepdf.open(BytesIO(file)) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == 1
        assert str(document.Root.Lang) == "kk"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert TICKET.title in str(document.docinfo.Title)
    assert file == made(draw, TICKET)


@both
def test_all_that_matters_can_be_read_and_copied(draw: Draw) -> None:
    text = text_of(made(draw, TICKET)).replace("\u00a0", " ")
    for said in (TICKET.title, TICKET.date, TICKET.price, TICKET.hall, TICKET.doors, TICKET.age_rating):
        assert said.replace("\u00a0", " ") in text
    for said in (*TICKET.rules, *(figure for _, figure in TICKET.seat), in_groups(CODE)):
        assert said in text


@both
def test_every_kazakh_letter_prints(draw: Draw) -> None:
    assert KAZAKH in text_of(made(draw, replace(TICKET, title=KAZAKH)))


@both
@pytest.mark.parametrize("scale", [1, 2, 3, 5])
def test_the_code_is_read_by_another_decoder(draw: Draw, scale: float) -> None:
    file = made(draw, TICKET, UNNUMBERED)
    assert [code_on(file, page, scale) for page in (0, 1)] == [TICKET.code, UNNUMBERED.code]


@both
@pytest.mark.parametrize("scale", [2, 3])
def test_a_signed_code_is_read_and_not_spelt_out(draw: Draw, scale: float) -> None:
    file = made(draw, replace(TICKET, code=SIGNED))
    assert code_on(file, 0, scale) == SIGNED
    assert SIGNED[:4] not in text_of(file)


@both
def test_an_order_is_one_file_with_a_page_each(draw: Draw) -> None:
    file = made(draw, *[TICKET] * 5, UNNUMBERED)
    assert len(PdfReader(BytesIO(file)).pages) == 6
    assert len(file) <= 60_000
    assert UNNUMBERED.place in text_of(file, 5)


@both
def test_nothing_leaves_the_page_however_long_the_words(draw: Draw) -> None:
    long = "Ұзындығыбелгісізатау" * 8
    crowded = replace(
        TICKET,
        title=f"{TICKET.title} {long}",
        hall=long,
        venue=long,
        address=long,
        date=long,
        film_facts=long,
        seat=(("қатар", "XXVIII"), ("орын", "1024")),
        rules=TICKET.rules * 3,
    )
    reader = PdfReader(BytesIO(made(draw, crowded)))
    (page,) = reader.pages
    places: list[tuple[float, float]] = []
    page.extract_text(
        visitor_text=lambda text, _cm, tm, *_: places.append((tm[4], tm[5])) if text.strip() else None
    )
    assert places
    assert all(0 <= x <= page.mediabox.width and 0 <= y <= page.mediabox.height for x, y in places)


WIDTHS = {ord(letter): 10.0 for letter in "abc "}


@settings(max_examples=200)
@given(st.text("abc \n", max_size=60), st.integers(10, 200))
def test_broken_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = broken(text, WIDTHS, width)
    assert all(10 * len(line.strip()) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")
