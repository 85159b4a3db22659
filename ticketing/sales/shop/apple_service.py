"""The web service by which phones keep passes up to date (Apple: Wallet Passes, "Adding a web service").

Apple names every path, status and header of it. A phone shows the token of its pass; the list of changes it
asks for with the device's own identifier alone, which is the protocol's secret there. Without the operator's
papers nothing is here.
"""

import logging
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated, ClassVar
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import ConfigDict, Field, StringConstraints

from ticketing.foundation.api import ApiModel, answer, bearer, validated
from ticketing.foundation.errors import MalformedRequestError, NotFoundError, UnauthorizedError
from ticketing.foundation.limits import count_address, limits
from ticketing.foundation.web import allow, runtime
from ticketing.sales.shop.site import private, site
from ticketing.sales.shop.wallet_view import APPLE_PASS, apple_pass
from ticketing.sales.shop.wallets import apple
from ticketing.sales.wallet_passes import pass_facts, pass_of_serial, ticket_of_serial
from ticketing.tickets.wallet.apple_package import PASS
from ticketing.tickets.wallet.models import WalletPass
from ticketing.tickets.wallet.registry import Registration, changed_since, register, unregister

blueprint = Blueprint("apple_service", __name__, url_prefix="/wallet/apple/v1")
_ONE = "/devices/<session:device>/registrations/<pass_type>/<uuid:serial>"
_TAG = re.compile(r"\d{1,18}", re.ASCII)
_MOST_LOGGED = 200
# Serials, device identifiers and tokens: whatever is long and has no blanks.
_SECRETS = re.compile(r"[^\s/]{16,}")

_log = logging.getLogger(__name__)


class _FromPhones(ApiModel):
    """A body of Apple's protocol, which may grow by names that mean nothing here."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True, frozen=True)


class RegistrationBody(_FromPhones):
    """By what a device is reached."""

    push_token: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{16,200}$")] = Field(alias="pushToken")


class LogBody(_FromPhones):
    """What a device has to complain about."""

    logs: list[str]


@blueprint.post(_ONE)
@allow("buyer")
def add(device: str, pass_type: str, serial: UUID) -> ResponseReturnValue:
    """Register a device for the changes of a pass: 201, or 200 if it was registered."""
    _require_token(pass_type, serial)
    body = validated(RegistrationBody, request.get_data())
    limits().count("wallet", str(serial))
    here = runtime()
    now = here.clock.now()
    with here.database.transaction() as session:
        ticket_id = ticket_of_serial(session, serial)
        wanted = Registration(
            device=device,
            push_token=body.push_token,
            serial=serial,
            ticket_id=ticket_id,
            facts=pass_facts(session, {serial: ticket_id})[serial],
        )
        is_new = register(session, wanted, now)
    return _empty(HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@blueprint.delete(_ONE)
@allow("buyer")
def remove(device: str, pass_type: str, serial: UUID) -> ResponseReturnValue:
    """Let a device hear no more of a pass."""
    _require_token(pass_type, serial)
    with runtime().database.transaction() as session:
        unregister(session, device, serial)
    return _empty(HTTPStatus.OK)


@blueprint.get("/devices/<session:device>/registrations/<pass_type>")
@allow("public")
def changes(device: str, pass_type: str) -> ResponseReturnValue:
    """Return which passes of a device have changed since the tag that it has; 204 for none."""
    _require_type(pass_type)
    since = request.args.get("passesUpdatedSince", "0")
    if not _TAG.fullmatch(since):
        raise MalformedRequestError
    with runtime().database.reading() as session:
        serials, last = changed_since(session, device, int(since))
    if not serials:
        return _empty(HTTPStatus.NO_CONTENT)
    return answer({"serialNumbers": [str(serial) for serial in serials], "lastUpdated": str(last)})


@blueprint.get("/passes/<pass_type>/<uuid:serial>")
@allow("buyer")
def latest(pass_type: str, serial: UUID) -> ResponseReturnValue:
    """Return a pass as it is now, void for whoever has the ticket no more; 304 if the phone has that."""
    _require_token(pass_type, serial)
    here = runtime()
    with here.database.reading() as session:
        held = pass_of_serial(session, serial, here.vault)
        kept = session.get(WalletPass, serial)
        # A change that is not numbered yet has no time yet: the phone gets it now, and once more then.
        is_noted = kept is not None and pass_facts(session, {serial: kept.ticket_id})[serial] == kept.facts
        changed_at = kept.changed_at if kept is not None and is_noted else None
    if changed_at is not None and _has(changed_at):
        return _empty(HTTPStatus.NOT_MODIFIED)
    response = private(Response(apple_pass(held, apple(), site()), content_type=PASS))
    if changed_at is not None:
        response.headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    return response


@blueprint.post("/log")
@allow("public")
def log() -> ResponseReturnValue:
    """Keep what a phone complains about: the beginning of each message, without what opens anything."""
    apple()
    count_address("wallet_log")
    body = validated(LogBody, request.get_data())
    for message in body.logs[:3]:
        said = _SECRETS.sub("…", " ".join(message.split()))[:_MOST_LOGGED]
        _log.warning("Apple Wallet says: %s", said.encode("ascii", "replace").decode())
    return _empty(HTTPStatus.OK)


def _require_type(pass_type: str) -> None:
    if pass_type != apple().pass_type:
        raise NotFoundError


def _require_token(pass_type: str, serial: UUID) -> None:
    """Refuse whoever does not show the pass's token, also for passes that there are not."""
    _require_type(pass_type)
    if not runtime().keys.matches(APPLE_PASS, serial, bearer("ApplePass")):
        raise UnauthorizedError


def _has(changed_at: datetime) -> bool:
    since = request.if_modified_since
    return since is not None and since >= changed_at


def _empty(status: HTTPStatus) -> Response:
    return private(Response("", status))
