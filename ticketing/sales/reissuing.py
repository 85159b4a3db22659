"""Reissuing what a leaked key has signed: whoever has the key can make copies of these tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.sales.effects import CodesLeaked
from ticketing.sales.models import Order
from ticketing.sales.transfer_models import Transfer
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.keys import require_revoked
from ticketing.tickets.models import Ticket
from ticketing.tickets.reissue import reissue

REASON = "its key is revoked"
_PLAYS = Screening.id == Ticket.screening_id


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """How many tickets of a screening somebody could copy."""

    screening: Screening
    tickets: int


def exposed(session: Session, key: int, now: datetime) -> list[Exposed]:
    """Return which tickets that a key has signed can still let somebody in, by screening."""
    counted = select(Ticket.screening_id, func.count()).join(Screening, _PLAYS).where(*_exposed(key, now))
    counts = {row[0]: row[1] for row in session.execute(counted.group_by(Ticket.screening_id))}
    screenings = session.scalars(
        select(Screening).where(Screening.id.in_(counts)).order_by(Screening.starts_at, Screening.id)
    ).unique()
    return [Exposed(screening=one, tickets=counts[one.id]) for one in screenings]


def ask_reissue(session: Session, key: int, reason: str, actor: Actor, now: datetime) -> int:
    """Let the worker reissue what a revoked key has signed; return how many orders that concerns.

    Asking twice is harmless. Raises NotFoundError, KeyNotRevokedError or ReasonRequiredError.
    """
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequiredError
    require_revoked(session, key)
    concerned = select(Ticket.order_id).join(Screening, _PLAYS).where(*_exposed(key, now))
    orders = sorted(session.scalars(concerned.distinct()))
    for order_id in orders:
        emit(session, CodesLeaked(str(order_id), key), now)
    deed = Deed(
        action="ask_reissue",
        object_kind="signing_key",
        object_id=str(key),
        reason=said,
        after={"orders": len(orders)},
    )
    record(session, actor, deed, now)
    return len(orders)


def reissue_leaked(
    session: Session, order_id: UUID, key: int, vault: CodeVault, now: datetime
) -> Sequence[Ticket]:
    """Give the tickets of an order that a key has signed other codes; return those that were concerned.

    Those that were sent to a friend stay the friend's. Done already is done.
    """
    tickets = session.scalars(
        select(Ticket)
        .join(Screening, _PLAYS)
        .where(Ticket.order_id == order_id, *_exposed(key, now))
        .order_by(Ticket.serial)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    ).all()
    if not tickets:
        return tickets
    before = [_fact(ticket) for ticket in tickets]
    for ticket in tickets:
        revision = reissue(session, vault, ticket, now)
        session.execute(
            update(Transfer)
            .where(Transfer.ticket_id == ticket.id, Transfer.taken_back_at.is_(None))
            .values(revision=revision)
        )
    deed = Deed(
        action="reissue",
        object_kind="order",
        object_id=session.scalars(select(Order.code).where(Order.id == order_id)).one(),
        reason=REASON,
        before={"tickets": before},
        after={"tickets": [_fact(ticket) for ticket in tickets]},
    )
    record(session, SYSTEM, deed, now)
    return tickets


def _exposed(key: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of tickets that a key has signed and that can still let somebody in."""
    return (
        Ticket.signed_by == key,
        Ticket.state == "valid",
        Ticket.blocked.is_(False),
        Ticket.admitted_at.is_(None),
        Screening.ends_at > now,
    )


def _fact(ticket: Ticket) -> dict[str, object]:
    return {"serial": ticket.serial, "place": ticket.label, "revision": ticket.revision}
