"""The API's look at a voucher: what it saves of what is held, before an order is made."""

from typing import Any

from flask import Blueprint, Response

from ticketing.foundation.api import answer, parse_body
from ticketing.foundation.limits import count_address
from ticketing.foundation.money import Money
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.inventory.holds import find_hold, require_usable
from ticketing.sales.bodies import VoucherCheckBody
from ticketing.sales.edge import HOLD, require_key
from ticketing.sales.lines import priced_lines
from ticketing.sales.order_json import voucher_json
from ticketing.sales.vouchers import apply_vouchers

blueprint = Blueprint("voucher_api", __name__, url_prefix="/api/v1/vouchers")
VOUCHER_REFUSALS = (
    "voucher_unknown",
    "voucher_too_early",
    "voucher_expired",
    "voucher_used_up",
    "voucher_not_for_this",
    "vouchers_do_not_combine",
)


@blueprint.post("/check")
@allow("public")
@describe(
    Operation(
        summary="What a voucher saves of what is held",
        body=VoucherCheckBody,
        answer="the prices with it, place by place; nothing is used up",
        refusals=(
            *VOUCHER_REFUSALS,
            "hold_expired",
            "hold_used",
            "concession_not_offered",
            "rate_limited",
            "not_found",
        ),
    )
)
def check() -> Response:
    """Price what is held with a voucher, as an order made now would be."""
    count_address("voucher")
    body = parse_body(VoucherCheckBody)
    for chosen in body.holds:
        require_key(HOLD, chosen.hold, chosen.key)
    here = runtime()
    now = here.clock.now()
    named, lines = [], []
    with here.database.reading() as session:
        currency = ""
        for chosen in body.holds:
            held = find_hold(session, chosen.hold)
            require_usable(held, now)
            currency = held.currency
            priced = priced_lines(session, held, chosen.concessions)
            named += [held.screening] * len(priced)
            lines += priced
        reduced, promise = apply_vouchers(session, body.vouchers, lines, now)
    saved = promise.saved_minor if promise else 0
    shown: dict[str, Any] = {
        "vouchers": [voucher_json(promise.shown, saved, promise.left_minor, currency)] if promise else [],
        "total": Money(sum(line.price_minor for line in reduced), currency).to_json(),
        "saved": Money(saved, currency).to_json(),
        "lines": [
            {
                "screening": screening,
                "place": line.label,
                "concession": line.concession,
                "price": Money(line.price_minor, currency).to_json(),
                "saved": Money(line.saved_minor, currency).to_json(),
            }
            for screening, line in zip(named, reduced, strict=True)
        ],
    }
    return answer(shown)
