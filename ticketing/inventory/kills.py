"""Kills: places withdrawn from sale, such as a broken seat or one behind a camera, until they are revived."""

from datetime import datetime

from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.inventory.accessible import kept_for_those_who_ask
from ticketing.inventory.allocations import end_emptied
from ticketing.inventory.staff_choice import (
    KILLED,
    PUBLIC,
    SELLABLE,
    StaffChoice,
    change,
    lock_chosen,
    mark_changed,
    require_reason,
    screening_facts,
)
from ticketing.staff.audit import Deed, record


def kill(
    session: Session, screening: str, choice: StaffChoice, reason: str, actor: Actor, now: datetime
) -> int:
    """Withdraw places that nobody has a claim on, kept ones included; return how many.

    Raises NotFoundError, ReasonRequiredError, UnknownPlaceError, SoldOutError or PlacesTakenError.
    """
    facts = screening_facts(session, screening)
    why = require_reason(reason)
    rows = lock_chosen(session, facts, choice, PUBLIC, now)
    values = {"killed": True, "kill_reason": why, "allocation_id": None, "hold_id": None, "held_until": None}
    change(session, rows, SELLABLE, values, now)
    end_emptied(session, rows, now)
    mark_changed(session, facts.id, now)
    kept = [row.label for row in rows if row.allocation_id is not None]
    deed = Deed(
        action="kill_places",
        object_kind="screening",
        object_id=facts.code,
        reason=why,
        before={"kept": kept} if kept else None,
        after={"places": [row.label for row in rows]},
    )
    record(session, actor, deed, now)
    return len(rows)


def revive(
    session: Session, screening: str, choice: StaffChoice, reason: str, actor: Actor, now: datetime
) -> int:
    """Put killed places back on sale; return how many.

    Raises NotFoundError, ReasonRequiredError, UnknownPlaceError, SoldOutError or PlacesTakenError.
    """
    facts = screening_facts(session, screening)
    why = require_reason(reason)
    rows = lock_chosen(session, facts, choice, KILLED, now)
    asked_for = kept_for_those_who_ask(facts, now)
    for on_request in (True, False):
        some = [row for row in rows if (row.kind in asked_for) is on_request]
        if some:
            change(session, some, KILLED, {"killed": False, "kill_reason": "", "on_request": on_request}, now)
    mark_changed(session, facts.id, now)
    deed = Deed(
        action="revive_places",
        object_kind="screening",
        object_id=facts.code,
        reason=why,
        before={"places": {row.label: row.kill_reason for row in rows}},
    )
    record(session, actor, deed, now)
    return len(rows)
