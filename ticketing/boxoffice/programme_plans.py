"""The halls' plans of an import: another plan is one more version, unless staff have made a newer one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ticketing.catalogue import models
from ticketing.catalogue.plan_queries import (
    known_version,
    lock_hall,
    newest_version,
    next_version,
    plan_digest,
)
from ticketing.catalogue.plans import SeatPlan, seats_text, stored_plan

PLAN = "plan"
_FILES_PLAN, _NO_PLAN = "the files' plan", "no plan"


@dataclass(frozen=True, kw_only=True)
class HallPlan:
    """What an import may do with a hall: `kept` are columns that staff's plan decides.

    `conflict` is what stands and what the files say, where their plan is not taken.
    """

    kept: dict[str, Any]
    conflict: tuple[str, str] | None = None


def judge_plan(session: Session, hall: models.Hall, plan: SeatPlan | None) -> HallPlan:
    """Return what the files may change of a hall that is there; `plan` is theirs, if they have one."""
    newest = newest_version(session, hall.id)
    if newest is None or not newest.by_staff:
        return HallPlan(kept={})
    kept = {
        "capacity": len(stored_plan(newest.source, newest.seats).seats),
        "plan_path": hall.plan_path,
        "seating": hall.seating,
    }
    if plan is not None and known_version(session, hall.id, plan_digest(plan)) is not None:
        return HallPlan(kept=kept)
    said = _NO_PLAN if plan is None else _FILES_PLAN
    return HallPlan(kept=kept, conflict=(f"version {newest.version} by staff", said))


def take_plan(session: Session, hall_id: int, plan: SeatPlan, now: datetime) -> None:
    """Add a plan as the hall's next version, unless it is one of them."""
    lock_hall(session, hall_id)
    digest = plan_digest(plan)
    if known_version(session, hall_id, digest) is None:
        session.add(
            models.SeatPlan(
                hall_id=hall_id,
                version=next_version(session, hall_id),
                created_at=now,
                name=plan.name,
                sha256=digest,
                source=plan.source,
                seats=seats_text(plan),
            )
        )
        session.flush()
