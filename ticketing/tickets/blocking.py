"""Blocking tickets whose money is disputed: they keep their places, and the door sends their holders on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.inventory import claims
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.changes import tickets_changed

VOID_REASON = "blocked"


def block(session: Session, order_id: UUID) -> list[Ticket]:
    """Block every valid ticket of an order; return those that were not blocked before."""
    return _turn(session, order_id, blocked=True)


def unblock(session: Session, order_id: UUID) -> list[Ticket]:
    """Let the tickets of an order be valid again; return those that were blocked."""
    return _turn(session, order_id, blocked=False)


def give_up_blocked(session: Session, order_id: UUID, now: datetime) -> list[Ticket]:
    """Make void, for good, the blocked tickets that nobody has entered with, and free their places."""
    tickets = [
        ticket for ticket in _valid(session, order_id) if ticket.blocked and ticket.admitted_at is None
    ]
    for ticket in tickets:
        ticket.state, ticket.void_reason, ticket.voided_at = "void", VOID_REASON, now
    session.flush()
    if tickets:
        claims.free_tickets(session, [ticket.id for ticket in tickets])
        tickets_changed(session, [ticket.id for ticket in tickets], now)
    return tickets


def _turn(session: Session, order_id: UUID, *, blocked: bool) -> list[Ticket]:
    tickets = [ticket for ticket in _valid(session, order_id) if ticket.blocked is not blocked]
    for ticket in tickets:
        ticket.blocked = blocked
    session.flush()
    return tickets


def _valid(session: Session, order_id: UUID) -> Sequence[Ticket]:
    return session.scalars(
        select(Ticket)
        .where(Ticket.order_id == order_id, Ticket.state == "valid")
        .order_by(Ticket.serial)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
