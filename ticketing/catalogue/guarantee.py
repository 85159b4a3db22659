"""Until when a ticket guarantees its place. Afterwards whoever comes late is let in while there is room."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.staff.audit import Deed, record

MOST_MINUTES = 120


class Guarantee(StrEnum):
    """Whose rule a screening follows."""

    FESTIVAL = "festival"
    OWN = "own"
    ALWAYS = "always"


def guaranteed_until(festival: Festival, screening: Screening) -> datetime | None:
    """Return when the guarantee ends by itself; None: it does not."""
    minutes = {
        Guarantee.FESTIVAL: festival.guarantee_minutes,
        Guarantee.OWN: screening.guarantee_minutes,
        Guarantee.ALWAYS: None,
    }[Guarantee(screening.guarantee)]
    return None if minutes is None else screening.starts_at + timedelta(minutes=minutes)


def set_guarantee(
    session: Session, screening: str, rule: Guarantee, minutes: int | None, actor: Actor, now: datetime
) -> None:
    """Set a screening's rule; `minutes` (after the start, before it if negative) go with OWN alone.

    Raises NotFoundError or InvalidRequestError.
    """
    if (rule is Guarantee.OWN) != (minutes is not None):
        raise InvalidRequestError(errors=[{"path": "minutes", "message": "with a rule of its own only"}])
    _require_minutes(minutes)
    query = select(Screening).where(Screening.code == screening).with_for_update(of=Screening)
    row = session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFoundError
    before = {"rule": row.guarantee, "minutes": row.guarantee_minutes}
    after = {"rule": str(rule), "minutes": minutes}
    if before == after:
        return
    row.guarantee, row.guarantee_minutes = rule, minutes
    session.flush()
    bump(session)
    deed = Deed(
        action="set_guarantee", object_kind="screening", object_id=screening, before=before, after=after
    )
    record(session, actor, deed, now)


def set_festival_guarantee(session: Session, minutes: int | None, actor: Actor, now: datetime) -> None:
    """Set the rule of all screenings without one of their own; None: never. Raises InvalidRequestError."""
    _require_minutes(minutes)
    festival = session.scalars(select(Festival).with_for_update()).one()
    before = {"minutes": festival.guarantee_minutes}
    if festival.guarantee_minutes == minutes:
        return
    festival.guarantee_minutes = minutes
    session.flush()
    bump(session)
    deed = Deed(
        action="set_guarantee",
        object_kind="festival",
        object_id=festival.code,
        before=before,
        after={"minutes": minutes},
    )
    record(session, actor, deed, now)


def _require_minutes(minutes: int | None) -> None:
    if minutes is not None and not -MOST_MINUTES <= minutes <= MOST_MINUTES:
        fault = f"from -{MOST_MINUTES} to {MOST_MINUTES}"
        raise InvalidRequestError(errors=[{"path": "minutes", "message": fault}])
