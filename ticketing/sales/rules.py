"""Pure decisions of sales: states of an order and its payments, and what a buyer must tell."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ticketing.sales.errors import EmailInvalidError, NameRequiredError, PhoneInvalidError

_REGION = "KZ"


class OrderStatus(StrEnum):
    """An order partly refunded stays paid."""

    PENDING = "pending"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PaymentState(StrEnum):
    """An attempt to pay.

    `starting`: the gateway may or may not know of it; the same key tells. `processing`: the buyer has paid by
    a method whose word comes later. `authorised`: the money is reserved and will be captured. `releasing`: it
    is reserved and will be let go.
    """

    STARTING = "starting"
    OPEN = "open"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    RELEASING = "releasing"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"
    PARKED = "parked"


# A buyer can still use the page.
PAYABLE_STATES = (PaymentState.STARTING, PaymentState.OPEN)
# Money may still come of it, so its order keeps its places (I5).
OPEN_STATES = (*PAYABLE_STATES, PaymentState.PROCESSING, PaymentState.AUTHORISED)


class Receipt(StrEnum):
    """What to do with money that has come in."""

    ISSUE = "issue"
    TAKE_BACK_OR_REFUND = "take_back_or_refund"
    REFUND = "refund"
    PARK = "park"
    KNOWN = "known"


def on_captured(order: str, payment: str, *, owed: tuple[int, str], captured: tuple[int, str]) -> Receipt:
    """Decide what captured money means. Amounts are (minor units, currency).

    A second payment of a paid order goes back; money that came after the places were freed gets them again
    if it can (DESIGN, section 6); money of another amount is for staff to decide.
    """
    if payment in (PaymentState.CAPTURED, PaymentState.PARKED):
        return Receipt.KNOWN
    if owed != captured:
        return Receipt.PARK
    if order == OrderStatus.PENDING:
        return Receipt.ISSUE
    if order == OrderStatus.EXPIRED:
        return Receipt.TAKE_BACK_OR_REFUND
    return Receipt.REFUND


class Reserve(StrEnum):
    """What to do with money that is reserved."""

    CAPTURE = "capture"
    TAKE_BACK_OR_RELEASE = "take_back_or_release"
    RELEASE = "release"
    KNOWN = "known"


def on_authorised(
    order: str,
    payment: str,
    *,
    owed: tuple[int, str],
    authorised: tuple[int, str],
    is_other_open: bool,
) -> Reserve:
    """Decide what reserved money means: it is taken only for places that the order has.

    `is_other_open`: another attempt of the order may still be paid, and one payment is enough. Reserved money
    of another amount costs the buyer nothing when it is let go, so staff need not decide.
    """
    if payment not in (*PAYABLE_STATES, PaymentState.PROCESSING, PaymentState.DECLINED, PaymentState.EXPIRED):
        return Reserve.KNOWN
    if owed != authorised or is_other_open:
        return Reserve.RELEASE
    if order == OrderStatus.PENDING:
        return Reserve.CAPTURE
    return Reserve.TAKE_BACK_OR_RELEASE if order == OrderStatus.EXPIRED else Reserve.RELEASE


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys; the phone in E.164, or none."""

    name: str
    email: str
    phone: str | None


def check_buyer(name: str, email: str, phone: str | None) -> Buyer:
    """Return the buyer in normal form. Raises NameRequiredError, EmailInvalidError or PhoneInvalidError."""
    return Buyer(name=check_name(name), email=check_email(email), phone=check_phone(phone))


def check_name(text: str) -> str:
    """Return a name with single blanks. Raises NameRequiredError."""
    name = " ".join(text.split())
    if not name:
        raise NameRequiredError
    return name


def check_email(text: str) -> str:
    """Return a mail address in normal form, reachable or not. Raises EmailInvalidError."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise EmailInvalidError from None


def check_phone(text: str | None) -> str | None:
    """Return a phone number in E.164, or None for none. Raises PhoneInvalidError."""
    if text is None or not text.strip():
        return None
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        raise PhoneInvalidError from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalidError
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
