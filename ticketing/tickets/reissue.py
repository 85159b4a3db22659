"""Reissuing: a ticket stays what it is and gets another code; the one it had is an older copy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.security import CodeVault
from ticketing.tickets.coding import code_maker
from ticketing.tickets.errors import AlreadyAdmittedError, TicketBlockedError, TicketVoidError
from ticketing.tickets.models import FormerCode, Ticket
from ticketing.tickets.wallet.changes import tickets_changed


class RevisionLostError(Exception):
    """The ticket got another code between being locked and being changed: it was not locked at all."""


def lock_ticket(session: Session, order_id: UUID, ticket_id: UUID) -> Ticket:
    """Return a ticket of an order, locked as scans, refunds and exchanges lock it. Raises NotFoundError."""
    ticket = session.scalars(
        select(Ticket)
        .where(Ticket.id == ticket_id, Ticket.order_id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if ticket is None:
        raise NotFoundError
    return ticket


def require_unused(ticket: Ticket) -> None:
    """Refuse a ticket that lets nobody in any more, or has let somebody in.

    Raises TicketVoidError, TicketBlockedError or AlreadyAdmittedError.
    """
    named = [str(ticket.id)]
    if ticket.state != "valid":
        raise TicketVoidError(tickets=named)
    if ticket.blocked:
        raise TicketBlockedError(tickets=named)
    if ticket.admitted_at is not None:
        raise AlreadyAdmittedError(tickets=named)


def reissue(session: Session, vault: CodeVault, ticket: Ticket, now: datetime) -> int:
    """Give a locked ticket another code and return its new revision; the old code ends in the same step.

    Raises what require_unused raises.
    """
    require_unused(ticket)
    code = code_maker(session, vault, now).fresh(
        serial=ticket.serial,
        screening_id=ticket.screening_id,
        revision=ticket.revision + 1,
        concession=ticket.concession,
    )
    session.execute(
        insert(FormerCode).values(
            code_hash=ticket.code_hash, ticket_id=ticket.id, revision=ticket.revision, ended_at=now
        )
    )
    changed = session.execute(
        update(Ticket)
        .where(
            Ticket.serial == ticket.serial,
            Ticket.revision == ticket.revision,
            Ticket.state == "valid",
            Ticket.blocked.is_(False),
            Ticket.admitted_at.is_(None),
        )
        .values(**code.columns(), revision=ticket.revision + 1)
        .execution_options(synchronize_session=False)
        .returning(Ticket.revision)
    ).scalar_one_or_none()
    if changed is None:
        raise RevisionLostError
    session.refresh(ticket)
    tickets_changed(session, [ticket.id], now)
    return changed
