"""The door's API: pairing, sync, scans."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, Response, current_app
from flask.sansio.blueprints import BlueprintSetupState
from pydantic import AfterValidator, AwareDatetime, Field

from ticketing.door import devices, scans, sync
from ticketing.door.rules import Direction
from ticketing.foundation.api import ApiModel, Code, Line, answer, bearer, parse_body
from ticketing.foundation.forms import query_line
from ticketing.foundation.limits import count_address
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime

blueprint = Blueprint("door_api", __name__, url_prefix="/api/v1/door")

_DEVICES = "kassa.devices"
_MOST_SCANS = 200
_MOST_CODE = 600
_MOST_SEQ = 2**53
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_FULL_BATTERY = 100
_MOST_DIGITS = 6


def _known_century(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("outside the years 2000 to 2200")
    return moment.astimezone(UTC)


Uuid = Annotated[UUID, Field(strict=False)]
Moment = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_known_century)]


class PairBody(ApiModel):
    """A pairing code as typed or scanned."""

    pairing_code: Code


class ScanBody(ApiModel):
    """One scan. With `verdict` it states what was finally shown; without, it asks."""

    id: Uuid
    code: Annotated[str, Field(max_length=_MOST_CODE)] | None = None
    ticket: Uuid | None = None
    screening: Code
    hall: Code | None = None
    at: Moment
    seq: Annotated[int, Field(ge=0, le=_MOST_SEQ)]
    offline: bool = False
    direction: Literal["in", "out"] = "in"
    gate: Line = ""
    verdict: Literal["admit", "refuse", "none"] | None = None
    reason: Annotated[str, Field(max_length=32, pattern="^[a-z_]*$")] | None = None
    override: Line | dict[str, Any] | None = None
    monotonic: float | int | None = None
    cursor: Line | None = None
    prev: Line | None = None


class ScansBody(ApiModel):
    """A batch of scans, oldest first."""

    sent_at: Moment
    scans: Annotated[tuple[ScanBody, ...], Field(min_length=1, max_length=_MOST_SCANS, strict=False)]


@blueprint.record_once
def _remember_devices(state: BlueprintSetupState) -> None:
    state.app.extensions[_DEVICES] = devices.DeviceMemory()


@blueprint.post("/devices")
@allow("public")
@describe(
    Operation(
        summary="Pair a phone",
        body=PairBody,
        status=201,
        answer="the device's token",
        refusals=("pairing_expired",),
    )
)
def pair() -> Response:
    """Turn a pairing code into a device."""
    count_address("pair")
    body = parse_body(PairBody)
    here = runtime()
    with here.database.transaction() as session:
        paired = devices.pair(session, body.pairing_code, here.clock.now())
    return answer(
        {"device": str(paired.device), "token": paired.token, "venue": paired.venue, "name": paired.name}, 201
    )


@blueprint.get("/sync")
@allow("device")
@describe(
    Operation(
        summary="What a device needs to know",
        answer="the snapshot",
        query=("cursor", "unsent", "battery"),
    )
)
def synchronise() -> Response:
    """Return the snapshot for this device."""
    token, here = bearer(), runtime()
    with here.database.transaction() as session:
        device = devices.known_device(session, token)
        training, now = here.settings.is_demo, here.clock.now()
        return answer(sync.snapshot(session, device, _device_state(), training=training, now=now))


@blueprint.post("/scans")
@allow("device")
@describe(Operation(summary="Scan tickets", body=ScansBody, answer="a verdict for each scan, in order"))
def scan() -> Response:
    """Take in scans and answer each."""
    token, here = bearer(), runtime()
    body = parse_body(ScansBody)
    memory: devices.DeviceMemory = current_app.extensions[_DEVICES]
    with here.database.transaction() as session:
        now = here.clock.now()
        device = memory.known_device(session, token, now)
        results = scans.record_scans(session, device, body.sent_at, [_scan(one) for one in body.scans], now)
    return answer({"results": results})


def _device_state() -> sync.DeviceState:
    """Return what the device says of itself; nonsense counts as unknown, and no sync fails of it."""
    battery = _number("battery")
    return sync.DeviceState(
        unsent=_number("unsent"),
        battery=battery if battery is not None and battery <= _FULL_BATTERY else None,
    )


def _number(name: str) -> int | None:
    text = query_line(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _scan(body: ScanBody) -> scans.ScanIn:
    notes = body.model_dump(include={"override", "monotonic", "cursor", "prev"}, exclude_none=True)
    return scans.ScanIn(
        id=body.id,
        code=body.code,
        ticket=body.ticket,
        screening=body.screening,
        hall=body.hall,
        at=body.at,
        seq=body.seq,
        offline=body.offline,
        direction=Direction(body.direction),
        gate=body.gate[:40],
        verdict=body.verdict,
        reason=body.reason,
        notes=notes,
    )
