"""Reading what forms send: anything a browser, or somebody without one, may put into a field."""

from flask import request

from ticketing.foundation.errors import InvalidRequestError
from ticketing.inventory.errors import UnknownPlaceError

_MOST_TEXT = 200
_MOST_LABEL = 64
_MOST_DIGITS = 4
MOST_PLACES = 200


def text_field(name: str) -> str:
    """Return a line of at most 200 characters, without control characters. Raises InvalidRequestError."""
    value = "".join(letter if letter.isprintable() else " " for letter in request.form.get(name, ""))
    if len(value) > _MOST_TEXT:
        raise InvalidRequestError(errors=[{"path": name, "message": "at most 200 characters"}])
    return value.strip()


def number_field(name: str) -> int | None:
    """Return a whole number, or None when the field is not sent. Raises InvalidRequestError."""
    value = request.form.get(name)
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > _MOST_DIGITS:
        raise InvalidRequestError(errors=[{"path": name, "message": "a whole number"}])
    return int(value)


def place_labels(values: list[str]) -> tuple[str, ...]:
    """Return the places named, each once. Raises UnknownPlaceError for what can be no place's label."""
    labels = tuple(dict.fromkeys(values))
    if len(labels) > MOST_PLACES or any(len(v) > _MOST_LABEL or not v.isprintable() for v in labels):
        raise UnknownPlaceError(places=[])
    return labels
