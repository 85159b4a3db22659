"""The states of a released place, and the end of a phone's leases."""

from uuid import UUID

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from ticketing.door.rush_models import RushPlace

_R = RushPlace.__table__.c
FREE = and_(_R.device_id.is_(None), _R.scan_id.is_(None))
OURS = and_(_R.device_id == bindparam("device"), _R.scan_id.is_(None))


def end_leases(session: Session, device: UUID) -> None:
    """Let everybody have what a phone has leased and not used: it is revoked."""
    lock = select(_R.place_id).where(OURS).order_by(_R.place_id).with_for_update()
    session.execute(lock, {"device": device})
    session.execute(
        update(RushPlace.__table__).where(OURS).values(device_id=None),  # type: ignore[arg-type]
        {"device": device},
    )
