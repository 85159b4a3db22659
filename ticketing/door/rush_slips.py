"""Slips with numbers: handed out by the box office, and called when there are places."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ticketing.door.errors import NumberNotOutError, RushOverError
from ticketing.door.rush_models import RushSlip
from ticketing.door.rush_queries import rush_screening
from ticketing.door.rush_release import door_closes, open_line
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.ids import new_id
from ticketing.foundation.security import CodeVault
from ticketing.staff.audit import Deed, record
from ticketing.tickets.codes import RANDOM_BYTES, digest, new_slip_code

MOST_AT_ONCE = 50


def hand_out(
    session: Session, vault: CodeVault, screening: str, quantity: int, actor: Actor, now: datetime
) -> Sequence[RushSlip]:
    """Return the next slips of a screening's line.

    Raises NotFoundError, InvalidRequestError, or RushOverError once entry has closed.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise InvalidRequestError(errors=[{"path": "quantity", "message": f"from 1 to {MOST_AT_ONCE}"}])
    found = rush_screening(session, screening)
    if found.status == "cancelled" or now >= door_closes(session, found):
        raise RushOverError
    # The line's row is locked: two counters never give one number twice.
    line = open_line(session, found.id)
    first = line.last_number + 1
    line.last_number += quantity
    session.flush()
    slips = []
    for number in range(first, first + quantity):
        code = new_slip_code(secrets.token_bytes(RANDOM_BYTES))
        slips.append(
            RushSlip(
                id=new_id(now),
                screening_id=found.id,
                number=number,
                code_hash=digest(code),
                code_sealed=vault.seal(code),
                issued_at=now,
                inside=False,
            )
        )
    session.add_all(slips)
    session.flush()
    after = {"first": first, "last": line.last_number}
    deed = Deed(action="hand_out_slips", object_kind="screening", object_id=found.code, after=after)
    record(session, actor, deed, now)
    return slips


def call_up_to(session: Session, screening: str, number: int, actor: Actor, now: datetime) -> None:
    """Call all numbers up to this one; a smaller one than before takes calls back.

    Raises NotFoundError, or NumberNotOutError for a number that nobody has.
    """
    found = rush_screening(session, screening)
    line = open_line(session, found.id)
    if not 0 <= number <= line.last_number:
        raise NumberNotOutError(number=number, last=line.last_number)
    before, line.called = line.called, number
    session.flush()
    deed = Deed(
        action="call_numbers",
        object_kind="screening",
        object_id=found.code,
        before={"called": before},
        after={"called": number},
    )
    record(session, actor, deed, now)
