"""The words of refund rules."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money
from ticketing.sales.refund_rules import RefundPolicy

_DONE: Mapping[str, LazyString] = {
    "saved": lazy_gettext("Saved."),
    "own": lazy_gettext("Saved. It holds for tickets that were sold before, too."),
    "festival": lazy_gettext("The festival's rule holds again."),
    "film_changed": lazy_gettext("Marked. Buyers can return their tickets in full."),
    "film_same": lazy_gettext("The mark is taken back."),
    "cancel": lazy_gettext("Cancelled. The refunds have begun."),
}


def policy_text(policy: RefundPolicy, currency: str) -> str:
    """Return a rule in one line: until when, and what is kept."""
    if not policy.self_service:
        until = _("Only at the box office")
    else:
        until = ngettext(
            "Up to %(num)d hour before the start", "Up to %(num)d hours before the start", policy.until_hours
        )
    parts = []
    if policy.fee_percent:
        parts.append(f"{policy.fee_percent}\u00a0%")
    if policy.fee_minor:
        parts.append(money_text(Money(policy.fee_minor, currency)))
    kept = _("kept of each ticket: %(fee)s", fee=" + ".join(parts)) if parts else _("without a fee")
    return f"{until}, {kept}"


def done_text(done: str) -> str:
    """Return what to say of what was done."""
    return str(_DONE.get(done, ""))
