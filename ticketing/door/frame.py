"""The festival around the tickets, as a device needs it: halls, screenings, policy."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall
from ticketing.door.facts import KnownScreening, all_screenings
from ticketing.door.pins import pins_for_phones
from ticketing.tickets.keys import published_keys
from ticketing.tickets.signed_codes import PublicKey

_REMEMBERED = 16
UNDO_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What changes seldom. `digest` names this state of it, `parts` that of each screening."""

    head: Mapping[str, Any]
    screenings: Mapping[str, Mapping[str, Any]]
    known: Sequence[KnownScreening]
    digest: str
    parts: Mapping[str, str]


def read_frame(session: Session, now: datetime, *, training: bool) -> Frame:
    """Return the festival's halls and screenings, in the order of time, without the counts of people."""
    festival = session.scalars(select(Festival)).one()
    known = all_screenings(session)
    halls = session.scalars(select(Hall).order_by(Hall.position))
    head = {
        "festival": {
            "code": festival.code,
            "name": asdict(festival.short),
            "time_zone": festival.time_zone,
            "training": training,
        },
        "halls": [_hall(hall) for hall in halls],
        "policy": {
            "same_code_seconds": 8,
            "undo_seconds": UNDO_SECONDS,
            "doors_open_minutes": festival.doors_open_minutes,
            "doors_close_minutes": festival.doors_close_minutes,
            "pins": pins_for_phones(session),
        },
        "keys": [_key(key) for key in published_keys(session, now)],
    }
    screenings = {screening.fact.code: _screening(screening) for screening in known}
    parts = {code: _digest(one) for code, one in screenings.items()}
    return Frame(
        head=head,
        screenings=screenings,
        known=known,
        digest=_digest([head, list(parts.items())]),
        parts=parts,
    )


class FrameMemory:
    """States of the frame that this process has seen last, so that a device gets only what is new to it."""

    def __init__(self) -> None:
        self._seen: dict[str, Mapping[str, str]] = {}

    def changed(self, frame: Frame, since: str) -> list[str] | None:
        """Return the screenings that differ from an earlier state.

        None: all are to be taken anew, because one has gone or this process has not seen that state.
        """
        earlier = self._seen.get(since)
        self._seen.pop(frame.digest, None)
        self._seen[frame.digest] = frame.parts
        while len(self._seen) > _REMEMBERED:
            self._seen.pop(next(iter(self._seen)), None)
        if since == frame.digest:
            return []
        if earlier is None or earlier.keys() - frame.parts.keys():
            return None
        return [code for code, part in frame.parts.items() if earlier.get(code) != part]


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _hall(hall: Hall) -> dict[str, Any]:
    return {
        "code": hall.code,
        "name": asdict(hall.name),
        "venue": hall.venue.code,
        "venue_name": asdict(hall.venue.name),
    }


def _key(key: PublicKey) -> dict[str, Any]:
    return {"key": key.number, "public": key.public.hex(), "realm": key.realm}


def _screening(screening: KnownScreening) -> dict[str, Any]:
    fact = screening.fact
    return {
        "code": fact.code,
        "number": screening.id,
        "title": asdict(screening.title),
        "starts_at": screening.starts_at.isoformat(),
        "ends_at": screening.ends_at.isoformat(),
        "doors_open": fact.doors_open.isoformat(),
        "doors_close": fact.doors_close.isoformat(),
        "hall": fact.hall,
        "venue": fact.venue,
        "day": fact.day,
        "status": fact.status,
        "age": fact.age,
        "ends_after_22": fact.ends_after_22,
        "transfer_minutes": screening.transfer_minutes,
        "capacity": screening.capacity,
        "released_at": None if screening.released_at is None else screening.released_at.isoformat(),
        "called": screening.called,
    }
