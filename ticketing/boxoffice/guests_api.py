"""The door's search for guests. It stands here because the door itself knows tickets, not orders."""

from dataclasses import asdict
from typing import Annotated

from flask import Blueprint, Response
from pydantic import StringConstraints

from ticketing.boxoffice.guests import MOST, find_guests, screening_of
from ticketing.door.devices import known_device
from ticketing.door.pins import checks_of, prove
from ticketing.foundation.api import ApiModel, Code, answer, bearer, parse_body
from ticketing.foundation.limits import limits
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime

blueprint = Blueprint("guests_api", __name__, url_prefix="/api/v1/door")

_LIMIT = "guests"


class GuestsBody(ApiModel):
    """The end of an order's code or of a phone number, and a PIN of the screening's day."""

    screening: Code
    last: Annotated[str, StringConstraints(pattern="^[0-9A-Za-z]{4}$")]
    pin: Annotated[str, StringConstraints(max_length=20)]


@blueprint.post("/guests")
@allow("device")
@describe(
    Operation(
        summary="Find the tickets of somebody who has nothing to show",
        body=GuestsBody,
        answer="tickets of that screening, without names",
        refusals=("pin_refused", "not_found"),
    )
)
def find() -> Response:
    """Look tickets up by four characters."""
    token, here = bearer(), runtime()
    body = parse_body(GuestsBody)
    with here.database.reading() as session:
        device = known_device(session, token)
        limits().count(_LIMIT, str(device.id))
        asked = screening_of(session, device, body.screening)
        checks = checks_of(session, asked.day)
    prove(body.pin, checks)
    with here.database.reading() as session:
        found = find_guests(session, asked.screening_id, body.last)
    guests = [asdict(guest) | {"ticket": str(guest.ticket)} for guest in found[:MOST]]
    return answer({"guests": guests, "more": len(found) > MOST})
