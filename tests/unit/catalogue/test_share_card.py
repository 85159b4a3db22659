"""The picture of a link: whatever it is to say, it says it inside of the card."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.catalogue.posters import poster_svg
from ticketing.catalogue.posters.palette import palette_of
from ticketing.catalogue.posters.share_card import HEIGHT, WIDTH, ShareCard, share_card_svg
from ticketing.foundation.pictures import Painter
from ticketing.foundation.print_fonts import PrintFonts

FONTS = Path(__file__).parents[3] / "static" / "print"
LETTERS = PrintFonts(FONTS)
MARGIN = 40
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
words = st.lists(
    st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяәіңғүұқөһ AБШЩ<&>\"'", min_size=1, max_size=40),
    max_size=25,
).map(" ".join)


def drawn(
    title: str, facts: tuple[str, ...] = ("7 желтоқсан", "1-зал"), above: str = "", house: str = ""
) -> str:
    card = ShareCard(
        poster=poster_svg("ninth-well", "turkic", None),
        palette=palette_of("turkic"),
        above=above,
        title=title,
        facts=facts,
        house=house,
    )
    return share_card_svg(card, LETTERS.width)


@given(title=words, fact=words, above=words, house=words)
def test_every_line_is_inside(title: str, fact: str, above: str, house: str) -> None:
    drawing = drawn(title, (fact, fact), above, house)
    lowest_title = 0.0
    for text in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text"):
        size, style = float(text.attrib["font-size"]), "B" if text.attrib["font-weight"] == "700" else ""
        left, down = float(text.attrib["x"]), float(text.attrib["y"])
        assert left + LETTERS.width(text.text or "", size, style) <= WIDTH - MARGIN
        assert size <= down <= HEIGHT - MARGIN
        if style and size > 32:
            lowest_title = max(lowest_title, down)
        elif style:
            assert down - size > lowest_title - 1, "facts below the title"


def test_a_title_is_as_large_as_it_can_be() -> None:
    sizes = [
        int(re.findall(r'font-size="(\d+)" font-weight="700"', drawn(title))[0])
        for title in (
            "Құс",
            "Өзеннің арғы жағындағы ауыл",
            "Айдың астындағы алма бағының ең соңғы қарауылы " * 3,
        )
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", 'a" onload="x', "&lt;"])
def test_a_title_is_only_a_title(title: str) -> None:
    texts = [text.text for text in ET.fromstring(drawn(title)).iter("{http://www.w3.org/2000/svg}text")]
    assert title in " ".join(filter(None, texts))


def test_painted_with_our_letters() -> None:
    painter = Painter(FONTS)
    picture = painter.png(drawn("Әңғүұқөһі ₸"))
    assert picture.startswith(_PNG_HEAD)
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (WIDTH, HEIGHT)
    # Another text is another picture: the letters are really there.
    assert picture != painter.png(drawn(""))
    assert painter.png(drawn("Әңғүұқөһі ₸")) is picture
