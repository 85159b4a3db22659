"""What every motif draws with: the colours in hand, the code's bytes, numbers in SVG's short form."""

import hashlib
from dataclasses import dataclass

# All posters: 240 by 360 units.
WIDTH = 240
HEIGHT = 360


class CodeBytes:
    """Choices that depend on a film's code alone: the bytes of its SHA-256 in turn, over and over.

    The order in which a motif takes them is part of the poster: another order is another poster.
    """

    def __init__(self, code: str) -> None:
        self._bytes = hashlib.sha256(code.encode()).digest()
        self._next = 0

    def below(self, limit: int) -> int:
        """Return the next choice, from 0 to `limit` - 1."""
        value = self._bytes[self._next % len(self._bytes)]
        self._next += 1
        return value % limit


@dataclass(frozen=True, kw_only=True)
class Colours:
    """The palette of one poster, with its one spark chosen."""

    deep: str
    fill: str
    pale: str
    spark: str


@dataclass(frozen=True, kw_only=True)
class Art:
    """A motif's shapes, and the clip paths `a` and `b` that they refer to."""

    body: str
    definitions: str = ""


def short(number: float) -> str:
    """Return a number with at most one decimal: 12.0 is `12`, 0.25 is `0.2`."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


def ground(colour: str) -> str:
    """Return the whole sheet in one colour."""
    return box(colour, top=0, height=HEIGHT)


def box(colour: str, *, top: int, height: int, width: int = WIDTH) -> str:
    """Return a bar from the left edge; `top` and `height` in units of the drawing."""
    return path(colour, f"M0 {top}h{width}v{height}H0z")


def path(colour: str, outline: str) -> str:
    """Return a filled outline."""
    return f'<path fill="{colour}" d="{outline}"/>'


def line(colour: str, width: int, outline: str) -> str:
    """Return an outline drawn as a line."""
    return f'<path fill="none" stroke="{colour}" stroke-width="{width}" d="{outline}"/>'


def disc(colour: str, x: float, y: float, radius: float) -> str:
    """Return a filled circle."""
    return f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" fill="{colour}"/>'


def clip(name: str, outline: str) -> str:
    """Return the definition of a clip path."""
    return f'<clipPath id="{name}"><path d="{outline}"/></clipPath>'


def clipped(name: str, body: str) -> str:
    """Return shapes cut off by a clip path."""
    return f'<g clip-path="url(#{name})">{body}</g>'
