"""The list of devices, as staff see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Venue
from ticketing.catalogue.programme.values import Words
from ticketing.door.models import Device, Scan


@dataclass(frozen=True, kw_only=True)
class DeviceRow:
    """A device; `venue` None serves all of them. `scans` counts what the server has stored."""

    id: UUID
    name: str
    venue: Words | None
    paired_at: datetime
    synced_at: datetime | None
    unsent: int | None
    battery: int | None
    last_scan_at: datetime | None
    scans: int
    revoked_at: datetime | None


def device_rows(session: Session) -> list[DeviceRow]:
    """Return every device: living ones first, the newest first."""
    scans = (
        select(Scan.device_id, func.count().label("scans"), func.max(Scan.received_at).label("last_scan_at"))
        .group_by(Scan.device_id)
        .subquery()
    )
    rows = session.execute(
        select(Device, Venue.name, func.coalesce(scans.c.scans, 0), scans.c.last_scan_at)
        .outerjoin(Venue, Venue.id == Device.venue_id)
        .outerjoin(scans, scans.c.device_id == Device.id)
        .order_by(Device.revoked_at.is_not(None), Device.paired_at.desc())
    )
    return [
        DeviceRow(
            id=device.id,
            name=device.name,
            venue=venue,
            paired_at=device.paired_at,
            synced_at=device.synced_at,
            unsent=device.unsent,
            battery=device.battery,
            last_scan_at=last_scan_at,
            scans=count,
            revoked_at=device.revoked_at,
        )
        for device, venue, count, last_scan_at in rows
    ]


def venues(session: Session) -> Sequence[Venue]:
    """Return the venues that a scanner can be for."""
    return session.scalars(select(Venue).order_by(Venue.id)).all()
