"""Pictures of ticket codes as a camera gets them in a dark foyer, and pictures in which there is none.

All of them are made from a seed: the same seed gives the same pictures. Each kind goes from what an usher
meets every minute to where the decoder begins to fail, so that a worse decoder, or worse settings, would
show. Sizes are pixels of a frame of 1280 by 720, which is what the scanner asks its camera for.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from bench.no_codes import NO_CODES, drawn_cells
from ticketing.tickets.codes import new_code
from ticketing.tickets.qr import modules

FRAME = (1280, 720)
_CAMERA_QUALITY = 85
_FOYER = ((38, 34, 40), (96, 92, 88), (150, 140, 128), (212, 208, 200))
_SIDE = (300, 460)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A frame as JPEG, of one `kind`. `text` is the code in it, None where there is none to be read."""

    kind: str
    text: str | None
    jpeg: bytes


def hard_pictures(each: int, seed: int = 6) -> Iterator[Picture]:
    """Return so many pictures of each hard kind, every one of another ticket."""
    for kind, spoil in HARD.items():
        for number in range(each):
            dice = Random(f"{seed} {kind} {number}")
            code = new_code(dice.randbytes(16))
            yield Picture(kind=kind, text=code, jpeg=as_jpeg(spoil(code, dice)))


def pictures_without(each: int, seed: int = 6) -> Iterator[Picture]:
    """Return so many pictures of each kind in which there is no ticket; `text` is what they do say."""
    for kind, draw in NO_CODES.items():
        for number in range(each):
            dice = Random(f"{seed} {kind} {number}")
            drawn, text = draw(dice)
            frame = held_up(drawn, dice, turned=dice.uniform(-25, 25))
            yield Picture(kind=kind, text=text, jpeg=as_jpeg(noisy(frame, dice, 0.06)))


def as_jpeg(frame: Image.Image, quality: int = _CAMERA_QUALITY) -> bytes:
    """Return a frame as the camera hands it over."""
    kept = BytesIO()
    frame.convert("RGB").save(kept, "JPEG", quality=quality)
    return kept.getvalue()


def code_picture(code: str) -> Image.Image:
    """Draw a ticket's code."""
    return drawn_cells(modules(code))


def held_up(drawn: Image.Image, dice: Random, *, turned: float = 0.0, side: int | None = None) -> Image.Image:
    """Put something drawn in front of the camera, somewhere near the middle, `side` pixels wide."""
    width = side or dice.randint(*_SIDE)
    height = max(1, round(drawn.height * width / drawn.width))
    card = drawn.convert("RGBA").resize((width, height), Image.Resampling.LANCZOS)
    card = card.rotate(turned, Image.Resampling.BICUBIC, expand=True)
    frame = Image.new("RGB", FRAME, dice.choice(_FOYER))
    x = (FRAME[0] - card.width) // 2 + dice.randint(-150, 150)
    y = (FRAME[1] - card.height) // 2 + dice.randint(-40, 40)
    frame.paste(card, (x, y), card)
    return frame


def noisy(frame: Image.Image, dice: Random, share: float) -> Image.Image:
    """Mix in the grain of a sensor in the dark, `share` from 0 to 1."""
    grain = Image.frombytes("L", frame.size, dice.randbytes(frame.width * frame.height))
    return Image.blend(frame, grain.convert("RGB"), share)


def _tilt(dice: Random) -> float:
    return dice.uniform(-12, 12)


def _rotated(code: str, dice: Random) -> Image.Image:
    return held_up(code_picture(code), dice, turned=dice.uniform(0, 360))


def _small(code: str, dice: Random) -> Image.Image:
    return held_up(code_picture(code), dice, turned=_tilt(dice), side=dice.randint(66, 130))


def _out_of_focus(code: str, dice: Random) -> Image.Image:
    frame = held_up(code_picture(code), dice, turned=_tilt(dice))
    return frame.filter(ImageFilter.GaussianBlur(dice.uniform(3.0, 6.5)))


def _moved(code: str, dice: Random) -> Image.Image:
    return _smeared(held_up(code_picture(code), dice, turned=_tilt(dice)), dice, dice.uniform(10, 24))


def _smeared(frame: Image.Image, dice: Random, length: float) -> Image.Image:
    """Average the frame along a short way, as a hand that moves does."""
    angle, steps = dice.uniform(0, math.tau), math.ceil(length)
    total = frame
    for step in range(1, steps):
        dx, dy = round(math.cos(angle) * step), round(math.sin(angle) * step)
        total = Image.blend(total, ImageChops.offset(frame, dx, dy), 1 / (step + 1))
    return total


def _dim(code: str, dice: Random) -> Image.Image:
    frame = held_up(code_picture(code), dice, turned=_tilt(dice))
    return noisy(ImageEnhance.Brightness(frame).enhance(dice.uniform(0.05, 0.2)), dice, 0.1)


def _noise(code: str, dice: Random) -> Image.Image:
    return noisy(held_up(code_picture(code), dice, turned=_tilt(dice)), dice, dice.uniform(0.4, 0.7))


def _compressed(code: str, dice: Random) -> Image.Image:
    frame = held_up(code_picture(code), dice, turned=_tilt(dice))
    return Image.open(BytesIO(as_jpeg(frame, dice.randint(1, 8))))


def _glare(code: str, dice: Random) -> Image.Image:
    drawn = code_picture(code).convert("RGB")
    return held_up(_with_hot_spot(drawn, dice, dice.uniform(0.12, 0.22)), dice, turned=_tilt(dice))


def _with_hot_spot(drawn: Image.Image, dice: Random, radius: float) -> Image.Image:
    """Let a lamp shine into the glass; `radius` is a share of the side."""
    side = drawn.width
    spot = Image.new("L", drawn.size, 0)
    x, y = dice.uniform(0.2, 0.8) * side, dice.uniform(0.2, 0.8) * side
    across, down = radius * side, radius * side * dice.uniform(0.5, 1)
    ImageDraw.Draw(spot).ellipse((x - across, y - down, x + across, y + down), fill=255)
    spot = spot.filter(ImageFilter.GaussianBlur(radius * side / 4))
    return Image.composite(Image.new("RGB", drawn.size, (255, 255, 250)), drawn, spot)


def _slanted(code: str, dice: Random) -> Image.Image:
    return held_up(_seen_from_the_side(code_picture(code), dice, 0.3), dice, turned=_tilt(dice))


def _seen_from_the_side(drawn: Image.Image, dice: Random, most: float) -> Image.Image:
    """Pull the corners in by up to `most` of the side, as a ticket held askew shows them."""
    side = drawn.width

    def pull() -> float:
        return dice.uniform(0, most) * side

    corners = [
        (pull(), pull()),
        (side - pull(), pull()),
        (side - pull(), side - pull()),
        (pull(), side - pull()),
    ]
    whole = [(0.0, 0.0), (float(side), 0.0), (float(side), float(side)), (0.0, float(side))]
    return drawn.convert("RGBA").transform(
        drawn.size, Image.Transform.PERSPECTIVE, _homography(corners, whole), Image.Resampling.BICUBIC
    )


def _homography(seen: list[tuple[float, float]], drawn: list[tuple[float, float]]) -> tuple[float, ...]:
    """Return the eight coefficients that take the seen corners to the drawn ones, by elimination."""
    rows = []
    for (x, y), (u, v) in zip(seen, drawn, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for n in range(8):
        pivot = max(range(n, 8), key=lambda row: abs(rows[row][n]))
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for other in range(8):
            if other != n:
                rows[other] = [a - rows[other][n] * b for a, b in zip(rows[other], rows[n], strict=True)]
    return tuple(row[8] for row in rows)


def _dark_screen(code: str, dice: Random) -> Image.Image:
    return held_up(_on_a_phone(code, dice), dice, turned=_tilt(dice), side=dice.randint(130, 300))


def _on_a_phone(code: str, dice: Random) -> Image.Image:
    """Draw a phone in dark mode; one in three has a browser that turns the code's own colours over."""
    drawn = code_picture(code)
    if dice.random() < 1 / 3:
        drawn = ImageOps.invert(drawn)
    side = drawn.width
    phone = Image.new("L", (side + 160, side + 240), 22)
    pen = ImageDraw.Draw(phone)
    for line in range(3):
        pen.rectangle((80, 30 + 26 * line, 80 + dice.randint(120, 300), 40 + 26 * line), fill=190)
    phone.paste(drawn, (80, 130))
    return phone


def _cracked(code: str, dice: Random) -> Image.Image:
    return held_up(_with_cracks(code_picture(code), dice), dice, turned=_tilt(dice))


def _with_cracks(drawn: Image.Image, dice: Random) -> Image.Image:
    """Draw cracks that run from one blow to the edges of the glass."""
    side, pen = drawn.width, ImageDraw.Draw(drawn)
    blow = (dice.uniform(0.1, 0.9) * side, dice.uniform(0.1, 0.9) * side)
    for _ in range(dice.randint(5, 9)):
        (x, y), angle = blow, dice.uniform(0, math.tau)
        shade, width = dice.choice((20, 90, 200, 245)), dice.randint(2, 4)
        while 0 <= x <= side and 0 <= y <= side:
            angle += dice.uniform(-0.5, 0.5)
            to = (x + math.cos(angle) * 40, y + math.sin(angle) * 40)
            pen.line(((x, y), to), fill=shade, width=width)
            x, y = to
    return drawn


def _together(code: str, dice: Random) -> Image.Image:
    """Spoil a picture in three ways at once, each of them mildly: what most bad pictures are."""
    drawn = code_picture(code)
    held: dict[str, Callable[[Image.Image], Image.Image]] = {
        "cracks": lambda one: _with_cracks(one, dice),
        "glare": lambda one: _with_hot_spot(one.convert("RGB"), dice, 0.1),
        "slant": lambda one: _seen_from_the_side(one, dice, 0.12),
    }
    taken: dict[str, Callable[[Image.Image], Image.Image]] = {
        "focus": lambda one: one.filter(ImageFilter.GaussianBlur(dice.uniform(1.5, 3.5))),
        "motion": lambda one: _smeared(one, dice, 8),
        "dim": lambda one: ImageEnhance.Brightness(one).enhance(dice.uniform(0.12, 0.3)),
        "noise": lambda one: noisy(one, dice, 0.3),
    }
    frame = held_up(held[dice.choice(sorted(held))](drawn), dice, turned=dice.uniform(0, 360))
    for way in dice.sample(sorted(taken), 2):
        frame = taken[way](frame)
    return frame


HARD: Mapping[str, Callable[[str, Random], Image.Image]] = {
    "rotated": _rotated,
    "small": _small,
    "out of focus": _out_of_focus,
    "moved": _moved,
    "dim": _dim,
    "noise": _noise,
    "compressed": _compressed,
    "glare": _glare,
    "slanted": _slanted,
    "dark screen": _dark_screen,
    "cracked glass": _cracked,
    "together": _together,
}
