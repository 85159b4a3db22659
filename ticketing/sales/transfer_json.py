"""Transfers as JSON of the public contract."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket

_TR = Transfer.__table__.c
LIVE_TRANSFER = and_(_TR.ticket_id == Ticket.__table__.c.id, _TR.taken_back_at.is_(None))
TRANSFER_COLUMNS = (
    _TR.id.label("transfer_id"),
    _TR.to_name,
    _TR.to_email,
    _TR.sent_at,
    _TR.opened_at,
)
_ONE = select(*TRANSFER_COLUMNS).where(_TR.id == bindparam("transfer"))


def transfer_json(row: Row[*tuple[Any, ...]]) -> dict[str, Any] | None:
    """Return the transfer in a row of TRANSFER_COLUMNS; None where there is none."""
    if row.transfer_id is None:
        return None
    return {
        "transfer": str(row.transfer_id),
        "to": {"name": row.to_name, "email": row.to_email},
        "sent_at": row.sent_at.isoformat(),
        "opened_at": None if row.opened_at is None else row.opened_at.isoformat(),
    }


def one_transfer(session: Session, transfer_id: UUID) -> dict[str, Any]:
    """Return a transfer for whoever made it, also one that was taken back since."""
    row = session.execute(_ONE, {"transfer": transfer_id}).one()
    return transfer_json(row) or {}
