"""Reading the forms of the places' page: which places, until when, how many."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from ticketing.catalogue.limits import MOST
from ticketing.catalogue.plans import MAX_SEATS
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.forms import form_line, query_line
from ticketing.inventory.errors import NothingMarkedError
from ticketing.inventory.models import LABEL
from ticketing.inventory.staff_choice import StaffChoice

_MOST_DIGITS = len(str(MAX_SEATS))


def place_choice() -> StaffChoice:
    """Return the marked places, or the number that was typed. Raises NothingMarkedError."""
    labels = request.form.getlist("place")
    if labels:
        if len(labels) > MAX_SEATS or not all(_can_be_a_label(label) for label in labels):
            raise NothingMarkedError
        return StaffChoice(labels=tuple(dict.fromkeys(labels)))
    quantity = _number("quantity")
    if not quantity:
        raise NothingMarkedError
    return StaffChoice(quantity=quantity)


def optional_number(name: str) -> int | None:
    """Return a number from 1 to MOST, or None for an empty field. Raises InvalidRequestError."""
    if not form_line(name):
        return None
    number = _number(name)
    if not number or number > MOST:
        raise InvalidRequestError(errors=[{"path": name, "message": f"from 1 to {MOST}"}])
    return number


def release_moment(name: str, zone: ZoneInfo) -> datetime | None:
    """Return a field of date and time as a moment in the festival's zone; None for an empty one.

    Raises InvalidRequestError.
    """
    text = form_line(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise InvalidRequestError(errors=[{"path": name, "message": "a date and a time"}]) from None


def query_number(name: str) -> int:
    """Return a number of the address; 0 for anything else."""
    return _as_number(query_line(name))


def _number(name: str) -> int:
    return _as_number(form_line(name))


def _as_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _can_be_a_label(text: str) -> bool:
    return 0 < len(text) <= LABEL and "\x00" not in text and text.isprintable()
