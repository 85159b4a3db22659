"""Passes in wallets as their holders may see them: the buyer's of a ticket, and a friend's of what was sent.

A pass's serial says whose it is, so its token keeps its meaning when the ticket changes hands: the buyer's
pass of a ticket that was sent has no code, whatever code the ticket has got since.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.foundation.clock import Clock
from ticketing.foundation.db import Database
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.outbox import Handler
from ticketing.foundation.security import CodeVault
from ticketing.sales.models import Order
from ticketing.sales.queries import TicketView, order_view, sent_ticket
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.changes import PassesChanged, ScreeningPassesChanged
from ticketing.tickets.wallet.models import WalletPass
from ticketing.tickets.wallet.registry import mark_changed, next_change

# So many passes are compared in one transaction: a large hall's take several.
_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class HeldPass:
    """A pass with what its holder sees: `code` is empty where somebody else has the ticket, or nobody.

    `order` is the order's code, and empty for a friend; `language` is what its holder is written to in.
    """

    serial: UUID
    ticket: TicketView
    code: str
    order: str
    language: str


def buyers_pass(ticket: TicketView, order: Order) -> HeldPass:
    """Return the pass of a ticket for the buyer of its order."""
    return HeldPass(
        serial=ticket.id,
        ticket=ticket,
        code=ticket.code if ticket.is_held and not _is_off(ticket) else "",
        order=order.code,
        language=order.locale,
    )


def friends_pass(ticket: TicketView, transfer: Transfer) -> HeldPass:
    """Return the pass of a ticket for the friend whom it was sent to."""
    return HeldPass(
        serial=transfer.id,
        ticket=ticket,
        # The view has a code for this friend alone, and only once the ticket is opened.
        code=ticket.code if ticket.state == "valid" and not _is_off(ticket) else "",
        order="",
        language=transfer.locale,
    )


def pass_of_serial(session: Session, serial: UUID, vault: CodeVault) -> HeldPass:
    """Return the pass that a serial is for. Raises NotFoundError."""
    order_id = session.scalar(select(Ticket.order_id).where(Ticket.id == serial))
    if order_id is None:
        sent = sent_ticket(session, serial, vault)
        return friends_pass(sent.ticket, sent.transfer)
    view = order_view(session, order_id, vault)
    ticket = next(one for one in view.tickets if one.id == serial)
    return buyers_pass(ticket, view.order)


def ticket_of_serial(session: Session, serial: UUID) -> UUID:
    """Return the ticket that a pass is of. Raises NotFoundError."""
    found = session.scalar(select(Ticket.id).where(Ticket.id == serial)) or session.scalar(
        select(Transfer.ticket_id).where(Transfer.id == serial)
    )
    if found is None:
        raise NotFoundError
    return found


def pass_facts(session: Session, passes: Mapping[UUID, UUID]) -> dict[UUID, bytes]:
    """Return a hash of what each pass says that can change, by serial; `passes` has the tickets."""
    tickets = set(passes.values())
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.state,
            Ticket.revision,
            Ticket.code_hash,
            Screening.title,
            Screening.starts_at,
            Screening.ends_at,
            Screening.hall_id,
            Screening.status,
            Screening.section_id,
            Screening.age_rating,
        )
        .join(Screening, Screening.id == Ticket.screening_id)
        .where(Ticket.id.in_(tickets))
    )
    known = {row.id: row for row in rows}
    transfers = session.execute(
        select(Transfer.id, Transfer.ticket_id, Transfer.revision, Transfer.opened_at, Transfer.taken_back_at)
        .where(Transfer.ticket_id.in_(tickets))
        .order_by(Transfer.id)
    ).all()
    return {
        serial: _facts(serial, known[ticket], [one for one in transfers if one.ticket_id == ticket])
        for serial, ticket in passes.items()
    }


def pass_handlers(database: Database, clock: Clock) -> Mapping[str, Handler]:
    """Return what notes the changes of passes that the outbox tells of; pushes follow (wallet/pushing.py)."""

    def tickets(payload: Mapping[str, Any]) -> None:
        wanted = [UUID(one) for one in payload["ticket_ids"]]
        _compare(database, clock, WalletPass.ticket_id.in_(wanted))

    def screening(payload: Mapping[str, Any]) -> None:
        _compare(database, clock, Ticket.screening_id == int(payload["screening_id"]))

    return {PassesChanged.kind: tickets, ScreeningPassesChanged.kind: screening}


def _compare(database: Database, clock: Clock, which: ColumnElement[bool]) -> None:
    """Give a number to those passes that say something else by now."""
    with database.reading() as session:
        found = session.execute(
            select(WalletPass.serial, WalletPass.ticket_id)
            .join(Ticket, Ticket.id == WalletPass.ticket_id)
            .where(which)
            .order_by(WalletPass.serial)
        )
        rest = iter([(row.serial, row.ticket_id) for row in found])
    while batch := dict(islice(rest, _BATCH)):
        with database.transaction() as session:
            # First the number, then the look: what is seen is at least as new as what others have noted.
            number = next_change(session)
            mark_changed(session, number, pass_facts(session, batch), clock.now())


def _facts(
    serial: UUID, ticket: Row[*tuple[object, ...]], transfers: Sequence[Row[*tuple[object, ...]]]
) -> bytes:
    """Return the hash; what is asked here is what `buyers_pass` and `friends_pass` ask."""
    if serial == ticket.id:
        is_theirs = all(one.taken_back_at is not None for one in transfers)
    else:
        is_theirs = any(
            one.id == serial and one.opened_at is not None and one.revision == ticket.revision
            for one in transfers
        )
    admits = is_theirs and ticket.state == "valid" and ticket.status != ScreeningStatus.CANCELLED
    said = (
        ticket.code_hash if admits else b"",
        ticket.title.kk,
        ticket.title.ru,
        ticket.title.en,
        ticket.starts_at.isoformat(),
        ticket.ends_at.isoformat(),
        ticket.hall_id,
        ticket.section_id,
        ticket.age_rating,
        ticket.status == ScreeningStatus.CANCELLED,
    )
    return hashlib.sha256(repr(said).encode()).digest()


def _is_off(ticket: TicketView) -> bool:
    return ticket.screening.status == ScreeningStatus.CANCELLED
