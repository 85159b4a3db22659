"""A QR picture of letters, for a terminal. Pure."""

from collections.abc import Sequence
from itertools import zip_longest

from ticketing.tickets.qr import QUIET

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def picture_lines(rows: Sequence[Sequence[bool]]) -> list[str]:
    """Return dark modules as lines of text with their quiet zone: two rows of modules a line.

    It is to be shown dark on light, whatever the terminal's own colours are.
    """
    width = len(rows[0]) + 2 * QUIET
    empty = [[False] * width] * QUIET
    wide = [*empty, *([*[False] * QUIET, *row, *[False] * QUIET] for row in rows), *empty]
    pairs = zip_longest(wide[::2], wide[1::2], fillvalue=[False] * width)
    return ["".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]
