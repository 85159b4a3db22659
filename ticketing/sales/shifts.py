"""Shifts at the till: begun by the first cash that a cashier moves, ended by counting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.ids import new_id
from ticketing.sales.errors import NoShiftError, ShiftMovedError
from ticketing.sales.models import LedgerLine
from ticketing.sales.shift_models import Shift
from ticketing.staff.audit import Deed, record

_TABLE = Shift.__table__
_BEGIN = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


@dataclass(frozen=True, kw_only=True)
class Till:
    """A shift with its movements in minor units: what came into the till, and what went out of it."""

    shift: Shift
    came_in: int
    went_out: int

    @property
    def moved(self) -> int:
        """Return what the till should have more than at the beginning."""
        return self.came_in - self.went_out

    @property
    def difference(self) -> int:
        """Return what was counted more than there should be; nothing while the shift is open."""
        shift = self.shift
        if shift.counted_minor is None or shift.begun_minor is None:
            return 0
        return shift.counted_minor - shift.begun_minor - self.moved


def shift_of(session: Session, actor: Actor, currency: str, now: datetime) -> UUID:
    """Return the open shift of whoever moves cash, begun now if there is none; locked, so it stays open."""
    values = {
        "id": new_id(now),
        "account": actor.id,
        "cashier": actor.name,
        "currency": currency,
        "opened_at": now,
        "note": "",
    }
    session.execute(_BEGIN[session.get_bind().dialect.name], values)
    mine = select(Shift.id).where(Shift.account == actor.id, Shift.closed_at.is_(None))
    return session.scalars(mine.with_for_update()).one()


def open_till(session: Session, account: str) -> Till | None:
    """Return the open shift of an account with what has moved."""
    query = select(Shift).where(Shift.account == account, Shift.closed_at.is_(None))
    shift = session.scalars(query).one_or_none()
    return None if shift is None else till_of(session, shift)


def till_of(session: Session, shift: Shift) -> Till:
    """Return a shift's movements, as the ledger says."""
    amounts = session.scalars(
        select(LedgerLine.amount_minor).where(LedgerLine.shift_id == shift.id, LedgerLine.account == "cash")
    ).all()
    return Till(
        shift=shift,
        came_in=sum(amount for amount in amounts if amount > 0),
        went_out=-sum(amount for amount in amounts if amount < 0),
    )


def close_shift(
    session: Session,
    begun_minor: int,
    counted_minor: int,
    moved_minor: int,
    note: str,
    actor: Actor,
    now: datetime,
) -> Till:
    """End the cashier's shift with what was counted; a difference is recorded and nobody is stopped by it.

    `moved_minor` is what the cashier was shown. Raises NoShiftError, or ShiftMovedError when cash has moved
    since then.
    """
    query = select(Shift).where(Shift.account == actor.id, Shift.closed_at.is_(None))
    shift = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if shift is None:
        raise NoShiftError
    till = till_of(session, shift)
    if till.moved != moved_minor:
        raise ShiftMovedError
    shift.begun_minor, shift.counted_minor = begun_minor, counted_minor
    shift.closed_at, shift.note = now, " ".join(note.split())
    session.flush()
    deed = Deed(
        action="close_shift",
        object_kind="shift",
        object_id=str(shift.id),
        reason=shift.note,
        after={
            "begun_minor": begun_minor,
            "counted_minor": counted_minor,
            "moved_minor": till.moved,
            "difference_minor": till.difference,
        },
    )
    record(session, actor, deed, now)
    session.flush()
    return till


def latest_tills(session: Session, most: int) -> list[Till]:
    """Return the last shifts, the latest first."""
    shifts = session.scalars(
        select(Shift).order_by(Shift.opened_at.desc(), Shift.id.desc()).limit(most)
    ).all()
    rows = session.execute(
        select(
            LedgerLine.shift_id,
            func.sum(LedgerLine.amount_minor).filter(LedgerLine.amount_minor > 0),
            func.sum(LedgerLine.amount_minor).filter(LedgerLine.amount_minor < 0),
        )
        .where(LedgerLine.shift_id.in_([shift.id for shift in shifts]), LedgerLine.account == "cash")
        .group_by(LedgerLine.shift_id)
    )
    moved = {row[0]: (int(row[1] or 0), -int(row[2] or 0)) for row in rows}
    return [
        Till(shift=shift, came_in=moved.get(shift.id, (0, 0))[0], went_out=moved.get(shift.id, (0, 0))[1])
        for shift in shifts
    ]
