"""Where gateways call back: keep what is genuine, answer at once, and leave the rest to the worker."""

from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.limits import count_address
from ticketing.foundation.web import allow, runtime
from ticketing.sales.edge import desk
from ticketing.sales.errors import CallbackRefused
from ticketing.sales.payments.port import CallbackRefusedError, Notifying

blueprint = Blueprint("callbacks", __name__, url_prefix="/payments")
# A notification with everything expanded has some tens of kilobytes.
MOST_BODY = 256 * 1024


@blueprint.post("/<code:gateway>/webhook")
@allow("public")
def callback(gateway: str) -> Response:
    """Take in a gateway's notifications. The answer says that they are kept, nothing else."""
    here, inbox = runtime(), desk().inbox
    known = inbox.calls.gateways.get(gateway)
    if not isinstance(known, Notifying):
        raise NotFoundError
    try:
        taken = known.read_callback(_body(), dict(request.headers), here.clock.now())
    except CallbackRefusedError as refusal:
        _refuse(gateway, refusal.reason)
        raise CallbackRefused(reason=refusal.reason) from None
    except RequestEntityTooLarge:
        _refuse(gateway, "too_large")
        raise
    with here.database.transaction() as session:
        for notification in taken.notifications:
            inbox.take_callback(session, gateway, notification)
    return Response(taken.body, HTTPStatus.OK, content_type=taken.content_type)


def _body() -> bytes:
    request.max_content_length = MOST_BODY
    raw = request.get_data(cache=False)
    if request.content_length is not None and len(raw) != request.content_length:
        raise CallbackRefusedError("malformed")
    return raw


def _refuse(gateway: str, reason: str) -> None:
    """Count a refusal, within limits: whoever floods the address must not fill the database."""
    count_address("callback_refused")
    with runtime().database.transaction() as session:
        desk().inbox.count_refusal(session, gateway, reason)
