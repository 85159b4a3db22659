"""Devices: pairing a phone, and knowing it again by its token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Venue
from ticketing.door.errors import PairingExpiredError
from ticketing.door.models import Device, Pairing
from ticketing.door.rush_ends import end_leases
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError, UnauthorizedError
from ticketing.foundation.ids import new_id, new_pairing_code
from ticketing.foundation.security import new_token, token_hash
from ticketing.staff.audit import Deed, record

PAIRING_LIFE = timedelta(minutes=10)
_D = Device.__table__.c
_BY_TOKEN = select(_D.id, _D.name, _D.venue_id).where(
    _D.token_hash == bindparam("hash"), _D.revoked_at.is_(None)
)


_REVOKED = select(_D.id, _D.name, _D.venue_id).where(
    _D.token_hash == bindparam("hash"), _D.revoked_at.is_not(None)
)


@dataclass(frozen=True, kw_only=True)
class KnownDevice:
    """A device that has shown its token. `venue_id` None serves every venue."""

    id: UUID
    name: str
    venue_id: int | None


@dataclass(frozen=True, kw_only=True)
class Paired:
    """What a new device keeps; the token is said once."""

    device: UUID
    token: str
    venue: str | None
    name: str


def offer_pairing(session: Session, venue: str | None, name: str, actor: Actor, now: datetime) -> str:
    """Return a pairing code, good once within ten minutes. Raises NotFoundError for an unknown venue."""
    venue_id = None
    if venue is not None:
        venue_id = session.scalar(select(Venue.id).where(Venue.code == venue))
        if venue_id is None:
            raise NotFoundError(venue=venue)
    code = new_pairing_code()
    values = {
        "code_hash": token_hash(code),
        "name": name,
        "venue_id": venue_id,
        "expires_at": now + PAIRING_LIFE,
    }
    session.execute(insert(Pairing).values(values))
    after = {"venue": venue, "name": name}
    record(session, actor, Deed(action="offer_pairing", object_kind="device", object_id="", after=after), now)
    return code


def pair(session: Session, pairing_code: str, now: datetime) -> Paired:
    """Turn a pairing code into a device. Raises PairingExpiredError."""
    typed = pairing_code.replace(" ", "").replace("-", "").upper()
    used = session.execute(
        update(Pairing)
        .where(Pairing.code_hash == token_hash(typed), Pairing.used_at.is_(None), Pairing.expires_at > now)
        .values(used_at=now)
        .returning(Pairing.name, Pairing.venue_id)
    ).one_or_none()
    if used is None:
        raise PairingExpiredError
    token = new_token("kd")
    device = new_id(now)
    session.execute(
        insert(Device).values(
            id=device, token_hash=token_hash(token), name=used.name, venue_id=used.venue_id, paired_at=now
        )
    )
    venue = session.scalar(select(Venue.code).where(Venue.id == used.venue_id))
    return Paired(device=device, token=token, venue=venue, name=used.name)


def known_device(session: Session, token: str) -> KnownDevice:
    """Return the device of a token. Raises UnauthorizedError for an unknown or revoked one."""
    row = session.execute(_BY_TOKEN, {"hash": token_hash(token)}).one_or_none()
    if row is None:
        raise UnauthorizedError
    return KnownDevice(id=row.id, name=row.name, venue_id=row.venue_id)


def revoked_device(session: Session, token: str) -> KnownDevice:
    """Return the device that had this token. Raises UnauthorizedError for an unknown or living one."""
    row = session.execute(_REVOKED, {"hash": token_hash(token)}).one_or_none()
    if row is None:
        raise UnauthorizedError
    return KnownDevice(id=row.id, name=row.name, venue_id=row.venue_id)


class DeviceMemory:
    """Devices that one process has just seen, so that not every scan looks its device up again.

    A device that is revoked elsewhere is therefore refused up to `MEMORY` later. Threads may share it.
    """

    MEMORY = timedelta(seconds=2)

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[datetime, KnownDevice]] = {}

    def known_device(self, session: Session, token: str, now: datetime) -> KnownDevice:
        """Return the device of a token. Raises UnauthorizedError for an unknown or revoked one."""
        key = token_hash(token)
        seen = self._seen.get(key)
        if seen is not None and seen[0] <= now < seen[0] + self.MEMORY:
            return seen[1]
        self._seen.pop(key, None)
        device = known_device(session, token)
        self._seen[key] = (now, device)
        return device


def revoke(session: Session, device_id: UUID, actor: Actor, now: datetime) -> None:
    """End a device: its token opens nothing any more. Twice changes nothing. Raises NotFoundError."""
    device = session.get(Device, device_id, with_for_update=True)
    if device is None:
        raise NotFoundError
    if device.revoked_at is not None:
        return
    device.revoked_at = now
    session.flush()
    end_leases(session, device_id)
    deed = Deed(
        action="revoke_device",
        object_kind="device",
        object_id=str(device_id),
        before={"name": device.name, "revoked": False},
        after={"name": device.name, "revoked": True},
    )
    record(session, actor, deed, now)


def is_paired(session: Session, pairing_code: str) -> bool:
    """Tell whether a phone has used this pairing code."""
    query = select(Pairing.used_at).where(Pairing.code_hash == token_hash(pairing_code))
    return session.scalar(query) is not None
