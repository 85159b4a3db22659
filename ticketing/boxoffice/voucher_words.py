"""What vouchers do, and how they stand, in the reader's language."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.foundation.i18n import NO_BREAK, money_text
from ticketing.foundation.money import Money
from ticketing.sales.voucher_models import VoucherSeries
from ticketing.sales.voucher_rules import Standing, VoucherKind, standing

_KINDS: Mapping[VoucherKind, LazyString] = {
    VoucherKind.PERCENT: lazy_gettext("Per cent off each ticket"),
    VoucherKind.PER_TICKET: lazy_gettext("Amount off each ticket"),
    VoucherKind.PER_ORDER: lazy_gettext("Amount off the order"),
    VoucherKind.FREE: lazy_gettext("Free tickets"),
    VoucherKind.GIFT: lazy_gettext("A gift to spend, on each code"),
    VoucherKind.FIXED: lazy_gettext("A fixed price for each ticket"),
}
_STANDINGS: Mapping[Standing, tuple[LazyString, str]] = {
    Standing.OPEN: (lazy_gettext("In use"), "good"),
    Standing.TOO_EARLY: (lazy_gettext("Not yet"), "warn"),
    Standing.ENDED: (lazy_gettext("Over"), "out"),
}


def kind_word(kind: str) -> str:
    """Return what a kind of voucher does."""
    return str(_KINDS[VoucherKind(kind)])


def value_text(series: VoucherSeries, currency: str) -> str:
    """Return how much a series takes off, or what a ticket costs with it."""
    if series.kind == VoucherKind.FREE:
        return ""
    if series.kind == VoucherKind.PERCENT:
        return f"{series.value}{NO_BREAK}%"
    return money_text(Money(series.value, currency))


def standing_tag(series: VoucherSeries, now: datetime) -> tuple[str, str]:
    """Return the word and the look of how a series stands."""
    if series.stopped_at is not None:
        return str(_("Stopped")), "off"
    word, look = _STANDINGS[standing(series.valid_from, series.valid_until, None, now)]
    return str(word), look
