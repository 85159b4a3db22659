"""The door's API: pairing, sync, scans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Blueprint, Response, current_app
from flask.sansio.blueprints import BlueprintSetupState
from pydantic import AfterValidator, AwareDatetime, Field
from sqlalchemy.orm import Session

from ticketing.door import devices, quarantine, rush_leases, scans, sync
from ticketing.door.batch import ScanIn, Upload
from ticketing.door.chain import Entry
from ticketing.door.frame import FrameMemory
from ticketing.door.merge import override_text
from ticketing.door.rules import Direction
from ticketing.door.rush_sync import rush_state
from ticketing.foundation.api import ApiModel, Code, Line, answer, answer_small, bearer, parse_body
from ticketing.foundation.clock import Clock
from ticketing.foundation.forms import query_line
from ticketing.foundation.limits import count_address
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.shared_turn import SharedTurn
from ticketing.foundation.web import Runtime, allow, runtime

blueprint = Blueprint("door_api", __name__, url_prefix="/api/v1/door")

_UPLOADS, _FRAMES = "kassa.door_uploads", "kassa.door_frames"
MOST_SCANS = 200
_MOST_CODE = 600
_MOST_SEQ = 2**53
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_FULL_BATTERY = 100
_MOST_DIGITS = 6
_MOST_GIVEN_BACK = 50
_MOST_SETTLED, _MOST_SEEN = 20, 1_000


def _known_century(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("outside the years 2000 to 2200")
    return moment.astimezone(UTC)


Uuid = Annotated[UUID, Field(strict=False)]
PlaceNumber = Annotated[int, Field(ge=1, le=_MOST_SEQ)]
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
    place: PlaceNumber | None = None
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


class LeasesBody(ApiModel):
    """Places of the rush line that a phone wants: `hold` is how many it would have unused in all."""

    screening: Code
    hold: Annotated[int, Field(ge=0, le=rush_leases.MOST)] = 0
    give_back: Annotated[tuple[PlaceNumber, ...], Field(max_length=_MOST_GIVEN_BACK, strict=False)] = ()


class ScansBody(ApiModel):
    """A batch of scans, oldest first."""

    sent_at: Moment
    scans: Annotated[tuple[ScanBody, ...], Field(min_length=1, max_length=MOST_SCANS, strict=False)]


@dataclass(frozen=True)
class _Sent:
    """An upload whose sender is still to be known."""

    token: str
    at: datetime
    scans: Sequence[ScanIn]


@blueprint.record_once
def _remember_devices(state: BlueprintSetupState) -> None:
    here: Runtime = state.app.extensions["kassa"]
    record = partial(_record, here.clock, devices.DeviceMemory())
    state.app.extensions[_UPLOADS] = SharedTurn(here.database, record)
    state.app.extensions[_FRAMES] = FrameMemory()


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
        answer="everything, or what has changed since the cursor",
        query=("cursor", "digest", "unsent", "battery", "screening", "rush", "settled"),
    )
)
def synchronise() -> Response:
    """Return what is new to this device."""
    token, here = bearer(), runtime()
    now = here.clock.now()
    with here.database.transaction() as session:
        device = devices.known_device(session, token)
        sync.note_sync(session, device, _device_state(), _settled(), now)
    asked = sync.Asked(
        cursor=query_line("cursor"),
        digest=query_line("digest"),
        screening=query_line("screening"),
        rush=query_line("rush"),
    )
    frames: FrameMemory = current_app.extensions[_FRAMES]
    # Apart, since reading 30,000 tickets must not keep scans waiting.
    with here.database.reading() as session:
        found = sync.answer_sync(session, device, asked, frames, training=here.settings.is_demo, now=now)
    return answer_small(found)


@blueprint.post("/leases")
@allow("device")
@describe(
    Operation(
        summary="Lease places of the rush line",
        body=LeasesBody,
        answer="the rush line as this phone may know it",
        refusals=("not_found",),
    )
)
def lease() -> Response:
    """Give a phone places to let people in on without asking, or take them back."""
    token, here = bearer(), runtime()
    body = parse_body(LeasesBody)
    with here.database.transaction() as session:
        now = here.clock.now()
        device = devices.known_device(session, token)
        screening = rush_leases.change_leases(
            session, device, body.screening, hold=body.hold, give_back=body.give_back, now=now
        )
        state = rush_state(session, device, screening)
    return answer({"rush": state})


@blueprint.post("/scans")
@allow("device")
@describe(Operation(summary="Scan tickets", body=ScansBody, answer="a verdict for each scan, in order"))
def scan() -> Response:
    """Take in scans and answer each."""
    token = bearer()
    body = parse_body(ScansBody)
    turn: SharedTurn[_Sent, list[dict[str, Any]]] = current_app.extensions[_UPLOADS]
    return answer({"results": turn.run(_Sent(token, body.sent_at, [_scan(one) for one in body.scans]))})


@blueprint.post("/quarantine")
@allow("device")
@describe(
    Operation(
        summary="Hand over a revoked phone's scans",
        body=ScansBody,
        answer="that each was kept, for staff to decide on",
        refusals=("quarantine_full",),
    )
)
def hand_over() -> Response:
    """Keep what a revoked device still had to send; a living one is unauthorized here."""
    token, here = bearer(), runtime()
    body = parse_body(ScansBody)
    with here.database.transaction() as session:
        device = devices.revoked_device(session, token)
        entries = [_scan(one) for one in body.scans]
        results = quarantine.hold_back(session, here.vault, device, body.sent_at, entries, here.clock.now())
    return answer({"results": results})


def _record(
    clock: Clock, memory: devices.DeviceMemory, session: Session, sent: Sequence[_Sent]
) -> Sequence[list[dict[str, Any]]]:
    now = clock.now()
    uploads = [
        Upload(device=memory.known_device(session, one.token, now), sent_at=one.at, scans=one.scans)
        for one in sent
    ]
    return scans.record_uploads(session, uploads, now)


def _device_state() -> sync.DeviceState:
    """Return what the device says of itself; nonsense counts as unknown, and no sync fails of it."""
    battery = _number("battery")
    return sync.DeviceState(
        unsent=_number("unsent"),
        battery=battery if battery is not None and battery <= _FULL_BATTERY else None,
    )


def _settled() -> list[str]:
    """Return the screenings of whose release the device says that it knows."""
    return [code for code in query_line("settled", _MOST_SEEN).split(",") if code][:_MOST_SETTLED]


def _number(name: str) -> int | None:
    text = query_line(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _scan(body: ScanBody) -> ScanIn:
    notes = body.model_dump(include={"override", "monotonic", "cursor"}, exclude_none=True)
    return ScanIn(
        id=body.id,
        code=body.code,
        ticket=body.ticket,
        screening=body.screening,
        hall=body.hall,
        place=body.place,
        at=body.at,
        seq=body.seq,
        offline=body.offline,
        direction=Direction(body.direction),
        gate=body.gate[:40],
        verdict=body.verdict,
        reason=body.reason,
        override=override_text(body.override),
        notes=notes,
        entry=None if body.prev is None else _entry(body, body.prev),
    )


def _entry(body: ScanBody, prev: str) -> Entry:
    return Entry(
        id=body.id,
        seq=body.seq,
        code=body.code or "",
        screening=body.screening,
        direction=body.direction,
        gate=body.gate,
        at=body.at,
        offline=body.offline,
        verdict=body.verdict or "",
        reason=body.reason or "",
        override=override_text(body.override),
        prev=prev,
    )
