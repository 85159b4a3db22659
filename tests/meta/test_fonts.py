"""The type that is served can write what Kassa writes: three languages, the tenge sign, figures."""

import re

import pytest
from fontTools.ttLib import TTFont

from tests.meta.repository import ROOT

FILES = ROOT / "node_modules/@fontsource-variable/golos-text"
KAZAKH = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = "0123456789₸ «»“”‘’—–−…№+,.:;!?()%&@/\u00a0"
FACE = re.compile(r"url\(\./files/(?P<file>[^)]+)\).*?unicode-range: (?P<ranges>[^;]+);", re.DOTALL)


def covers(ranges: str, letter: str) -> bool:
    for span in ranges.split(","):
        first, _, last = span.strip().removeprefix("U+").partition("-")
        if int(first, 16) <= ord(letter) <= int(last or first, 16):
            return True
    return False


@pytest.mark.parametrize("letters", [KAZAKH + KAZAKH.lower(), LATIN + LATIN.lower(), SIGNS])
def test_every_letter_is_in_the_file_that_a_browser_would_load(letters: str) -> None:
    faces = [(face["ranges"], face["file"]) for face in FACE.finditer((FILES / "index.css").read_text())]
    has = {file: TTFont(FILES / "files" / file).getBestCmap() for _, file in faces}
    assert len(faces) == 4
    missing = [
        letter
        for letter in letters
        if not any(covers(ranges, letter) and ord(letter) in has[file] for ranges, file in faces)
    ]
    assert not missing
