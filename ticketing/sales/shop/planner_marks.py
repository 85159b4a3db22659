"""The screenings that this browser has marked: their codes in one cookie, without an account or a name."""

import re
from collections.abc import Iterable

from flask import Response, g, request

from ticketing.foundation.web import runtime

_COOKIE = "plan"
# From the beginning of sales to the last day; next year's codes are other screenings.
_LIFE_SECONDS = 60 * 24 * 3600
# So many of the longest codes stay below three of the 4 KB of a cookie.
MOST_MARKED = 60
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_MOST_TEXT = MOST_MARKED * 41
_SEPARATOR = "."


def read_codes(text: str) -> tuple[str, ...]:
    """Return the screenings that a cookie or an address names, each once; whatever is no code is left out."""
    codes = (code for code in text[:_MOST_TEXT].split(_SEPARATOR) if _CODE.fullmatch(code))
    return tuple(dict.fromkeys(codes))[:MOST_MARKED]


def write_codes(codes: Iterable[str]) -> str:
    """Return what `read_codes` reads."""
    return _SEPARATOR.join(codes)


def marked_codes() -> tuple[str, ...]:
    """Return the screenings marked in this browser, in the order of marking."""
    if "marked_codes" not in g:
        g.marked_codes = read_codes(request.cookies.get(_COOKIE, ""))
    codes: tuple[str, ...] = g.marked_codes
    return codes


def keep_marked(response: Response, codes: Iterable[str]) -> None:
    """Let this browser have these screenings marked from now on."""
    kept = tuple(codes)
    g.marked_codes = kept
    response.set_cookie(
        _COOKIE,
        write_codes(kept),
        max_age=_LIFE_SECONDS if kept else 0,
        httponly=True,
        samesite="Lax",
        secure=runtime().settings.base_url.startswith("https://"),
    )
