"""The shop's API: holds, orders, payments. It never looks at cookies."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from ticketing.foundation.api import answer, bearer, parse_body
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.idempotency import Repeatable, do_once, repeatable
from ticketing.foundation.ids import new_id
from ticketing.foundation.limits import count_address
from ticketing.foundation.money import Money
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.inventory.holds import (
    HoldRequest,
    find_hold,
    release_hold,
    renew_hold,
)
from ticketing.sales.bodies import DemoPaymentBody, HoldBody, OrderBody
from ticketing.sales.demo_play import demo_outcome
from ticketing.sales.edge import (
    HOLD,
    ORDER,
    desk,
    find_order,
    new_attempt,
    opened,
    ordered,
    require_key,
)
from ticketing.sales.hold_turn import AskedHold, PricedHold
from ticketing.sales.order_json import order_json
from ticketing.sales.orders import ChosenHold, OrderRequest
from ticketing.sales.payments import demo
from ticketing.sales.rules import check_buyer
from ticketing.sales.voucher_api import VOUCHER_REFUSALS

blueprint = Blueprint("sales_api", __name__, url_prefix="/api/v1")


@blueprint.post("/holds")
@allow("public")
@describe(
    Operation(
        summary="Hold places for a few minutes",
        body=HoldBody,
        status=201,
        answer="the hold with its key",
        refusals=(
            "places_taken",
            "sold_out",
            "too_many_places",
            "unknown_place",
            "single_seat_left",
            "companion_without_wheelchair",
            "not_on_sale",
            "not_found",
        ),
    )
)
def make_hold() -> Response:
    """Hold named places, or a quantity of the best."""
    count_address("hold")
    repeat = _anonymous()
    here = runtime()
    hold_id = new_id(here.clock.now())

    def make() -> dict[str, Any]:
        body = parse_body(HoldBody)
        if (body.places is None) == (body.quantity is None):
            raise InvalidRequestError(errors=[{"path": "", "message": "either places or quantity"}])
        wanted = HoldRequest(
            screening=body.screening,
            places=body.places or (),
            quantity=body.quantity or 0,
            band=body.band,
            accessible=body.accessible,
        )
        return _hold_json(desk().holds.hold(AskedHold(id=hold_id, request=wanted, repeat=repeat)))

    return answer(do_once(here.database, repeat, make, _reread_hold), 201)


@blueprint.post("/holds/<uuid:hold>/renew")
@allow("buyer")
@describe(
    Operation(
        summary="Give a hold its full time once more",
        answer="the hold",
        refusals=("already_renewed", "hold_expired", "hold_used", "not_found"),
    )
)
def renew(hold: UUID) -> Response:
    """Renew a hold, once."""
    require_key(HOLD, hold, bearer("Hold"))
    here = runtime()
    repeat = repeatable(request.headers.get("Authorization", ""))

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(hold), now)
            renew_hold(session, hold, now)
        return hold

    return answer(_reread_hold(str(do_once(here.database, repeat, make, UUID))), 200)


@blueprint.delete("/holds/<uuid:hold>")
@allow("buyer")
@describe(Operation(summary="Give a hold back", status=204, refusals=("hold_used", "not_found")))
def release(hold: UUID) -> Response:
    """Free the places of a hold at once."""
    require_key(HOLD, hold, bearer("Hold"))
    with runtime().database.transaction() as session:
        release_hold(session, hold)
    return Response(status=204)


@blueprint.post("/orders")
@allow("public")
@describe(
    Operation(
        summary="Order what is held",
        body=OrderBody,
        status=201,
        answer="the order with its key and where to pay",
        refusals=(
            "hold_expired",
            "hold_used",
            "not_on_sale",
            "concession_not_offered",
            "too_many_places",
            "too_many_places_for_buyer",
            "terms_required",
            *VOUCHER_REFUSALS,
            "not_found",
        ),
    )
)
def order() -> Response:
    """Make an order; free of charge it is paid at once."""
    count_address("order")
    repeat = _anonymous()
    known = repeat.known(runtime().database)
    if known is not None:
        return _order_answer(opened(UUID(known)), 201)
    body = parse_body(OrderBody)
    if body.vouchers:
        count_address("voucher")
    for chosen in body.holds:
        require_key(HOLD, chosen.hold, chosen.key)
    wanted = OrderRequest(
        holds=tuple(ChosenHold(hold_id=chosen.hold, concessions=chosen.concessions) for chosen in body.holds),
        buyer=check_buyer(body.buyer.name, body.buyer.email, body.buyer.phone),
        locale=body.locale,
        accept_terms=body.accept_terms,
        vouchers=body.vouchers,
    )
    return _order_answer(ordered(wanted, repeat), 201)


@blueprint.post("/orders/<order:code>/payments")
@allow("buyer")
@describe(
    Operation(
        summary="Try to pay again",
        status=201,
        answer="the order with where to pay",
        refusals=("order_not_payable", "payment_open", "payment_in_review", "not_on_sale", "not_found"),
    )
)
def pay_again(code: str) -> Response:
    """Open a new attempt after a declined one."""
    order_id = _own_order(code)
    return _order_answer(new_attempt(order_id, repeatable(request.headers.get("Authorization", ""))), 201)


@blueprint.get("/orders/<order:code>")
@allow("buyer")
@describe(
    Operation(summary="An order", answer="the order with tickets, payments, refunds", refusals=("not_found",))
)
def read(code: str) -> Response:
    """Return an order to its owner."""
    order_id, here = _own_order(code), runtime()
    with here.database.reading() as session:
        return answer(order_json(session, order_id, here.vault, here.settings.base_url))


@blueprint.post("/demo-payments/<session:session>")
@allow("public")
@describe(
    Operation(
        summary="Play the bank (demo only)",
        body=DemoPaymentBody,
        answer="what the bank did",
        refusals=("session_closed", "not_found"),
    )
)
def play_bank(session: str) -> Response:
    """Let the demo bank do something with a payment page."""
    body = parse_body(DemoPaymentBody)
    demo_outcome(session, demo.Outcome(body.outcome))
    return answer({"session": session, "outcome": body.outcome})


def _anonymous() -> Repeatable:
    # Without credentials the address stands for the caller: keys that clients choose badly must not meet.
    return repeatable(f"address:{request.remote_addr}")


def _own_order(code: str) -> UUID:
    key = bearer("Order")
    order_id = find_order(code)
    require_key(ORDER, order_id, key)
    return order_id


def _reread_hold(hold_id: str) -> dict[str, Any]:
    with runtime().database.reading() as session:
        held = find_hold(session, UUID(hold_id))
        prices = desk().holds.prices.of(session, held)
    return _hold_json(PricedHold(held, prices))


def _hold_json(priced_hold: PricedHold) -> dict[str, Any]:
    hold = priced_hold.held
    currency = hold.currency
    lines, total = [], 0
    for place in hold.places:
        priced = priced_hold.prices.price(place.band, None)
        amount = 0 if priced is None else priced[1]
        total += amount
        lines.append({"place": place.label, "band": place.band, "price": Money(amount, currency).to_json()})
    return {
        "hold": str(hold.id),
        "key": runtime().keys.key(HOLD, hold.id),
        "screening": hold.screening,
        "expires_at": hold.expires_at.isoformat(),
        "places": [place.label for place in hold.places],
        "total": Money(total, currency).to_json(),
        "lines": lines,
    }


def _order_answer(order_id: UUID, status: int) -> Response:
    here = runtime()
    with here.database.reading() as session:
        body = order_json(session, order_id, here.vault, here.settings.base_url)
    return answer({**body, "key": here.keys.key(ORDER, order_id)}, status)
