"""The API of transfers: a ticket sent to a friend, and taken back, with the key of its order."""

from uuid import UUID

from flask import Blueprint, Response, request

from ticketing.foundation.api import answer, bearer, parse_body
from ticketing.foundation.idempotency import repeatable
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.sales.bodies import TransferBody
from ticketing.sales.edge import ORDER, find_order, read_order, require_key
from ticketing.sales.transfer_edge import make_transfer, take_back
from ticketing.sales.transfer_json import one_transfer
from ticketing.sales.transfers import TransferRequest

blueprint = Blueprint("transfers_api", __name__, url_prefix="/api/v1")


@blueprint.post("/orders/<order:code>/tickets/<uuid:ticket>/transfer")
@allow("buyer")
@describe(
    Operation(
        summary="Send a ticket to a friend",
        body=TransferBody,
        status=201,
        answer="the transfer; the ticket's code is the friend's from now on",
        refusals=(
            "ticket_transferred",
            "ticket_void",
            "ticket_blocked",
            "already_admitted",
            "screening_started",
            "swap_pending",
            "name_required",
            "email_invalid",
            "rate_limited",
            "not_found",
        ),
    )
)
def send(code: str, ticket: UUID) -> Response:
    """Send a ticket; in the order's language unless another one is named."""
    order_id = _own_order(code)
    repeat = repeatable(request.headers.get("Authorization", ""))
    known = repeat.known(runtime().database)
    if known is not None:
        return _answer(UUID(known))
    body = parse_body(TransferBody)
    wanted = TransferRequest(
        order_id=order_id,
        ticket_id=ticket,
        to_name=body.name,
        to_email=body.email,
        locale=body.locale or read_order(order_id).order.locale,
    )
    return _answer(make_transfer(wanted, repeat))


@blueprint.delete("/orders/<order:code>/tickets/<uuid:ticket>/transfer")
@allow("buyer")
@describe(
    Operation(
        summary="Take back a ticket that its friend has not opened",
        status=204,
        refusals=("transfer_opened", "ticket_void", "ticket_blocked", "already_admitted", "not_found"),
    )
)
def end(code: str, ticket: UUID) -> Response:
    """Give the ticket another code again, which is the order's."""
    take_back(_own_order(code), ticket)
    return Response(status=204)


def _own_order(code: str) -> UUID:
    key = bearer("Order")
    order_id = find_order(code)
    require_key(ORDER, order_id, key)
    return order_id


def _answer(transfer_id: UUID) -> Response:
    with runtime().database.reading() as session:
        return answer(one_transfer(session, transfer_id), 201)
