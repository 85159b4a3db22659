"""Swaps as JSON of the public contract."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.money import Money
from ticketing.sales.swap_models import Swap, SwapLine, SwapTicket

_S, _T, _L = Swap.__table__.c, SwapTicket.__table__.c, SwapLine.__table__.c
_SWAPS = (
    select(_S.id, _S.status, _S.difference_minor, _S.pay_until, _S.reason, _S.created_at)
    .where(_S.order_id == bindparam("order"))
    .order_by(_S.created_at, _S.id)
)
_TICKETS = (
    select(_T.swap_id, _T.ticket_id)
    .join(Swap.__table__, _S.id == _T.swap_id)
    .where(_S.order_id == bindparam("order"))
)
_LINES = (
    select(_L.swap_id, _L.label, _L.price_minor, Screening.__table__.c.code)
    .join(Swap.__table__, _S.id == _L.swap_id)
    .join(Screening.__table__, Screening.__table__.c.id == _L.screening_id)
    .where(_S.order_id == bindparam("order"))
    .order_by(_L.swap_id, _L.line_no)
)


def swaps_json(session: Session, order_id: UUID, currency: str) -> list[dict[str, Any]]:
    """Return an order's swaps, the first one first; a `difference` below nothing went back."""
    swaps = session.execute(_SWAPS, {"order": order_id}).all()
    if not swaps:
        return []
    tickets: dict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(_TICKETS, {"order": order_id}):
        tickets[row.swap_id].append(str(row.ticket_id))
    places: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for line in session.execute(_LINES, {"order": order_id}):
        price = Money(line.price_minor, currency).to_json()
        places[line.swap_id].append({"screening": line.code, "place": line.label, "price": price})
    return [
        {
            "swap": str(swap.id),
            "status": swap.status,
            "difference": Money(swap.difference_minor, currency).to_json(),
            "pay_until": swap.pay_until.isoformat() if swap.status == "pending" else None,
            "reason": swap.reason,
            "created_at": swap.created_at.isoformat(),
            "tickets": tickets[swap.id],
            "places": places[swap.id],
        }
        for swap in swaps
    ]
