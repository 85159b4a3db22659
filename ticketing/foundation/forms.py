"""Reading forms and queries: whatever a browser can send becomes a line of text that can be kept."""

from flask import request

_MOST_LINE = 200
# A NUL cannot be stored in PostgreSQL, and none of them belongs into a line.
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F), " ")


def line(text: str, most: int = _MOST_LINE) -> str:
    """Return text as one line with single blanks, cut at `most` characters."""
    # Lone surrogates cannot be written as UTF-8.
    whole = text[: most * 4].encode("utf-8", "replace").decode()
    return " ".join(whole.translate(_CONTROLS).split())[:most]


def query_line(name: str, most: int = _MOST_LINE) -> str:
    """Return a parameter of the address."""
    return line(request.args.get(name, ""), most)


def form_line(name: str, most: int = _MOST_LINE) -> str:
    """Return a field of the form."""
    return line(request.form.get(name, ""), most)
