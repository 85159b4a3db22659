"""What a phone knows of the rush line where it stands: numbers, places left, its own leases, slips."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.door.columns import HASH_BYTES, seconds_of
from ticketing.door.devices import KnownDevice
from ticketing.door.rush_models import RushLine, RushPlace, RushSettled, RushSlip
from ticketing.door.rush_queries import rush_figures
from ticketing.inventory.models import Place

_DIGEST_LETTERS = 12
_INSERTS = {
    "sqlite": sqlite.insert(RushSettled.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(RushSettled.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


def note_settled(session: Session, device: UUID, screenings: Sequence[str]) -> None:
    """Note that a phone knows of these releases and has nothing left to send from before it knew."""
    released = (
        select(RushLine.screening_id)
        .join(Screening, Screening.id == RushLine.screening_id)
        .where(Screening.code.in_(screenings), RushLine.released_at.is_not(None))
        .order_by(RushLine.screening_id)
    )
    rows = [{"screening_id": one, "device_id": device} for one in session.scalars(released)]
    if rows:
        session.execute(_INSERTS[session.get_bind().dialect.name], rows)


def rush_news(session: Session, device: KnownDevice, screening: str, known: str) -> dict[str, Any] | None:
    """Return a screening's rush line if a phone that knows the state `known` has anything new to learn.

    None: there is no line, or nothing is new, or the screening is not one of the phone's venue.
    """
    if not screening:
        return None
    found = session.scalars(select(Screening).where(Screening.code == screening)).unique().one_or_none()
    if found is None or device.venue_id not in (None, found.hall.venue_id):
        return None
    state = rush_state(session, device, found)
    return None if state is None or state["digest"] == known else state


def rush_state(session: Session, device: KnownDevice, screening: Screening) -> dict[str, Any] | None:
    """Return what a phone is told of a rush line; None: there is none."""
    figures = rush_figures(session, [screening.id]).get(screening.id)
    if figures is None:
        return None
    said = {
        "screening": screening.code,
        "released_at": None if figures.released_at is None else figures.released_at.isoformat(),
        "called": figures.called,
        "numbers": figures.numbers,
        "free": figures.free,
        "leased": figures.leased,
        "taken": figures.taken,
        "leases": _leases(session, device, screening),
        "slips": _slips(session, screening),
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return {**said, "digest": hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LETTERS]}


def _leases(session: Session, device: KnownDevice, screening: Screening) -> list[dict[str, Any]]:
    """Return the places that the phone may still let people in on, the best first."""
    places = session.scalars(
        select(Place)
        .join(RushPlace, RushPlace.place_id == Place.id)
        .where(
            RushPlace.screening_id == screening.id,
            RushPlace.device_id == device.id,
            RushPlace.scan_id.is_(None),
            Place.layout == screening.layout,
        )
        .order_by(Place.rank, Place.id)
    )
    return [
        {
            "place": place.id,
            "row": place.row if place.number else "",
            "number": place.number or place.label,
            "area": place.band or place.section,
        }
        for place in places
    ]


def _slips(session: Session, screening: Screening) -> dict[str, Any]:
    """Return slips in columns; admissions name them by position, as those of tickets."""
    slips = session.scalars(
        select(RushSlip).where(RushSlip.screening_id == screening.id).order_by(RushSlip.number)
    ).all()
    devices: dict[str, int] = {}
    admitted = [(n, slip) for n, slip in enumerate(slips) if slip.admitted_at is not None]
    return {
        "hash": b64encode(b"".join(slip.code_hash[:HASH_BYTES] for slip in slips)).decode(),
        "number": [slip.number for slip in slips],
        "admissions": {
            "ticket": [n for n, _ in admitted],
            "at": [seconds_of(slip.admitted_at) for _, slip in admitted if slip.admitted_at is not None],
            "gate": [slip.admitted_gate for _, slip in admitted],
            "device": [
                devices.setdefault(str(slip.admitted_device or ""), len(devices)) for _, slip in admitted
            ],
            "inside": [int(slip.inside) for _, slip in admitted],
            "left": [None if slip.left_at is None else seconds_of(slip.left_at) for _, slip in admitted],
            "devices": list(devices),
        },
    }
