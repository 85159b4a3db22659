"""Issuing tickets and making them void."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.security import CodeVault
from ticketing.inventory import claims
from ticketing.tickets.codes import RANDOM_BYTES, digest, new_code
from ticketing.tickets.errors import AlreadyAdmittedError, AlreadyRefundedError, TicketBlockedError
from ticketing.tickets.models import Ticket

_INSERT = insert(Ticket.__table__)  # type: ignore[arg-type]


class PlaceLostError(Exception):
    """A place is not the order's any more; the caller rolls back and looks for another way."""


@dataclass(frozen=True, kw_only=True)
class TicketToIssue:
    """A place with its price, paid or free for a reason."""

    screening_id: int
    place_id: int
    label: str
    band: str
    concession: str
    price_minor: int
    comp_reason: str | None


def issue(
    session: Session, vault: CodeVault, order_id: UUID, wanted: Sequence[TicketToIssue], now: datetime
) -> dict[int, UUID]:
    """Issue one ticket for each place that the order has; return them by place. Raises PlaceLostError."""
    issued = {ticket.place_id: new_id(now) for ticket in wanted}
    session.execute(
        _INSERT, [_row(ticket, issued[ticket.place_id], vault, order_id, now) for ticket in wanted]
    )
    if not claims.seat(session, order_id, issued):
        raise PlaceLostError
    return issued


def _row(
    ticket: TicketToIssue, ticket_id: UUID, vault: CodeVault, order_id: UUID, now: datetime
) -> dict[str, object]:
    code = new_code(secrets.token_bytes(RANDOM_BYTES))
    return {
        "id": ticket_id,
        "order_id": order_id,
        "screening_id": ticket.screening_id,
        "place_id": ticket.place_id,
        "label": ticket.label,
        "band": ticket.band,
        "concession": ticket.concession,
        "price_minor": ticket.price_minor,
        "comp_reason": ticket.comp_reason,
        "state": "valid",
        "issued_at": now,
        "revision": 1,
        "code_hash": digest(code),
        "code_sealed": vault.seal(code),
        "inside": False,
        "blocked": False,
    }


def void(
    session: Session, order_id: UUID, ticket_ids: Sequence[UUID], reason: str, now: datetime
) -> list[Ticket]:
    """Make tickets void and free their places at once; return them as they now are.

    Locks the ticket rows first, as scan, exchange and reissue do. Raises NotFoundError for a ticket that
    is not of this order, AlreadyRefundedError, TicketBlockedError or AlreadyAdmittedError with the tickets in
    question.
    """
    tickets = list(
        session.scalars(
            select(Ticket)
            .where(Ticket.id.in_(ticket_ids), Ticket.order_id == order_id)
            .order_by(Ticket.serial)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    if len(tickets) != len(set(ticket_ids)):
        raise NotFoundError
    already_void = [str(ticket.id) for ticket in tickets if ticket.state == "void"]
    if already_void:
        raise AlreadyRefundedError(tickets=already_void)
    blocked = [str(ticket.id) for ticket in tickets if ticket.blocked]
    if blocked:
        raise TicketBlockedError(tickets=blocked)
    admitted = [str(ticket.id) for ticket in tickets if ticket.admitted_at is not None]
    if admitted:
        raise AlreadyAdmittedError(tickets=admitted)
    for ticket in tickets:
        ticket.state, ticket.void_reason, ticket.voided_at = "void", reason, now
    session.flush()
    claims.free_tickets(session, [ticket.id for ticket in tickets])
    return tickets
