"""The ledger: double entry, debit positive. Reports read it; nothing in it is ever changed.

Accounts: `gateway` money that a gateway holds for us; `tickets` the price of valid tickets; `fees` what
was kept of refunds; `refunds_owed` money on its way back; `parked` money that staff must decide on;
`disputed` the price of tickets whose money a buyer's bank wants back, and refunds that it took so;
`withheld` what it holds meanwhile, or has kept; `cash` what came into the till or went out of it; `losses`
what went back beyond any ticket. So for each order (I3): gateway + withheld + cash = -(tickets + fees +
refunds_owed + parked + disputed + losses), and `tickets` is minus the price of its valid tickets that nobody
disputes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ticketing.foundation.ids import new_id
from ticketing.sales.models import LedgerLine

_INSERT = insert(LedgerLine.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Side:
    """One line to be: debit positive, minor units."""

    account: str
    amount_minor: int
    screening_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class EntryOf:
    """What an entry is about."""

    kind: str
    order_id: UUID
    gateway: str
    currency: str
    # Of whoever moves cash; lines of other accounts have none.
    shift: UUID | None = None


def post(session: Session, about: EntryOf, sides: Sequence[Side], now: datetime) -> UUID:
    """Write one entry and return its id; sides of nothing are left out.

    Raises ValueError unless debits equal credits.
    """
    if sum(side.amount_minor for side in sides):
        raise ValueError("an entry must add up to nothing")
    entry = new_id(now)
    lines = [
        {
            "entry": entry,
            "at": now,
            "kind": about.kind,
            "order_id": about.order_id,
            "screening_id": side.screening_id,
            "shift_id": about.shift if side.account == "cash" else None,
            "gateway": about.gateway,
            "account": side.account,
            "amount_minor": side.amount_minor,
            "currency": about.currency,
        }
        for side in sides
        if side.amount_minor
    ]
    if lines:
        session.execute(_INSERT, lines)
    return entry
