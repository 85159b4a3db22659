"""How many places of a screening may be in one order, and how many one buyer may have."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import InvalidRequestError, NotFoundError
from ticketing.staff.audit import Deed, record

MOST = 500


def set_limits(
    session: Session,
    screening: str,
    per_order: int | None,
    per_buyer: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Set a screening's limits. None per order: the festival's limit; None per buyer: no limit.

    What buyers have already counts; nothing is taken from them. Raises NotFoundError or InvalidRequestError.
    """
    for name, number in (("per_order", per_order), ("per_buyer", per_buyer)):
        if number is not None and not 1 <= number <= MOST:
            raise InvalidRequestError(errors=[{"path": name, "message": f"from 1 to {MOST}"}])
    query = select(Screening).where(Screening.code == screening).with_for_update(of=Screening)
    row = session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFoundError
    before = {"per_order": row.max_places_per_order, "per_buyer": row.max_places_per_buyer}
    after = {"per_order": per_order, "per_buyer": per_buyer}
    if before == after:
        return
    row.max_places_per_order, row.max_places_per_buyer = per_order, per_buyer
    session.flush()
    bump(session)
    deed = Deed(action="set_limits", object_kind="screening", object_id=screening, before=before, after=after)
    record(session, actor, deed, now)
