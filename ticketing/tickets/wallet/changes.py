"""Word to the outbox that tickets changed which phones have passes of; nothing where no phone has one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.outbox import emit
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.models import WalletPass


@dataclass(frozen=True)
class PassesChanged:
    """The passes of these tickets may say something else now."""

    kind: ClassVar[str] = "passes_changed"
    ticket_ids: list[str]


@dataclass(frozen=True)
class ScreeningPassesChanged:
    """The passes of every ticket of a screening may say something else now."""

    kind: ClassVar[str] = "screening_passes_changed"
    screening_id: int


def tickets_changed(session: Session, ticket_ids: Collection[UUID], now: datetime) -> None:
    """Let phones hear of tickets that became void or got another code or owner."""
    query = select(WalletPass.ticket_id).where(WalletPass.ticket_id.in_(ticket_ids)).distinct()
    watched = sorted(str(ticket) for ticket in session.scalars(query))
    if watched:
        emit(session, PassesChanged(watched), now)


def screening_changed(session: Session, screening_id: int, now: datetime) -> None:
    """Let phones hear of a screening that moved, is cancelled or is called otherwise."""
    query = (
        select(WalletPass.serial)
        .join(Ticket, Ticket.id == WalletPass.ticket_id)
        .where(Ticket.screening_id == screening_id)
        .limit(1)
    )
    if session.scalar(query) is not None:
        emit(session, ScreeningPassesChanged(screening_id), now)
