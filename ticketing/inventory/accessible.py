"""Wheelchair spaces and companion seats: kept for those who ask, until a time or until staff release them."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.inventory.errors import ReleaseTimeError
from ticketing.inventory.models import Place
from ticketing.inventory.rules import KEPT_FOR_THOSE_WHO_ASK
from ticketing.inventory.staff_choice import PlaceRow, require_reason, screening_facts
from ticketing.staff.audit import Deed, record

_P = Place.__table__.c
_S = Screening.__table__.c
_F = Festival.__table__.c
_HERE = and_(_P.screening_id == bindparam("at_screening"), _P.layout == bindparam("at_layout"))
_ASKED_FOR = _P.kind.in_(sorted(KEPT_FOR_THOSE_WHO_ASK))
_LOCK = select(_P.id).where(_HERE, _ASKED_FOR).order_by(_P.id).with_for_update()
_SET = update(Place.__table__).where(_HERE, _ASKED_FOR)  # type: ignore[arg-type]
_KEEPING = (
    select(_S.code, _S.starts_at, _S.accessible_release_at, _F.accessible_release_hours)
    .join(Festival.__table__, _F.id == 1)
    .where(
        _S.starts_at > bindparam("now"),
        exists().where(_P.screening_id == _S.id, _P.layout == _S.layout, _P.on_request),
    )
    .order_by(_S.id)
)


def kept_until(facts: PlaceRow) -> datetime:
    """Return until when a screening's accessible places are kept: its own time, else the festival's hours."""
    own: datetime | None = facts.accessible_release_at
    hours = timedelta(hours=facts.accessible_release_hours)
    return own or facts.starts_at - hours


def kept_for_those_who_ask(facts: PlaceRow, now: datetime) -> AbstractSet[str]:
    """Return the kinds of place that are kept now: none after the release."""
    return KEPT_FOR_THOSE_WHO_ASK if now < kept_until(facts) else frozenset()


def release_accessible(session: Session, screening: str, reason: str, actor: Actor, now: datetime) -> int:
    """Offer accessible places to everybody from now on; return how many there are.

    Raises NotFoundError or ReasonRequiredError.
    """
    return _keep_until(session, screening, now, require_reason(reason), actor, now)


def keep_accessible(
    session: Session, screening: str, until: datetime, reason: str, actor: Actor, now: datetime
) -> int:
    """Keep accessible places for those who ask until another time; what is sold stays sold.

    Raises NotFoundError, ReasonRequiredError or ReleaseTimeError.
    """
    facts = screening_facts(session, screening)
    why = require_reason(reason)
    if not now < until <= facts.starts_at:
        raise ReleaseTimeError
    return _keep_until(session, screening, until, why, actor, now)


def due_accessible(session: Session, now: datetime) -> list[str]:
    """Return the screenings whose accessible places are kept beyond their time."""
    rows = session.execute(_KEEPING, {"now": now})
    return [row.code for row in rows if kept_until(row) <= now]


def release_due_accessible(session: Session, screening: str, now: datetime) -> int:
    """Offer a screening's accessible places to everybody if their time has come; else 0."""
    facts = screening_facts(session, screening)
    if kept_until(facts) > now:
        return 0
    released = _mark(session, facts, on_request=False)
    deed = Deed(
        action="release_accessible",
        object_kind="screening",
        object_id=facts.code,
        after={"places": released},
    )
    record(session, SYSTEM, deed, now)
    return released


def _keep_until(
    session: Session, screening: str, until: datetime, reason: str, actor: Actor, now: datetime
) -> int:
    facts = screening_facts(session, screening)
    session.execute(update(Screening).where(Screening.id == facts.id).values(accessible_release_at=until))
    keeps = until > now
    count = _mark(session, facts, on_request=keeps)
    bump(session)
    deed = Deed(
        action="keep_accessible" if keeps else "release_accessible",
        object_kind="screening",
        object_id=facts.code,
        reason=reason,
        before={"until": kept_until(facts).isoformat()},
        after={"until": until.isoformat()},
    )
    record(session, actor, deed, now)
    return count


def _mark(session: Session, facts: PlaceRow, *, on_request: bool) -> int:
    """Mark every accessible place, claimed ones too: one that comes back is kept, or not, like the others."""
    here = {"at_screening": facts.id, "at_layout": facts.layout}
    session.execute(_LOCK, here)
    return int(session.execute(_SET.values(on_request=on_request), here).rowcount)  # type: ignore[attr-defined]
