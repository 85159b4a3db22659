"""Reads of the halls' plans: versions, the draft, what tells one plan from another."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, SeatPlan
from ticketing.catalogue.plans import SeatPlan as Plan
from ticketing.catalogue.plans import seats_text
from ticketing.foundation.errors import NotFoundError


def plan_digest(plan: Plan) -> bytes:
    """Return what is the same for plans with the same seats, drawing and kinds, and for no others."""
    return hashlib.sha256(plan.sha256 + seats_text(plan).encode()).digest()


def hall_by_code(session: Session, code: str) -> Hall:
    """Return a hall. Raises NotFoundError."""
    hall = session.scalars(select(Hall).where(Hall.code == code)).one_or_none()
    if hall is None:
        raise NotFoundError
    return hall


def lock_hall(session: Session, hall_id: int) -> None:
    """Let nobody else number, draft or publish plans of a hall until the transaction ends."""
    session.execute(select(Hall.id).where(Hall.id == hall_id).with_for_update(of=Hall)).one()


def versions(session: Session, hall_id: int) -> Sequence[SeatPlan]:
    """Return the published versions of a hall's plan, the newest first."""
    return session.scalars(_published(hall_id)).all()


def newest_version(session: Session, hall_id: int) -> SeatPlan | None:
    """Return the newest published version; None for a hall that never had a plan."""
    return session.scalars(_published(hall_id).limit(1)).one_or_none()


def version_of(session: Session, hall_id: int, version: int) -> SeatPlan:
    """Return a published version. Raises NotFoundError."""
    row = session.scalars(_published(hall_id).where(SeatPlan.version == version)).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def known_version(session: Session, hall_id: int, digest: bytes) -> SeatPlan | None:
    """Return the published version with this content, if the hall has it."""
    return session.scalars(_published(hall_id).where(SeatPlan.sha256 == digest)).one_or_none()


def draft_of(session: Session, hall_id: int) -> SeatPlan | None:
    """Return the hall's draft."""
    return session.scalars(
        select(SeatPlan).where(SeatPlan.hall_id == hall_id, SeatPlan.draft.is_(True))
    ).one_or_none()


def next_version(session: Session, hall_id: int, draft_id: int | None = None) -> int:
    """Return the number after all others of a hall, which is locked.

    For a draft that is published, after all but its own: an import may have added one since it was begun.
    """
    newest = select(func.max(SeatPlan.version)).where(SeatPlan.hall_id == hall_id)
    if draft_id is not None:
        newest = newest.where(SeatPlan.id != draft_id)
    return (session.scalar(newest) or 0) + 1


def _published(hall_id: int) -> Select[SeatPlan]:
    return (
        select(SeatPlan)
        .where(SeatPlan.hall_id == hall_id, SeatPlan.draft.is_(False))
        .order_by(SeatPlan.version.desc())
    )
