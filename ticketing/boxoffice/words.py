"""The desk's words: states, verdicts, deeds and reasons in the reader's language."""

import re
from collections.abc import Mapping

import phonenumbers
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.boxoffice.refund_form import FormFault
from ticketing.boxoffice.rules import AFTER_DEADLINE, DeskState, RefundReason, read_reason
from ticketing.foundation.i18n import NO_BREAK, money_text
from ticketing.foundation.money import Money
from ticketing.sales.affair_models import Dispute
from ticketing.sales.models import Refund
from ticketing.sales.payments.port import DisputeState
from ticketing.sales.refund_rules import Method

_HOME_PHONE = re.compile(r"(\+7)(\d{3})(\d{3})(\d{2})(\d{2})", re.ASCII)

_STATES: Mapping[str, tuple[LazyString, str]] = {
    DeskState.PENDING: (lazy_gettext("Awaiting payment"), "warn"),
    DeskState.PAID: (lazy_gettext("Paid"), "good"),
    DeskState.FREE: (lazy_gettext("Free"), "free"),
    DeskState.PART_REFUNDED: (lazy_gettext("Part-refunded"), "warn"),
    DeskState.REFUND_DUE: (lazy_gettext("Refund due"), "off"),
    DeskState.REFUNDED: (lazy_gettext("Fully refunded"), "out"),
    DeskState.EXPIRED: (lazy_gettext("Expired"), "out"),
    DeskState.CANCELLED: (lazy_gettext("Order cancelled"), "out"),
}
_PAYMENTS: Mapping[str, LazyString] = {
    "starting": lazy_gettext("Payment begun"),
    "open": lazy_gettext("Payment page open"),
    "processing": lazy_gettext("The bank is confirming the payment"),
    "authorised": lazy_gettext("Money reserved"),
    "releasing": lazy_gettext("Reserve being released"),
    "captured": lazy_gettext("Payment received"),
    "declined": lazy_gettext("Payment declined"),
    "expired": lazy_gettext("Payment page closed"),
    "parked": lazy_gettext("Another amount came in, set aside"),
}
_REFUNDS: Mapping[str, LazyString] = {
    "pending": lazy_gettext("Refund under way"),
    "done": lazy_gettext("Refunded"),
    "failed": lazy_gettext("Refund failed"),
}
_REASONS: Mapping[str, LazyString] = {
    RefundReason.CANNOT_COME: lazy_gettext("Viewer cannot come"),
    RefundReason.SCREENING_CHANGED: lazy_gettext("Screening changed"),
    RefundReason.WRONG_PLACE: lazy_gettext("Wrong place sold"),
    RefundReason.PAID_TWICE: lazy_gettext("Paid twice"),
    RefundReason.OTHER: lazy_gettext("Another reason, see the note"),
    AFTER_DEADLINE: lazy_gettext("after the deadline"),
    "place_lost": lazy_gettext("The places were gone"),
    "outside": lazy_gettext("Made in the bank's own system"),
    "returned": lazy_gettext("Returned by the buyer"),
    "early_fraud_warning": lazy_gettext("Early warning of fraud"),
    "set_aside": lazy_gettext("Money that was set aside"),
    "screening_cancelled": lazy_gettext("Screening cancelled"),
    "import_programme": lazy_gettext("from the programme's files"),
}
_FAULTS: Mapping[FormFault, LazyString] = {
    FormFault.NOTHING_CHOSEN: lazy_gettext("Choose at least one ticket."),
    FormFault.FEE_UNREADABLE: lazy_gettext("Write the fee in whole tenge, such as 500."),
    FormFault.NOTE_MISSING: lazy_gettext("Say the reason in the note."),
    FormFault.AMOUNT_CHANGED: lazy_gettext("Check the amount and confirm."),
}
# The scanner's words for the same verdicts are longer: here they stand in a table.
_SCANS: Mapping[str, LazyString] = {
    "ok": lazy_gettext("admitted"),
    "ok_attention": lazy_gettext("admitted with a card"),
    "ok_unlisted": lazy_gettext("admitted"),
    "reentry": lazy_gettext("back in"),
    "exit": lazy_gettext("went out"),
    "undo": lazy_gettext("taken back"),
    "already_in": lazy_gettext("already in"),
    "relayed": lazy_gettext("already in"),
    "wrong_screening": lazy_gettext("another screening"),
    "wrong_venue": lazy_gettext("another venue"),
    "wrong_day": lazy_gettext("another day"),
    "screening_moved": lazy_gettext("screening moved"),
    "screening_cancelled": lazy_gettext("screening cancelled"),
    "too_early": lazy_gettext("too early"),
    "too_late": lazy_gettext("too late"),
    "refunded": lazy_gettext("refunded before"),
    "cancelled": lazy_gettext("void"),
    "blocked": lazy_gettext("blocked"),
    "reissued": lazy_gettext("older copy"),
    "full": lazy_gettext("hall full"),
    "lease_spent": lazy_gettext("phone's limit reached"),
    "needs_reservation": lazy_gettext("no place yet"),
    "unknown": lazy_gettext("not found"),
    "bad_signature": lazy_gettext("not our ticket"),
    "unknown_key": lazy_gettext("phone lacks a key"),
    "newer_version": lazy_gettext("scanner too old"),
    "stale": lazy_gettext("phone not up to date"),
}
_REDIRECTS = frozenset(
    {"wrong_screening", "wrong_venue", "wrong_day", "screening_moved", "screening_cancelled"}
)


def state_word(state: str) -> str:
    """Return what a state of an order is called."""
    return str(_STATES[state][0])


def state_look(state: str) -> str:
    """Return the look of a state's tag."""
    return _STATES[state][1]


def payment_word(state: str) -> str:
    """Return what a state of a payment is called."""
    return str(_PAYMENTS[state])


def refund_word(status: str) -> str:
    """Return what a state of a refund is called."""
    return str(_REFUNDS[status])


def refund_line(refund: Refund) -> str:
    """Return a refund's state and amount, and that it was in cash if it was."""
    amount = money_text(Money(refund.amount_minor, refund.currency))
    if refund.method == Method.CASH:
        paid: str = _("Paid in cash: %(amount)s", amount=amount)
        return paid
    if refund.method == Method.DISPUTE:
        taken: str = _("Taken by the buyer's bank in a dispute: %(amount)s", amount=amount)
        return taken
    if refund.method == Method.OUTSIDE:
        made: str = _("Part of a refund made at the bank: %(amount)s", amount=amount)
        return made
    return f"{refund_word(refund.status)}: {amount}"


def dispute_word(dispute: Dispute, due: str) -> str:
    """Return what a dispute means for the desk; `due` is the day by which the bank wants an answer."""
    amount = money_text(Money(dispute.amount_minor, dispute.currency))
    if dispute.state == DisputeState.LOST:
        lost: str = _("The dispute was lost: the bank has kept %(amount)s.", amount=amount)
        return lost
    said: str = _(
        "The buyer's bank disputes this payment, %(amount)s. Tickets are blocked; nothing can be refunded.",
        amount=amount,
    )
    answer = _("Answer the bank by: %(date)s.", date=due)
    return f"{said} {answer}" if due else said


def phone_text(e164: str) -> str:
    """Return a phone as Kazakhstan writes it, `+7 701 555 12 34`; others in the international way."""
    home = _HOME_PHONE.fullmatch(e164)
    if home is not None:
        return NO_BREAK.join(home.groups())
    number = phonenumbers.parse(e164)
    text: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return text.replace(" ", NO_BREAK)


def decided_meanwhile() -> str:
    """Return that somebody else was faster."""
    return str(_("This was decided meanwhile, or can be no more. This is how things stand now."))


def fault_word(fault: FormFault) -> str:
    """Return what to do about a fault of the refund form."""
    return str(_FAULTS[fault])


def reason_word(code: str) -> str:
    """Return a reason for a refund in words."""
    return str(_REASONS[code])


def reason_words(kept: str) -> str:
    """Return a kept reason with its note in words; text of another program stands as it is."""
    codes, note = read_reason(kept)
    words = ", ".join(reason_word(code) for code in codes)
    return f"{words}: {note}" if words and note else words or note


def scan_word(verdict: str, reason: str) -> str:
    """Return what a scan came to."""
    return str(_SCANS.get(reason) or (_("admitted") if verdict == "admit" else _("refused")))


def scan_look(verdict: str, reason: str) -> tuple[str, str]:
    """Return the sign and the look of a scan's tag: shape and colour repeat the word."""
    if verdict == "admit":
        return "✓", "good"
    return ("→", "moved") if reason in _REDIRECTS else ("✕", "off")
