"""Undecided money as staff see it: what it is about, and what they may decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.refund_form import refundable
from ticketing.foundation.money import Money
from ticketing.foundation.security import CodeVault
from ticketing.sales.affair_models import Dispute, Matter
from ticketing.sales.disputes import dispute_state
from ticketing.sales.failed_refunds import is_at_bank
from ticketing.sales.matters import decided_matters, open_matters
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.owing import loss_at_bank
from ticketing.sales.payments.port import DisputeState
from ticketing.sales.queries import OrderView, TicketView, order_view
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.registering import REFUSED
from ticketing.sales.rules import OrderStatus, PaymentState

_DECIDED = 15


class Decision(StrEnum):
    """What staff can do about a matter."""

    ACCEPT = "accept"
    BACK = "back"
    RETRY = "retry"
    CASH = "cash"
    DISPUTE = "dispute"
    OUTSIDE = "outside"
    REFUND = "refund"
    TICKETS = "tickets"
    LOSS = "loss"
    SEND = "send"
    CLOSE = "close"


# Nothing comes of these without words for the audit trail: they end a matter beside the bank.
NEEDS_REASON = frozenset({Decision.CASH, Decision.DISPUTE, Decision.OUTSIDE, Decision.LOSS, Decision.CLOSE})


@dataclass(frozen=True, kw_only=True)
class OpenMatter:
    """A matter with its order, refund and payment where it has them; `decisions` with the likeliest first."""

    matter: Matter
    amount: Money
    view: OrderView | None
    refund: Refund | None
    payment: Payment | None
    receipt: Receipt | None
    # Of the payment that a failed refund is of: while it is open, nothing can be decided.
    dispute: DisputeState | None
    # Of a failed refund: its money has gone back in the bank's own system.
    at_bank: bool
    tickets: Sequence[TicketView]
    decisions: Sequence[Decision]


@dataclass(frozen=True, kw_only=True)
class MoneyPage:
    """What is to be decided; disputes to answer at the bank; refunds under way; the last decisions."""

    matters: Sequence[OpenMatter]
    disputes: Sequence[tuple[Dispute, str]]
    under_way: int
    under_way_minor: int
    decided: Sequence[tuple[Matter, str]]


def money_page(session: Session, vault: CodeVault) -> MoneyPage:
    """Return everything that the page of undecided money shows."""
    disputes = session.execute(
        select(Dispute, Order.code)
        .join(Order, Order.id == Dispute.order_id)
        .where(Dispute.state == DisputeState.OPEN)
        .order_by(Dispute.due_by, Dispute.opened_at)
    ).all()
    under_way = session.execute(
        select(func.count(), func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.status == "pending"
        )
    ).one()
    decided = decided_matters(session, _DECIDED)
    ids = {one.order_id for one in decided if one.order_id is not None}
    codes = {
        row.id: row.code for row in session.execute(select(Order.id, Order.code).where(Order.id.in_(ids)))
    }
    return MoneyPage(
        matters=[_open(session, matter, vault) for matter in open_matters(session)],
        disputes=[(row.Dispute, row.code) for row in disputes],
        under_way=under_way[0],
        under_way_minor=int(under_way[1]),
        decided=[(one, codes.get(one.order_id, "") if one.order_id else "") for one in decided],
    )


def open_matter_by_id(session: Session, matter_id: UUID, vault: CodeVault) -> OpenMatter | None:
    """Return a matter that is still to be decided."""
    matter = session.get(Matter, matter_id)
    return None if matter is None or matter.closed_at is not None else _open(session, matter, vault)


def _open(session: Session, matter: Matter, vault: CodeVault) -> OpenMatter:
    view = order_view(session, matter.order_id, vault) if matter.order_id else None
    refund = _refund(view, matter)
    payment = None
    if view is not None:
        payment = next((one for one in view.payments if one.session == matter.subject), None)
    dispute, at_bank = None, False
    ends: list[Decision] = []
    if refund is not None and refund.payment_id is not None:
        dispute = dispute_state(session, refund.payment_id)
        at_bank = is_at_bank(session, refund, session.get_one(Payment, refund.payment_id))
        is_lost = loss_at_bank(session, refund.payment_id) > 0
        ends = _of_failed(dispute, at_bank=at_bank, is_lost=is_lost)
    return OpenMatter(
        matter=matter,
        amount=Money(matter.amount_minor, matter.currency),
        view=view,
        refund=refund,
        payment=payment,
        receipt=_receipt(view, matter),
        dispute=dispute,
        at_bank=at_bank,
        tickets=refundable(view) if view is not None else [],
        decisions=_decisions(matter, view, refund, payment, ends),
    )


def _refund(view: OrderView | None, matter: Matter) -> Refund | None:
    if view is None:
        return None
    return next((one for one in view.refunds if matter.subject in (str(one.id), one.name)), None)


def _receipt(view: OrderView | None, matter: Matter) -> Receipt | None:
    if view is None or matter.kind != REFUSED:
        return None
    return next((one for one in view.receipts if str(one.number) == matter.subject), None)


def _decisions(
    matter: Matter,
    view: OrderView | None,
    refund: Refund | None,
    payment: Payment | None,
    ends: list[Decision],
) -> list[Decision]:
    """Return what can be done. What is owed or set aside is never just closed while Kassa can end it."""
    if matter.kind == "refund_failed" and refund is not None and refund.status == "failed":
        return ends
    match matter.kind:
        case "amount_differs" if payment is not None and view is not None:
            if payment.state != PaymentState.PARKED or payment.currency != matter.currency:
                return [Decision.CLOSE]
            is_open = view.order.status in (OrderStatus.PENDING, OrderStatus.EXPIRED)
            pays = is_open and payment.captured_minor >= view.order.total_minor
            return [Decision.ACCEPT, Decision.BACK] if pays else [Decision.BACK]
        case "refund_outside" if view is not None:
            return [Decision.TICKETS, Decision.LOSS] if refundable(view) else [Decision.LOSS]
        case "early_fraud_warning" if view is not None and refundable(view):
            return [Decision.REFUND, Decision.CLOSE]
        case _:
            return [Decision.SEND if matter.kind == REFUSED and view is not None else Decision.CLOSE]


def _of_failed(dispute: DisputeState | None, *, at_bank: bool, is_lost: bool) -> list[Decision]:
    """Return what can be done about a failed refund.

    Nothing while its payment is disputed, or before what was made at the bank instead is booked as a loss.
    """
    if dispute is DisputeState.OPEN:
        return []
    if at_bank:
        return [Decision.OUTSIDE] if is_lost else []
    ways = [Decision.RETRY, Decision.CASH]
    return [Decision.DISPUTE, *ways] if dispute is DisputeState.LOST else ways
