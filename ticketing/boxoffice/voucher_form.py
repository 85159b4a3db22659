"""Reading the form that makes a series of vouchers."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from ticketing.boxoffice.places_form import release_moment
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.forms import form_line
from ticketing.foundation.money import MINOR_PER_MAJOR
from ticketing.sales.errors import VoucherFormError
from ticketing.sales.voucher_rules import VoucherKind
from ticketing.sales.voucher_series import SeriesRequest

_MOST_DIGITS = 10
_BLANKS = str.maketrans("", "", " \u00a0\u202f")


def series_request(
    zone: ZoneInfo, now: datetime, screenings: Iterable[str], sections: Iterable[str], bands: Iterable[str]
) -> SeriesRequest:
    """Return the series that the form asks for, restricted to what there is.

    Raises VoucherFormError, naming the first field that cannot be read.
    """
    kind = _kind()
    value = _number("value") or 0
    return SeriesRequest(
        name=form_line("name"),
        reason=form_line("reason"),
        prefix=form_line("prefix"),
        kind=kind,
        value=_value(kind, value),
        codes=_number("codes") or 0,
        uses_per_code=_number("uses_per_code") or 0,
        valid_from=_moment("valid_from", zone) or now,
        valid_until=_moment("valid_until", zone),
        most_tickets=_number("most_tickets"),
        budget_minor=_money("budget_minor"),
        budget_uses=_number("budget_uses"),
        screenings=_chosen("screenings", screenings),
        sections=_chosen("sections", sections),
        bands=_chosen("bands", bands),
    )


def _kind() -> VoucherKind:
    try:
        return VoucherKind(form_line("kind"))
    except ValueError:
        raise VoucherFormError(field="kind") from None


def _value(kind: VoucherKind, typed: int) -> int:
    """Return a series' value: a per cent, nothing where tickets are free, else minor units."""
    if kind is VoucherKind.PERCENT:
        return typed
    return 0 if kind is VoucherKind.FREE else typed * MINOR_PER_MAJOR


def _money(name: str) -> int | None:
    number = _number(name)
    return None if number is None else number * MINOR_PER_MAJOR


def _number(name: str) -> int | None:
    """Return a whole number, or None for an empty field. Raises VoucherFormError."""
    text = form_line(name).translate(_BLANKS)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise VoucherFormError(field=name)
    return int(text)


def _moment(name: str, zone: ZoneInfo) -> datetime | None:
    try:
        return release_moment(name, zone)
    except InvalidRequestError:
        raise VoucherFormError(field=name) from None


def _chosen(name: str, known: Iterable[str]) -> frozenset[str]:
    """Return the marked ones. Raises VoucherFormError for what is not there: nothing is widened silently."""
    chosen = frozenset(request.form.getlist(name))
    if not chosen <= frozenset(known):
        raise VoucherFormError(field=name)
    return chosen
