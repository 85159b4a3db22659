"""Allocations: places that the festival keeps for a group, until they are released in time or by hand."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.inventory.accessible import kept_for_those_who_ask
from ticketing.inventory.errors import AllocationReleasedError, ReleaseTimeError
from ticketing.inventory.models import Allocation, Place
from ticketing.inventory.staff_choice import (
    KEPT,
    PUBLIC,
    SELLABLE,
    PlaceRow,
    StaffChoice,
    change,
    lock_chosen,
    mark_changed,
    require_reason,
    screening_facts,
)
from ticketing.staff.audit import Deed, record

_P = Place.__table__.c
_A = Allocation.__table__.c
_S = Screening.__table__.c
_FIND = (
    select(_A.id, _A.kind, _A.release_at, _A.released_at, _S.code)
    .join(Screening.__table__, _S.id == _A.screening_id)
    .where(_A.id == bindparam("allocation"))
)
_END = (
    update(Allocation.__table__)  # type: ignore[arg-type]
    .where(_A.id == bindparam("which"), _A.released_at.is_(None))
    .values(released_at=bindparam("now"))
)
_OF_ALLOCATION = (
    select(_P.id, _P.label, _P.kind).where(_P.allocation_id == bindparam("which")).order_by(_P.id)
)
_DUE = select(_A.id).where(_A.released_at.is_(None), _A.release_at <= bindparam("now")).order_by(_A.id)


class AllocationKind(StrEnum):
    """For whom places are kept."""

    HOUSE = "house"
    BADGE = "badge"
    GUESTS = "guests"
    SPONSORS = "sponsors"
    JURY = "jury"
    SCHOOL = "school"


@dataclass(frozen=True, kw_only=True)
class KeepRequest:
    """Places to keep for a group, why, and when they go back on sale by themselves, if they do."""

    screening: str
    choice: StaffChoice
    kind: AllocationKind
    reason: str
    release_at: datetime | None = None


def keep(session: Session, request: KeepRequest, actor: Actor, now: datetime) -> UUID:
    """Keep places that nobody has a claim on; those of another allocation move over. Return the allocation.

    Raises NotFoundError, ReasonRequiredError, ReleaseTimeError, UnknownPlaceError, SoldOutError or
    PlacesTakenError.
    """
    facts = screening_facts(session, request.screening)
    reason = require_reason(request.reason)
    _require_time(facts, request.release_at, now)
    rows = lock_chosen(session, facts, request.choice, PUBLIC, now)
    allocation = new_id(now)
    session.execute(
        insert(Allocation).values(
            id=allocation,
            screening_id=facts.id,
            kind=request.kind,
            reason=reason,
            created_at=now,
            release_at=request.release_at,
        )
    )
    free = {"allocation_id": allocation, "hold_id": None, "held_until": None}
    change(session, rows, SELLABLE, free, now)
    end_emptied(session, rows, now)
    mark_changed(session, facts.id, now)
    after = {"kind": request.kind, "places": _labels(rows), "release_at": _iso(request.release_at)}
    moved = [row.label for row in rows if row.allocation_id is not None]
    _note(session, actor, "keep_places", facts.code, reason, {"moved": moved} if moved else None, after, now)
    return allocation


def release(
    session: Session, screening: str, choice: StaffChoice, reason: str, actor: Actor, now: datetime
) -> int:
    """Give kept places back to the public; return how many. Of a quantity, those kept last go first.

    Raises NotFoundError, ReasonRequiredError, UnknownPlaceError, SoldOutError or PlacesTakenError.
    """
    facts = screening_facts(session, screening)
    kept_reason = require_reason(reason)
    rows = lock_chosen(session, facts, choice, KEPT, now, (_P.allocation_id.desc(),))
    _give_back(session, facts, rows, now)
    end_emptied(session, rows, now)
    mark_changed(session, facts.id, now)
    _note(session, actor, "release_places", facts.code, kept_reason, None, {"places": _labels(rows)}, now)
    return len(rows)


def release_whole(session: Session, allocation: UUID, reason: str, actor: Actor, now: datetime) -> int:
    """Give all of an allocation back to the public; return how many places.

    Raises NotFoundError, ReasonRequiredError or AllocationReleasedError.
    """
    found = _find(session, allocation)
    kept_reason = require_reason(reason)
    return _release_whole(session, found, kept_reason, actor, now)


def set_release_time(
    session: Session, allocation: UUID, release_at: datetime | None, actor: Actor, now: datetime
) -> None:
    """Change when an allocation is released by itself, or that it is not.

    Raises NotFoundError, AllocationReleasedError or ReleaseTimeError.
    """
    found = _find(session, allocation)
    _require_time(screening_facts(session, found.code), release_at, now)
    statement = update(Allocation).where(Allocation.id == allocation, Allocation.released_at.is_(None))
    if session.execute(statement.values(release_at=release_at)).rowcount != 1:  # type: ignore[attr-defined]
        raise AllocationReleasedError
    before, after = {"release_at": _iso(found.release_at)}, {"release_at": _iso(release_at)}
    _note(session, actor, "set_release_time", found.code, "", before, after, now)


def due_allocations(session: Session, now: datetime) -> list[UUID]:
    """Return the allocations whose time has come."""
    return list(session.scalars(_DUE, {"now": now}))


def release_due(session: Session, allocation: UUID, now: datetime) -> int:
    """Release an allocation whose time has come; 0 if somebody was faster or moved the time."""
    found = _find(session, allocation)
    if found.released_at is not None or found.release_at is None or found.release_at > now:
        return 0
    return _release_whole(session, found, "", SYSTEM, now)


def _release_whole(session: Session, found: PlaceRow, reason: str, actor: Actor, now: datetime) -> int:
    if session.execute(_END, {"which": found.id, "now": now}).rowcount != 1:  # type: ignore[attr-defined]
        raise AllocationReleasedError
    facts = screening_facts(session, found.code)
    rows = session.execute(_OF_ALLOCATION.with_for_update(), {"which": found.id}).all()
    _give_back(session, facts, rows, now)
    mark_changed(session, facts.id, now)
    before = {"kind": found.kind, "places": _labels(rows)}
    _note(session, actor, "release_allocation", facts.code, reason, before, None, now)
    return len(rows)


def _give_back(session: Session, facts: PlaceRow, rows: Any, now: datetime) -> None:
    """Free kept places; wheelchair spaces go back to those who ask while that time lasts."""
    asked_for = kept_for_those_who_ask(facts, now)
    for on_request, some in (
        (True, [row for row in rows if row.kind in asked_for]),
        (False, [row for row in rows if row.kind not in asked_for]),
    ):
        if some:
            change(session, some, KEPT, {"allocation_id": None, "on_request": on_request}, now)


def end_emptied(session: Session, rows: Any, now: datetime) -> None:
    """End the allocations that have lost their last place."""
    for allocation in sorted({row.allocation_id for row in rows} - {None}):
        if session.scalar(select(_P.id).where(_P.allocation_id == allocation).limit(1)) is None:
            session.execute(_END, {"which": allocation, "now": now})


def _find(session: Session, allocation: UUID) -> PlaceRow:
    found = session.execute(_FIND, {"allocation": allocation}).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def _require_time(facts: PlaceRow, release_at: datetime | None, now: datetime) -> None:
    """Refuse a time at which nobody could buy what is released."""
    if release_at is not None and not now < release_at < (facts.sales_close_at or facts.starts_at):
        raise ReleaseTimeError


def _labels(rows: Any) -> list[str]:
    return [row.label for row in rows]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _note(
    session: Session,
    actor: Actor,
    action: str,
    screening: str,
    reason: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    deed = Deed(
        action=action,
        object_kind="screening",
        object_id=screening,
        reason=reason,
        before=before,
        after=after,
    )
    record(session, actor, deed, now)
