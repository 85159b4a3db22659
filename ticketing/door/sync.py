"""What a device knows of the festival: no names, no mail addresses, no prices."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Hall
from ticketing.door.devices import KnownDevice
from ticketing.door.facts import (
    CARDS,
    DOOR_REASON,
    DOOR_STATE,
    KnownScreening,
    admitted_counts,
    all_screenings,
)
from ticketing.door.models import Device
from ticketing.foundation.models import Instance
from ticketing.tickets.models import Ticket

_HASH_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class DeviceState:
    """What a device says of itself: scans not sent yet, per cent of battery; None is unknown."""

    unsent: int | None = None
    battery: int | None = None


def snapshot(
    session: Session, device: KnownDevice, state: DeviceState, *, training: bool, now: datetime
) -> dict[str, Any]:
    """Return a full snapshot for a device. Tickets come in columns, details for the device's venue only."""
    session.execute(update(Device).where(Device.id == device.id).values(synced_at=now, **asdict(state)))
    festival = session.scalars(select(Festival)).one()
    screenings = all_screenings(session)
    admitted = admitted_counts(session, [screening.id for screening in screenings])
    epoch = session.scalars(select(Instance.epoch)).one()
    return {
        "cursor": f"{epoch.hex}.{int(now.timestamp())}",
        "server_time": now.isoformat(),
        "full": True,
        "festival": {
            "code": festival.code,
            "name": asdict(festival.short),
            "time_zone": festival.time_zone,
            "training": training,
        },
        "halls": [_hall(hall) for hall in session.scalars(select(Hall).order_by(Hall.position))],
        "screenings": [_screening(one, admitted.get(one.id, 0)) for one in screenings],
        "policy": {
            "same_code_seconds": 8,
            "undo_seconds": 30,
            "doors_open_minutes": festival.doors_open_minutes,
            "doors_close_minutes": festival.doors_close_minutes,
        },
        "keys": [],
        "tickets": _tickets(session, device, screenings),
        "admissions": _admissions(session, device, screenings),
    }


def _hall(hall: Hall) -> dict[str, Any]:
    return {
        "code": hall.code,
        "name": asdict(hall.name),
        "venue": hall.venue.code,
        "venue_name": asdict(hall.venue.name),
    }


def _screening(screening: KnownScreening, admitted: int) -> dict[str, Any]:
    fact = screening.fact
    return {
        "code": fact.code,
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
        "admitted": admitted,
        "capacity": screening.capacity,
    }


def _tickets(session: Session, device: KnownDevice, screenings: list[KnownScreening]) -> dict[str, Any]:
    rows = session.execute(
        select(
            Ticket.code_hash,
            Ticket.screening_id,
            Ticket.label,
            Ticket.concession,
            DOOR_STATE,
            DOOR_REASON,
            Ticket.revision,
        ).order_by(Ticket.serial)
    ).all()
    index = {screening.id: number for number, screening in enumerate(screenings)}
    here = {s.id for s in screenings if device.venue_id is None or s.venue_id == device.venue_id}
    return {
        "hash": [row.code_hash[:_HASH_BYTES].hex() for row in rows],
        "screening": [index[row.screening_id] for row in rows],
        "place": [row.label if row.screening_id in here else "" for row in rows],
        "card": [CARDS.get(row.concession, "") if row.screening_id in here else "" for row in rows],
        "state": [row.void_reason or row.state for row in rows],
        "revision": [row.revision for row in rows],
    }


def _admissions(
    session: Session, device: KnownDevice, screenings: list[KnownScreening]
) -> list[dict[str, Any]]:
    here = [s.id for s in screenings if device.venue_id is None or s.venue_id == device.venue_id]
    rows = session.execute(
        select(Ticket.code_hash, Ticket.admitted_at, Ticket.admitted_gate, Ticket.inside)
        .where(Ticket.admitted_at.is_not(None), Ticket.screening_id.in_(here))
        .order_by(Ticket.serial)
    )
    return [
        {
            "hash": row.code_hash[:_HASH_BYTES].hex(),
            "at": row.admitted_at.isoformat(),
            "gate": row.admitted_gate,
            "inside": row.inside,
        }
        for row in rows
    ]
