"""Transfers: a buyer sends a ticket to a friend, who has it alone from then on.

The ticket is reissued, so the buyer's copies end at once; until the friend opens it the buyer may take it
back, which reissues it again. Its money stays the order's: only the box office refunds or
exchanges what was sent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.actor import BUYER
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.sales.effects import TicketSent
from ticketing.sales.errors import (
    ScreeningStartedError,
    SwapPendingError,
    TicketTransferredError,
    TransferOpenedError,
    TransferTakenBackError,
)
from ticketing.sales.models import Order
from ticketing.sales.rules import check_email, check_name
from ticketing.sales.swap_models import Swap, SwapTicket
from ticketing.sales.transfer_models import Transfer
from ticketing.staff.audit import Deed, record
from ticketing.tickets.errors import TicketVoidError
from ticketing.tickets.models import Ticket
from ticketing.tickets.reissue import lock_ticket, reissue, require_unused


@dataclass(frozen=True, kw_only=True)
class TransferRequest:
    """Which ticket of an order goes to whom; the friend is written to in the language `locale`."""

    order_id: UUID
    ticket_id: UUID
    to_name: str
    to_email: str
    locale: str


def live_transfer(session: Session, ticket_id: UUID) -> Transfer | None:
    """Return the transfer by which somebody has a ticket now."""
    return session.scalars(
        select(Transfer)
        .where(Transfer.ticket_id == ticket_id, Transfer.taken_back_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


def transferred(session: Session, ticket_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the tickets that somebody else has; lock them first where that decides anything."""
    query = select(Transfer.ticket_id).where(
        Transfer.ticket_id.in_(ticket_ids), Transfer.taken_back_at.is_(None)
    )
    return set(session.scalars(query))


def send_ticket(
    session: Session, transfer_id: UUID, wanted: TransferRequest, vault: CodeVault, now: datetime
) -> None:
    """Send a ticket to a friend: another code, which only the friend gets to see.

    Raises NameRequiredError, EmailInvalidError, NotFoundError, TicketTransferredError, TicketVoidError,
    TicketBlockedError, AlreadyAdmittedError, ScreeningStartedError or SwapPendingError.
    """
    name, email = check_name(wanted.to_name), check_email(wanted.to_email)
    ticket = lock_ticket(session, wanted.order_id, wanted.ticket_id)
    require_unused(ticket)
    if live_transfer(session, ticket.id) is not None:
        raise TicketTransferredError(tickets=[str(ticket.id)])
    starts_at = session.scalars(select(Screening.starts_at).where(Screening.id == ticket.screening_id)).one()
    if now >= starts_at:
        raise ScreeningStartedError(starts_at=starts_at.isoformat())
    _require_no_swap(session, ticket)
    before = ticket.revision
    revision = reissue(session, vault, ticket, now)
    session.add(
        Transfer(
            id=transfer_id,
            ticket_id=ticket.id,
            revision=revision,
            to_name=name,
            to_email=email,
            locale=wanted.locale,
            sent_at=now,
        )
    )
    session.flush()
    emit(session, TicketSent(str(transfer_id)), now)
    record(session, BUYER, _deed(session, "transfer", ticket, before), now)


def take_back_ticket(
    session: Session, order_id: UUID, ticket_id: UUID, vault: CodeVault, now: datetime
) -> None:
    """Take a ticket back that the friend has not opened; the friend's code ends in the same step.

    Raises NotFoundError for a ticket that nobody was sent, TransferOpenedError, TicketVoidError,
    TicketBlockedError or AlreadyAdmittedError.
    """
    ticket = lock_ticket(session, order_id, ticket_id)
    transfer = live_transfer(session, ticket.id)
    if transfer is None:
        raise NotFoundError
    before = ticket.revision
    taken = session.execute(
        update(Transfer)
        .where(Transfer.id == transfer.id, Transfer.opened_at.is_(None), Transfer.taken_back_at.is_(None))
        .values(taken_back_at=now)
        .returning(Transfer.id)
    ).scalar_one_or_none()
    if taken is None:
        raise TransferOpenedError(tickets=[str(ticket.id)])
    reissue(session, vault, ticket, now)
    record(session, BUYER, _deed(session, "take_back_transfer", ticket, before), now)


def open_transfer(session: Session, transfer_id: UUID, now: datetime) -> None:
    """Let the friend have the ticket for good; done already is done.

    Raises NotFoundError, TransferTakenBackError or TicketVoidError.
    """
    transfer = session.get(Transfer, transfer_id)
    if transfer is None:
        raise NotFoundError
    ticket = session.scalars(
        select(Ticket)
        .where(Ticket.id == transfer.ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    session.refresh(transfer)
    if transfer.opened_at is not None:
        return
    if transfer.taken_back_at is not None:
        raise TransferTakenBackError
    if ticket.state != "valid":
        raise TicketVoidError(tickets=[str(ticket.id)])
    opened = session.execute(
        update(Transfer)
        .where(Transfer.id == transfer.id, Transfer.opened_at.is_(None), Transfer.taken_back_at.is_(None))
        .values(opened_at=now)
        .returning(Transfer.id)
    ).scalar_one_or_none()
    if opened is None:
        raise TransferTakenBackError
    record(session, BUYER, _deed(session, "open_transfer", ticket, ticket.revision), now)


def _require_no_swap(session: Session, ticket: Ticket) -> None:
    """Refuse a ticket that is being exchanged: it would be void as soon as the difference is paid."""
    pending = (
        select(Swap.id)
        .join(SwapTicket, SwapTicket.swap_id == Swap.id)
        .where(SwapTicket.ticket_id == ticket.id, Swap.status == "pending")
    )
    if session.scalars(pending).first() is not None:
        raise SwapPendingError


def _deed(session: Session, action: str, ticket: Ticket, before: int) -> Deed:
    """Return the deed; who the friend is stays in the table of transfers."""
    facts: dict[str, Any] = {"serial": ticket.serial, "place": ticket.label}
    return Deed(
        action=action,
        object_kind="order",
        object_id=session.scalars(select(Order.code).where(Order.id == ticket.order_id)).one(),
        before={"tickets": [{**facts, "revision": before}]},
        after={"tickets": [{**facts, "revision": ticket.revision}]},
    )
