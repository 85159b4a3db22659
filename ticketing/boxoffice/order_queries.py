"""One order as the desk sees it: what the buyer sees, and beside it money, scans, mails and deeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.desk_queries import has_refunds_pending, has_tickets_refunded
from ticketing.boxoffice.rules import DeskState, desk_state
from ticketing.door.facts import admitted_counts
from ticketing.door.models import Device, Scan
from ticketing.foundation.models import MailEntry
from ticketing.foundation.money import Money
from ticketing.foundation.security import CodeVault
from ticketing.sales.affair_models import Dispute
from ticketing.sales.disputes import disputes_of
from ticketing.sales.models import LedgerLine
from ticketing.sales.payments.port import DisputeState
from ticketing.sales.queries import OrderView, TicketView, order_id_by_code, order_view
from ticketing.staff.mailbox import mails_about
from ticketing.staff.models import AuditEntry
from ticketing.staff.queries import entries_about


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What the ledger says of an order, each amount as people count it."""

    captured: Money
    refunded: Money
    under_way: Money
    fees: Money
    losses: Money
    parked: Money
    disputed: Money
    withheld: Money
    tickets: Money


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """A scan of one of the order's tickets. Verdict and reason are those that the device finally showed."""

    at: datetime
    ticket: TicketView
    verdict: str
    reason: str
    gate: str
    device: str
    offline: bool


@dataclass(frozen=True, kw_only=True)
class DeskOrder:
    """Everything about one order. `inside` counts who has entered each of its screenings."""

    view: OrderView
    state: DeskState
    balance: Balance
    scans: Sequence[ScanRow]
    mails: Sequence[MailEntry]
    deeds: Sequence[AuditEntry]
    inside: dict[int, int]
    disputes: Sequence[Dispute]


def desk_order(session: Session, code: str, vault: CodeVault) -> DeskOrder:
    """Return an order by its code. Raises NotFoundError."""
    order_id = order_id_by_code(session, code)
    view = order_view(session, order_id, vault)
    return DeskOrder(
        view=view,
        state=desk_state(
            view.order.status,
            total_minor=view.order.total_minor,
            refunded=bool(has_tickets_refunded(session, [order_id])),
            refund_pending=bool(has_refunds_pending(session, [order_id])),
        ),
        balance=_balance(session, view),
        scans=_scans(session, view),
        mails=mails_about(session, code),
        deeds=entries_about(session, "order", code),
        inside=dict(admitted_counts(session, [ticket.screening.id for ticket in view.tickets])),
        disputes=[one for one in disputes_of(session, order_id) if one.state != DisputeState.WON],
    )


def _balance(session: Session, view: OrderView) -> Balance:
    """Add up the ledger: a gateway's account rises with payments and falls with refunds (sales/ledger.py)."""
    lines = session.execute(
        select(LedgerLine.account, LedgerLine.amount_minor, LedgerLine.kind).where(
            LedgerLine.order_id == view.order.id
        )
    ).all()
    # What a bank withholds in a dispute is neither a payment nor a refund.
    money = [
        line.amount_minor for line in lines if line.account in ("gateway", "cash") and line.kind != "dispute"
    ]

    def credit(account: str) -> Money:
        return Money(
            -sum(line.amount_minor for line in lines if line.account == account), view.order.currency
        )

    return Balance(
        captured=Money(sum(amount for amount in money if amount > 0), view.order.currency),
        refunded=Money(-sum(amount for amount in money if amount < 0), view.order.currency),
        under_way=credit("refunds_owed"),
        fees=credit("fees"),
        losses=Money(-credit("losses").minor, view.order.currency),
        parked=credit("parked"),
        disputed=credit("disputed"),
        withheld=Money(-credit("withheld").minor, view.order.currency),
        tickets=credit("tickets"),
    )


def _scans(session: Session, view: OrderView) -> list[ScanRow]:
    tickets = {ticket.id: ticket for ticket in view.tickets}
    rows = session.execute(
        select(
            Scan.ticket_id,
            Scan.corrected_at,
            func.coalesce(Scan.final_verdict, Scan.verdict).label("verdict"),
            func.coalesce(Scan.final_reason, Scan.reason).label("reason"),
            Scan.gate,
            Scan.offline,
            Device.name,
        )
        .join(Device, Device.id == Scan.device_id)
        .where(Scan.ticket_id.in_(tickets))
        .order_by(Scan.corrected_at.desc(), Scan.id.desc())
    )
    return [
        ScanRow(
            at=row.corrected_at,
            ticket=tickets[row.ticket_id],
            verdict=row.verdict,
            reason=row.reason,
            gate=row.gate,
            device=row.name,
            offline=row.offline,
        )
        for row in rows
    ]
