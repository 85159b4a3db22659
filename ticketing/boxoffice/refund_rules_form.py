"""Reading the form of a refund rule: hours, per cent, whole tenge."""

import re

from flask import request

from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.forms import form_line
from ticketing.foundation.money import MINOR_PER_MAJOR
from ticketing.sales.refund_rules import MOST_FEE_MINOR, MOST_HOURS, PERCENT, RefundPolicy

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def read_policy() -> RefundPolicy:
    """Return the rule that a form sends. Raises InvalidRequestError with the fields in question."""
    hours, percent = _number("until_hours", MOST_HOURS), _number("fee_percent", PERCENT)
    fee = _number("fee", MOST_FEE_MINOR // MINOR_PER_MAJOR)
    if hours is None or percent is None or fee is None:
        named = {"until_hours": hours, "fee_percent": percent, "fee": fee}
        errors = [{"path": name, "message": "a number"} for name, value in named.items() if value is None]
        raise InvalidRequestError(errors=errors)
    return RefundPolicy(
        self_service="self_service" in request.form,
        until_hours=hours,
        fee_percent=percent,
        fee_minor=fee * MINOR_PER_MAJOR,
    )


def _number(name: str, most: int) -> int | None:
    """Return a number up to `most`, 0 for an empty field, None when what was typed is no such number."""
    plain = form_line(name).replace(" ", "").replace("\u00a0", "")
    if not plain:
        return 0
    number = int(plain) if _NUMBER.fullmatch(plain) else None
    return None if number is None or number > most else number
