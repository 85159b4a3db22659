"""The box office's API: refunds by staff token."""

from uuid import UUID

from flask import Blueprint, Response, request

from ticketing.foundation.api import answer, parse_body
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.idempotency import repeatable
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.sales.bodies import RefundBody
from ticketing.sales.edge import find_order, read_order
from ticketing.sales.order_json import refunds_json
from ticketing.sales.queries import order_id_by_code
from ticketing.sales.refund_edge import make_refund
from ticketing.sales.refund_rules import Method
from ticketing.sales.refunds import RefundRequest
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


def _refund_answer(code: str, refund_id: UUID) -> Response:
    with runtime().database.reading() as session:
        refunds = refunds_json(session, order_id_by_code(session, code), code)
    return answer(next(one for one in refunds if one["refund"] == str(refund_id)), 201)
