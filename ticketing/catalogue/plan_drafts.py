"""A hall's draft: begun, changed, thrown away, published as the next version.

A hall has one draft at most, and nobody sells by it. Whoever changes it says which state of it they saw, so
that of two managers the slower one is told, and overwrites nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, SeatPlan
from ticketing.catalogue.plan_errors import (
    DraftChangedError,
    DraftExistsError,
    HallUnnumberedError,
    PlanKnownError,
)
from ticketing.catalogue.plan_queries import (
    draft_of,
    known_version,
    lock_hall,
    newest_version,
    next_version,
    plan_digest,
)
from ticketing.catalogue.plans import SeatKind, seats_text, stored_plan
from ticketing.catalogue.plans import SeatPlan as Plan
from ticketing.catalogue.programme.values import Seating
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.staff.audit import Deed, record

Edit = Callable[[Plan], Plan]
_P = SeatPlan.__table__.c


def start_draft(
    session: Session, hall: Hall, plan: Plan, of: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Begin a draft with a plan; `of` says for the audit trail where it comes from.

    Raises HallUnnumberedError or DraftExistsError.
    """
    if hall.seating != Seating.RESERVED:
        raise HallUnnumberedError
    lock_hall(session, hall.id)
    if draft_of(session, hall.id) is not None:
        raise DraftExistsError
    session.add(
        SeatPlan(
            hall_id=hall.id,
            version=next_version(session, hall.id),
            draft=True,
            created_at=now,
            by_staff=True,
            name=plan.name,
            sha256=plan_digest(plan),
            source=plan.source,
            seats=seats_text(plan),
        )
    )
    session.flush()
    _record(session, hall, "start_plan", actor, now, after={**of, **summary(plan)})


def change_draft(
    session: Session, hall: Hall, seen: str, edit: Edit, what: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """Change the draft; `seen` is the state that the change was made for, `what` is for the audit trail.

    Raises DraftChangedError, and whatever the edit raises.
    """
    row = _seen_draft(session, hall, seen)
    before = plan_of_row(row)
    plan = edit(before)
    if plan == before:
        return
    changed = session.execute(
        update(SeatPlan.__table__)  # type: ignore[arg-type]
        .where(_P.id == row.id, _P.draft.is_(True), _P.sha256 == row.sha256)
        .values(name=plan.name, sha256=plan_digest(plan), source=plan.source, seats=seats_text(plan))
    )
    _require_one(changed)
    before_and_after = {"before": summary(before), "after": {**what, **summary(plan)}}
    _record(session, hall, "change_plan", actor, now, **before_and_after)


def discard_draft(session: Session, hall: Hall, seen: str, actor: Actor, now: datetime) -> None:
    """Throw the draft away. Raises DraftChangedError."""
    row = _seen_draft(session, hall, seen)
    _require_one(
        session.execute(
            delete(SeatPlan.__table__).where(  # type: ignore[arg-type]
                _P.id == row.id, _P.draft.is_(True), _P.sha256 == row.sha256
            )
        )
    )
    _record(session, hall, "discard_plan", actor, now, before=summary(plan_of_row(row)))


def publish_draft(session: Session, hall: Hall, seen: str, actor: Actor, now: datetime) -> int:
    """Make the draft the hall's next version and return its number; the hall's capacity follows.

    Screenings keep the versions that they have. Raises DraftChangedError or PlanKnownError.
    """
    row = _seen_draft(session, hall, seen)
    known = known_version(session, hall.id, row.sha256)
    if known is not None:
        raise PlanKnownError(version=known.version)
    newest, plan = newest_version(session, hall.id), plan_of_row(row)
    version = next_version(session, hall.id, row.id)
    changed = session.execute(
        update(SeatPlan.__table__)  # type: ignore[arg-type]
        .where(_P.id == row.id, _P.draft.is_(True), _P.sha256 == row.sha256)
        .values(draft=False, version=version, created_at=now)
    )
    _require_one(changed)
    values: dict[str, Any] = {"capacity": len(plan.seats)}
    if hall.plan_path is None or _is_shared(session, hall):
        values["plan_path"] = f"plans/{hall.code}-{version}.json"
    session.execute(update(Hall).where(Hall.id == hall.id).values(**values))
    before = None if newest is None else {"version": newest.version, **summary(plan_of_row(newest))}
    _record(
        session, hall, "publish_plan", actor, now, before=before, after={"version": version, **summary(plan)}
    )
    bump(session)
    return version


def plan_of_row(row: SeatPlan) -> Plan:
    """Return a stored version or draft as a value."""
    return stored_plan(row.source, row.seats)


def state_of(row: SeatPlan) -> str:
    """Return what tells one state of a draft from another."""
    return row.sha256.hex()


def summary(plan: Plan) -> dict[str, Any]:
    """Return a plan in a few numbers, for the audit trail."""
    bands: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for seat in plan.seats:
        bands[seat.band] = bands.get(seat.band, 0) + 1
        if seat.kind is not SeatKind.STANDARD:
            kinds[str(seat.kind)] = kinds.get(str(seat.kind), 0) + 1
    return {"plan": plan_digest(plan).hex()[:16], "seats": len(plan.seats), "bands": bands, "kinds": kinds}


def _seen_draft(session: Session, hall: Hall, seen: str) -> SeatPlan:
    lock_hall(session, hall.id)
    row = draft_of(session, hall.id)
    if row is None or state_of(row) != seen:
        raise DraftChangedError
    return row


def _is_shared(session: Session, hall: Hall) -> bool:
    """Tell whether another hall has its plan in the same file: then it must not change with this one."""
    other = select(Hall.id).where(Hall.plan_path == hall.plan_path, Hall.id != hall.id)
    return bool(session.scalar(select(exists(other))))


def _require_one(result: Any) -> None:
    if result.rowcount != 1:
        raise DraftChangedError


def _record(
    session: Session,
    hall: Hall,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    deed = Deed(action=action, object_kind="hall", object_id=hall.code, before=before, after=after)
    record(session, actor, deed, now)
