"""The API of returns: buyers giving tickets back, with the key of their order."""

from uuid import UUID

from flask import Blueprint, Response, request

from ticketing.foundation.api import answer, bearer, parse_body
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.idempotency import repeatable
from ticketing.foundation.limits import count_address
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.sales.bodies import ReturnBody
from ticketing.sales.edge import ORDER, find_order, read_order, require_key
from ticketing.sales.order_json import refunds_json
from ticketing.sales.refund_edge import make_return
from ticketing.sales.returns import ReturnRequest

blueprint = Blueprint("returns_api", __name__, url_prefix="/api/v1")


@blueprint.post("/orders/<order:code>/returns")
@allow("buyer")
@describe(
    Operation(
        summary="Return tickets, within the policy of their screenings",
        body=ReturnBody,
        status=201,
        answer="the refund",
        refusals=(
            "order_not_paid",
            "returns_off",
            "return_too_late",
            "return_changed",
            "already_admitted",
            "already_refunded",
            "ticket_blocked",
            "ticket_transferred",
            "more_than_captured",
            "not_found",
        ),
    )
)
def return_tickets(code: str) -> Response:
    """Refund tickets for their buyer: what the policy keeps is kept."""
    count_address("order")
    key = bearer("Order")
    order_id = find_order(code)
    require_key(ORDER, order_id, key)
    repeat = repeatable(request.headers.get("Authorization", ""))
    known = repeat.known(runtime().database)
    if known is not None:
        return _answer(order_id, code, UUID(known))
    body = parse_body(ReturnBody)
    if body.amount is not None and body.amount.currency != read_order(order_id).order.currency:
        raise InvalidRequestError(errors=[{"path": "amount.currency", "message": "not the order's currency"}])
    wanted = ReturnRequest(
        order_id=order_id,
        tickets=body.tickets or (),
        amount_minor=None if body.amount is None else body.amount.minor,
    )
    return _answer(order_id, code, make_return(wanted, repeat))


def _answer(order_id: UUID, code: str, refund_id: UUID) -> Response:
    with runtime().database.reading() as session:
        refunds = refunds_json(session, order_id, code)
    return answer(next(one for one in refunds if one["refund"] == str(refund_id)), 201)
