"""The relay's own call: what phones ask it when it cannot reach the server."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, Response, current_app
from pydantic import Field, StringConstraints

from ticketing.door.admission import Admission
from ticketing.door.api import Moment, PlaceNumber, Uuid
from ticketing.door.columns import seconds_of
from ticketing.door.rules import Direction
from ticketing.foundation.api import ApiModel, Line, answer, bearer, parse_body
from ticketing.foundation.db import Database
from ticketing.foundation.errors import UnauthorizedError
from ticketing.foundation.web import allow
from ticketing.relay import ledger
from ticketing.relay.models import KEY_LETTERS
from ticketing.relay.presence import NOBODY, Held, Noted

blueprint = Blueprint("relay_api", __name__, url_prefix="/api/v1/relay")

DATABASE = "kassa.relay"
_MOST_STATEMENTS = 200
_LAST_SECOND = 7_258_118_400  # the year 2200, as of all of the door's times
Key = Annotated[str, StringConstraints(pattern=f"^[0-9a-f]{{{KEY_LETTERS}}}$")]
Seconds = Annotated[int, Field(ge=0, lt=_LAST_SECOND)]


class HeldBody(ApiModel):
    """What a phone has from its last sync of who came in. `at` and `left` in seconds since 1970."""

    at: Seconds
    gate: Line | None = None
    device: str = Field(default="", max_length=36)
    inside: Literal[0, 1]
    left: Seconds | None = None


class ScanBody(ApiModel):
    """One scan. `at` is by the server's clock, as far as the phone knows it."""

    id: Uuid
    key: Key
    at: Moment
    gate: Line = ""


class StatementBody(ScanBody):
    """What a phone has shown, with the number of the entry in its log."""

    seq: PlaceNumber
    direction: Literal["in", "out"] = "in"
    verdict: Literal["admit", "refuse"]


class WantedBody(ScanBody):
    """A scan that is to be let in if nobody is in on its ticket."""

    held: HeldBody | None = None


class ClaimsBody(ApiModel):
    """What a phone has shown since it last told, oldest first, and at times what it wants to show next."""

    statements: Annotated[tuple[StatementBody, ...], Field(max_length=_MOST_STATEMENTS, strict=False)] = ()
    wanted: WantedBody | None = None


@blueprint.post("/claims")
@allow("device")
def claim() -> Response:
    """Note what a phone has shown; answer who was in before a scan that it wants to let in.

    `admission` null means nobody ever. If nobody is inside, the scan counts as let in from now on, until
    the phone states otherwise.
    """
    token, body = bearer(), parse_body(ClaimsBody)
    database: Database = current_app.extensions[DATABASE]
    before = None
    with database.transaction() as session:
        device = ledger.device_of(session, token)
        if device is None:
            raise UnauthorizedError
        ledger.note(session, [_statement(one, device) for one in body.statements])
        if body.wanted is not None:
            before = ledger.claim(session, _wanted(body.wanted, device), _held(body.wanted.held))
    return answer({"admission": None if before is None else _admission(before)})


def _statement(one: StatementBody, device: UUID) -> Noted:
    return Noted(
        scan=one.id,
        key=one.key,
        device=device,
        gate=one.gate[:40],
        at=one.at,
        direction=Direction(one.direction),
        admits=one.verdict == "admit",
        stated=one.seq,
    )


def _wanted(one: WantedBody, device: UUID) -> Noted:
    return Noted(
        scan=one.id,
        key=one.key,
        device=device,
        gate=one.gate[:40],
        at=one.at,
        direction=Direction.IN,
        admits=True,
    )


def _held(held: HeldBody | None) -> Held | None:
    if held is None:
        return None
    return Held(
        at=_moment(held.at),
        gate=held.gate or "",
        device=_device(held.device),
        left=None if held.left is None or held.inside else _moment(held.left),
    )


def _admission(found: Admission) -> dict[str, Any] | None:
    if found.entry is None:
        return None
    return {
        "at": seconds_of(found.entry.at),
        "gate": found.entry.gate or None,
        "device": "" if found.entry.device == NOBODY else str(found.entry.device),
        "inside": int(found.inside),
        "left": None if found.left_at is None else seconds_of(found.left_at),
    }


def _device(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return NOBODY


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
