"""Pure decisions of the box office: what an order's state is called, and what a refund may be."""

import re
from enum import StrEnum

from ticketing.foundation.money import MINOR_PER_MAJOR

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_BLANKS = str.maketrans("", "", " \u00a0\u202f")


class DeskState(StrEnum):
    """An order's state as the desk tells it: finer than the order's own."""

    PENDING = "pending"
    PAID = "paid"
    FREE = "free"
    PART_REFUNDED = "part_refunded"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class RefundReason(StrEnum):
    """Why money goes back; kept in the refund and in the audit trail, shown in words."""

    CANNOT_COME = "cannot_come"
    SCREENING_CHANGED = "screening_changed"
    WRONG_PLACE = "wrong_place"
    PAID_TWICE = "paid_twice"
    OTHER = "other"


# Stands beside the reason when staff refund although the buyer's own time for it is over.
AFTER_DEADLINE = "after_deadline"
# Refunds that nobody asked for at the desk: late money without a place, those made at the gateway itself,
# tickets that their buyers returned, money set aside, cancelled screenings; and
# what the programme's files did.
BY_ITSELF = frozenset(
    {
        "place_lost",
        "outside",
        "returned",
        "set_aside",
        "screening_cancelled",
        "early_fraud_warning",
        "import_programme",
    }
)


def desk_state(order: str, *, total_minor: int, refunded: bool, refund_pending: bool) -> DeskState:
    """Return what to call an order. `refunded`: some ticket is; `refund_pending`: money still has to go."""
    if refund_pending:
        return DeskState.REFUND_DUE
    if order == DeskState.PAID and refunded:
        return DeskState.PART_REFUNDED
    if order == DeskState.PAID and total_minor == 0:
        return DeskState.FREE
    return DeskState(order)


def kept_fee(typed: str, policy_minor: int) -> int | None:
    """Return the fee kept of a refund, in minor units: what was typed (major units), else the policy's.

    None means that what was typed is no amount. The desk's page has a twin of it, static/src/desk/sums.js;
    both run tests/vectors/refund.json.
    """
    plain = typed.translate(_BLANKS)
    if not plain:
        return policy_minor
    return int(plain) * MINOR_PER_MAJOR if _WHOLE.fullmatch(plain) else None


def reason_text(reason: RefundReason, note: str, *, late: bool) -> str:
    """Return what is kept as the reason: codes, then the note, as in `cannot_come, after_deadline: ill`."""
    codes = f"{reason}, {AFTER_DEADLINE}" if late else str(reason)
    return f"{codes}: {note}" if note else codes


def read_reason(text: str) -> tuple[tuple[str, ...], str]:
    """Return the codes and the note of a kept reason; text of another program is all note."""
    head, colon, note = text.partition(": ")
    codes = tuple(head.split(", "))
    known = {*RefundReason, AFTER_DEADLINE, *BY_ITSELF}
    return (codes, note if colon else "") if codes and set(codes) <= known else ((), text)
