"""What a camera sees at a door besides tickets: bar codes, other people's QR codes, a torn ticket, a poster.

Each is drawn with the text that can truly be read in it, None where there is none.
"""

from collections.abc import Callable, Mapping
from random import Random

from PIL import Image, ImageDraw

from ticketing.tickets.codes import new_code
from ticketing.tickets.qr import QUIET, link_modules, modules

Drawn = tuple[Image.Image, str | None]

_CELL = 10
# EAN-13 (GS1 General Specifications, 5.2.1): digits in set A; the sets of the left half, by the first digit.
_SET_A = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
_PARITY = ["AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"]


def _nothing(dice: Random) -> Drawn:
    """Draw a piece of card."""
    return Image.new("L", (400, 300), dice.randint(60, 255)), None


def _print(dice: Random) -> Drawn:
    """Draw a page of text, as dark bars."""
    page = Image.new("L", (600, 600), 245)
    pen = ImageDraw.Draw(page)
    for y in range(30, 570, 22):
        x = 30
        while x < 540:  # noqa: PLR2004 - the margin
            width = dice.randint(10, 70)
            pen.rectangle((x, y, x + width, y + 11), fill=dice.randint(10, 80))
            x += width + 9
    return page, None


def _mosaic(dice: Random) -> Drawn:
    """Draw black and white cells like a code's, without its finder patterns."""
    cells = Image.frombytes("L", (25, 25), bytes(dice.choice((0, 255)) for _ in range(625)))
    return cells.resize((25 * _CELL, 25 * _CELL), Image.Resampling.NEAREST), None


def _bars(dice: Random) -> Drawn:
    """Draw an EAN-13, as on a bottle of water."""
    digits = [dice.randint(0, 9) for _ in range(12)]
    digits.append(-sum(d * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10)
    left = "".join(_ean(d, s) for d, s in zip(digits[1:7], _PARITY[digits[0]], strict=True))
    right = "".join(_ean(d, "C") for d in digits[7:])
    strip = f"101{left}01010{right}101"
    picture = Image.new("L", ((len(strip) + 22) * 5, 300), 255)
    pen = ImageDraw.Draw(picture)
    for n, dark in enumerate(strip, start=11):
        if dark == "1":
            pen.rectangle((n * 5, 20, n * 5 + 4, 279), fill=0)
    return picture, None


def _ean(digit: int, number_set: str) -> str:
    a = _SET_A[digit]
    c = a.translate({48: 49, 49: 48})
    return {"A": a, "B": c[::-1], "C": c}[number_set]


def _others(dice: Random) -> Drawn:
    """Draw somebody else's QR code."""
    number = dice.randint(10**7, 10**8)
    return _qr(
        dice.choice(
            (
                f"https://example.com/menu/{number}",
                f"WIFI:T:WPA;S:Foyer;P:{number};;",
                f"https://pay.example.com/qr/{number}?amount=4500",
                str(number),
            )
        )
    )


def _nearly(dice: Random) -> Drawn:
    """Draw a QR code whose text is nearly a ticket's: one letter too few, or padding that no code has."""
    code = new_code(dice.randbytes(16))
    return _qr(dice.choice((code[:-1], code[1:], f"{code[:-1]}{dice.choice('BCDF')}", f"X{code}")))


def _torn(dice: Random) -> Drawn:
    """Draw a ticket's code of which a third is gone; what is read of it, if anything, must be right."""
    code = new_code(dice.randbytes(16))
    picture = drawn_cells(modules(code))
    width = picture.width
    ImageDraw.Draw(picture).rectangle((0, round(width * dice.uniform(0.55, 0.7)), width, width), fill=235)
    return picture, code


def _qr(text: str) -> Drawn:
    return drawn_cells(link_modules(text)), text


def drawn_cells(rows: list[list[bool]]) -> Image.Image:
    """Draw the modules of a QR code, ten pixels each, with their quiet zone."""
    side = len(rows) + 2 * QUIET
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows, start=QUIET):
        for x, dark in enumerate(row, start=QUIET):
            if dark:
                picture.putpixel((x, y), 0)
    return picture.resize((side * _CELL, side * _CELL), Image.Resampling.NEAREST)


NO_CODES: Mapping[str, Callable[[Random], Drawn]] = {
    "nothing": _nothing,
    "print": _print,
    "mosaic": _mosaic,
    "bar code": _bars,
    "another's code": _others,
    "nearly a ticket": _nearly,
    "torn": _torn,
}
