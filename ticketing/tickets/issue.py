"""Issuing tickets and making them void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.security import CodeVault
from ticketing.inventory import claims
from ticketing.tickets.coding import CodeMaker, code_maker, next_serials
from ticketing.tickets.errors import AlreadyAdmittedError, AlreadyRefundedError, TicketBlockedError
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.changes import tickets_changed

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
    maker = code_maker(session, vault, now)
    rows = [_row(ticket, issued[ticket.place_id], order_id, now) for ticket in wanted]
    # A signed code names the ticket's serial, so that must be known before the row is there.
    serials = next_serials(session, len(rows)) if maker.signs else [None] * len(rows)
    session.execute(
        _INSERT, [row | _code(maker, row, serial) for row, serial in zip(rows, serials, strict=True)]
    )
    if not claims.seat(session, order_id, issued):
        raise PlaceLostError
    return issued


def _code(maker: CodeMaker, row: Mapping[str, Any], serial: int | None) -> dict[str, object]:
    if serial is None:
        return maker.opaque().columns()
    facts = {name: row[name] for name in ("screening_id", "revision", "concession")}
    return {"serial": serial} | maker.fresh(serial=serial, **facts).columns()


def _row(ticket: TicketToIssue, ticket_id: UUID, order_id: UUID, now: datetime) -> dict[str, object]:
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
        "inside": False,
        "blocked": False,
    }


def void(
    session: Session,
    order_id: UUID,
    ticket_ids: Sequence[UUID],
    reason: str,
    now: datetime,
    *,
    even_admitted: frozenset[int] = frozenset(),
) -> list[Ticket]:
    """Make tickets void and free their places at once; return them as they now are.

    Of the screenings in `even_admitted` also tickets that somebody has entered with.

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
    admitted = [
        str(ticket.id)
        for ticket in tickets
        if ticket.admitted_at is not None and ticket.screening_id not in even_admitted
    ]
    if admitted:
        raise AlreadyAdmittedError(tickets=admitted)
    for ticket in tickets:
        ticket.state, ticket.void_reason, ticket.voided_at = "void", reason, now
    session.flush()
    claims.free_tickets(session, [ticket.id for ticket in tickets])
    tickets_changed(session, [ticket.id for ticket in tickets], now)
    return tickets
