"""The next edition: what a festival keeps from one year to the next, brought into a new database.

Halls with the plans that are in use, staff, settings. Not the programme and its prices, which come with the
next import; nothing of sales, buyers, scanners, PINs, tokens, signing keys or the audit trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from ticketing.catalogue.models import Festival, Hall, SeatPlan, Venue
from ticketing.catalogue.programme.values import Words
from ticketing.foundation.actor import Actor
from ticketing.foundation.archive import ArchiveError
from ticketing.foundation.config import Environment
from ticketing.foundation.db import Base
from ticketing.foundation.ids import new_id
from ticketing.foundation.migrations import newest
from ticketing.foundation.models import Instance, MailStop
from ticketing.foundation.remake import remake, renew_sequences
from ticketing.sales.affair_models import NumberedPage
from ticketing.staff.audit import Deed, record
from ticketing.staff.models import StaffAccount

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is taken over: the festival's row, and other tables' rows in an order that can be filled."""

    festival: Mapping[str, Any]
    rows: Sequence[tuple[type[Base], Rows]]

    @property
    def next_code(self) -> str:
        """Return the code of the next edition: `eurasia-18` after `eurasia-17`; or the same."""
        code, edition = str(self.festival["code"]), int(self.festival["edition"])
        stem = code.removesuffix(str(edition))
        return code if stem == code else f"{stem}{edition + 1}"

    def count(self, model: type[Base]) -> int:
        """Return how many rows of a table are taken over."""
        return next(len(rows) for kept, rows in self.rows if kept is model)


def read_edition(session: Session) -> Kept:
    """Return what the next edition takes over. Raises ArchiveError when there is no festival."""
    festival = _all(session, Festival)
    if not festival:
        raise ArchiveError("there is no festival in this database to go on from")
    later = aliased(SeatPlan)
    newest = select(func.max(later.version)).where(later.hall_id == SeatPlan.hall_id, ~later.draft)
    chosen = or_(SeatPlan.draft, SeatPlan.version == newest.scalar_subquery())
    last_number = select(func.max(NumberedPage.id)).scalar_subquery()
    return Kept(
        festival=festival[0],
        rows=(
            (Venue, _all(session, Venue)),
            (Hall, _all(session, Hall)),
            # The plan that is in use, and the one that staff are working on.
            (SeatPlan, _all(session, SeatPlan, chosen)),
            (StaffAccount, _all(session, StaffAccount, StaffAccount.disabled_at.is_(None))),
            (MailStop, _all(session, MailStop)),
            # A bank of numbers knows the merchant, not the edition: its order numbers must go on.
            (NumberedPage, _all(session, NumberedPage, NumberedPage.id == last_number)),
        ),
    )


def begin_edition(
    session: Session, kept: Kept, name: str, environment: Environment, actor: Actor, now: datetime
) -> None:
    """Make the next edition's database of what is taken over; `session` is one of `Database.rebuilding`.

    The days stay those of the last edition until a programme is imported, and what staff set in place of the
    programme's files is the files' again. Raises ArchiveError when the database is not empty.
    """
    remake(session, newest())
    session.execute(delete(Instance))
    session.execute(insert(Instance).values(id=1, environment=environment, epoch=new_id(now), created_at=now))
    festival = {
        **kept.festival,
        "code": kept.next_code,
        "edition": kept.festival["edition"] + 1,
        "name": Words(kk=name, ru=name, en=name),
        "refund_changed_at": None,
        "ticket_code_changed_at": None,
        "revision": 0,
    }
    session.execute(insert(Festival), [festival])
    for model, rows in kept.rows:
        # New ids: nobody is signed in at the new database by a session of the old one.
        fresh = [{**row, "id": new_id(now)} for row in rows] if model is StaffAccount else rows
        if fresh:
            session.execute(insert(model), fresh)
    renew_sequences(session)
    after = {"code": festival["code"], "edition": festival["edition"], "from": kept.festival["code"]}
    record(
        session,
        actor,
        Deed(action="begin_edition", object_kind="festival", object_id="1", reason=name, after=after),
        now,
    )


def _all(session: Session, model: type[Base], *conditions: Any) -> Rows:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    rows = session.execute(select(table).where(*conditions).order_by(*table.primary_key)).mappings()
    return [dict(row) for row in rows]
