"""The box office's API: refunds and exchanges by staff token."""

from uuid import UUID

from flask import Blueprint, Response, request

from ticketing.foundation.api import answer, parse_body
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.idempotency import repeatable
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.sales.bodies import RefundBody, SwapBody
from ticketing.sales.edge import HOLD, find_order, opened, read_order, require_key
from ticketing.sales.order_json import order_json, refunds_json
from ticketing.sales.orders import ChosenHold
from ticketing.sales.queries import order_id_by_code
from ticketing.sales.refund_edge import make_refund
from ticketing.sales.refund_rules import Method
from ticketing.sales.refunds import RefundRequest
from ticketing.sales.swap_edge import make_swap
from ticketing.sales.swaps import SwapRequest
from ticketing.staff.accounts import Role
from ticketing.staff.edge import token_staff

blueprint = Blueprint("boxoffice_api", __name__, url_prefix="/api/v1")


@blueprint.post("/orders/<order:code>/refunds")
@allow("staff:boxoffice")
@describe(
    Operation(
        summary="Refund tickets of an order",
        body=RefundBody,
        status=201,
        answer="the refund",
        refusals=(
            "already_refunded",
            "already_admitted",
            "ticket_blocked",
            "more_than_captured",
            "fee_too_high",
            "reason_required",
            "not_found",
        ),
    )
)
def refund(code: str) -> Response:
    """Make tickets void, free their places and give the money back."""
    actor = token_staff(Role.BOXOFFICE)
    repeat = repeatable(request.headers.get("Authorization", ""))
    known = repeat.known(runtime().database)
    if known is not None:
        return _refund_answer(code, UUID(known))
    body = parse_body(RefundBody)
    order_id = find_order(code)
    if body.fee is not None and body.fee.currency != read_order(order_id).order.currency:
        raise InvalidRequestError(errors=[{"path": "fee.currency", "message": "not the order's currency"}])
    if body.tickets is not None and not body.tickets:
        raise InvalidRequestError(errors=[{"path": "tickets", "message": "at least one"}])
    wanted = RefundRequest(
        order_id=order_id,
        tickets=body.tickets or (),
        reason=body.reason,
        fee_minor=body.fee.minor if body.fee else 0,
        method=Method(body.method),
    )
    return _refund_answer(code, make_refund(wanted, actor, repeat))


@blueprint.post("/orders/<order:code>/swaps")
@allow("staff:boxoffice")
@describe(
    Operation(
        summary="Exchange tickets of an order for held places",
        body=SwapBody,
        status=201,
        answer="the swap, and where the difference is to be paid",
        refusals=(
            "swap_pending",
            "ticket_not_valid",
            "already_admitted",
            "ticket_blocked",
            "order_not_paid",
            "hold_expired",
            "hold_used",
            "not_on_sale",
            "concession_not_offered",
            "reason_required",
            "not_found",
        ),
    )
)
def swap(code: str) -> Response:
    """Give an order other places for some of its tickets; only the difference is paid or goes back."""
    actor = token_staff(Role.BOXOFFICE)
    repeat = repeatable(request.headers.get("Authorization", ""))
    order_id = find_order(code)
    known = repeat.known(runtime().database)
    if known is not None:
        opened(order_id)
        return _swap_answer(order_id, UUID(known))
    body = parse_body(SwapBody)
    for chosen in body.holds:
        require_key(HOLD, chosen.hold, chosen.key)
    if len({chosen.hold for chosen in body.holds}) != len(body.holds):
        raise InvalidRequestError(errors=[{"path": "holds", "message": "a hold is named twice"}])
    wanted = SwapRequest(
        order_id=order_id,
        tickets=body.tickets,
        holds=tuple(ChosenHold(hold_id=chosen.hold, concessions=chosen.concessions) for chosen in body.holds),
        reason=body.reason,
    )
    return _swap_answer(order_id, make_swap(wanted, actor, repeat))


def _swap_answer(order_id: UUID, swap_id: UUID) -> Response:
    here = runtime()
    with here.database.reading() as session:
        order = order_json(session, order_id, here.vault, here.settings.base_url)
    made = next(one for one in order["swaps"] if one["swap"] == str(swap_id))
    return answer({**made, "order": order["order"], "payment": order["payment"]}, 201)


def _refund_answer(code: str, refund_id: UUID) -> Response:
    with runtime().database.reading() as session:
        refunds = refunds_json(session, order_id_by_code(session, code), code)
    return answer(next(one for one in refunds if one["refund"] == str(refund_id)), 201)
