"""An order as JSON of the public contract, read with Core statements: every purchase passes here."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.money import Money
from ticketing.foundation.security import CodeVault
from ticketing.inventory.models import Place
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.receipt_models import Receipt
from ticketing.sales.rules import PAYABLE_STATES, OrderStatus, PaymentState
from ticketing.sales.swap_json import swaps_json
from ticketing.sales.transfer_json import LIVE_TRANSFER, TRANSFER_COLUMNS, transfer_json
from ticketing.sales.transfer_models import Transfer
from ticketing.sales.voucher_models import VoucherCode, VoucherUse
from ticketing.sales.voucher_rules import in_groups
from ticketing.tickets.models import Ticket

_O, _P, _R = Order.__table__.c, Payment.__table__.c, Refund.__table__.c
_RC = Receipt.__table__.c
_T, _PLACE = Ticket.__table__.c, Place.__table__.c
_ORDER = select(
    _O.code, _O.status, _O.total_minor, _O.saved_minor, _O.currency, _O.created_at, _O.pay_until, _O.locale
).where(_O.id == bindparam("order"))
_VOUCHERS = (
    select(
        VoucherCode.__table__.c.code, VoucherUse.__table__.c.saved_minor, VoucherCode.__table__.c.left_minor
    )
    .join(VoucherUse.__table__, VoucherUse.__table__.c.code_id == VoucherCode.__table__.c.id)
    .where(VoucherUse.__table__.c.order_id == bindparam("order"))
)
_PAYMENTS = (
    select(_P.attempt, _P.gateway, _P.state, _P.amount_minor, _P.currency, _P.url)
    .where(_P.order_id == bindparam("order"))
    .order_by(_P.attempt)
)
_TICKETS = (
    select(
        _T.id,
        _T.code_sealed,
        _T.state,
        *TRANSFER_COLUMNS,
        _T.void_reason,
        _T.label,
        _T.band,
        _T.concession,
        _T.price_minor,
        _PLACE.row,
        _PLACE.number,
        Screening.__table__.c.code.label("screening"),
    )
    .join(Place.__table__, _PLACE.id == _T.place_id)
    .join(Screening.__table__, Screening.__table__.c.id == _T.screening_id)
    .join(Transfer.__table__, LIVE_TRANSFER, isouter=True)
    .where(_T.order_id == bindparam("order"))
    .order_by(Screening.__table__.c.starts_at, _PLACE.place_no, _T.serial)
)
_REFUNDS = (
    select(
        _R.id,
        _R.status,
        _R.amount_minor,
        _R.fee_minor,
        _R.currency,
        _R.reason,
        _R.method,
        _R.part_of,
        _R.created_at,
        RefundTicket.ticket_id,
    )
    .join(RefundTicket.__table__, RefundTicket.refund_id == _R.id, isouter=True)
    .where(_R.order_id == bindparam("order"))
    .order_by(_R.created_at, _R.id)
)
_RECEIPTS = (
    select(_RC.number, _RC.kind, _RC.amount_minor, _RC.tax_minor, _RC.at, _RC.sign)
    .where(_RC.order_id == bindparam("order"))
    .order_by(_RC.number)
)

_AnyRow = Row[*tuple[Any, ...]]


def order_json(session: Session, order_id: UUID, vault: CodeVault, base_url: str) -> dict[str, Any]:
    """Return an order as its owner sees it; `base_url` begins the addresses of PDFs. Raises NotFoundError."""
    order = session.execute(_ORDER, {"order": order_id}).one_or_none()
    if order is None:
        raise NotFoundError
    payments = session.execute(_PAYMENTS, {"order": order_id}).all()
    pending = order.status == OrderStatus.PENDING
    # Staff decide on money that came: paying again would be twice.
    in_review = any(p.state == PaymentState.PARKED for p in payments)
    printed = f"{base_url}/{order.locale}/tickets/{order.code}"
    tickets = [] if pending else session.execute(_TICKETS, {"order": order_id}).all()
    return {
        "order": order.code,
        "status": order.status,
        "total": Money(order.total_minor, order.currency).to_json(),
        "saved": Money(order.saved_minor, order.currency).to_json(),
        "vouchers": _vouchers(session, order_id, order.currency) if order.saved_minor else [],
        "created_at": order.created_at.isoformat(),
        "pay_until": order.pay_until.isoformat() if pending else None,
        "payment": next(
            (
                {"gateway": p.gateway, "url": p.url}
                for p in payments
                if p.state in PAYABLE_STATES and not in_review
            ),
            None,
        ),
        "tickets": [_ticket(ticket, order.currency, vault, printed) for ticket in tickets],
        "payments": [
            {
                "attempt": payment.attempt,
                "gateway": payment.gateway,
                "status": payment.state,
                "amount": Money(payment.amount_minor, payment.currency).to_json(),
            }
            for payment in payments
        ],
        "refunds": [] if pending else refunds_json(session, order_id, order.code),
        "receipts": [] if pending else _receipts(session, order_id, order.currency),
        "swaps": [] if pending else swaps_json(session, order_id, order.currency),
    }


def _receipts(session: Session, order_id: UUID, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "number": receipt.number,
            "kind": receipt.kind,
            "amount": Money(receipt.amount_minor, currency).to_json(),
            "tax": Money(receipt.tax_minor, currency).to_json(),
            "at": receipt.at.isoformat(),
            "fiscal_sign": receipt.sign or None,
        }
        for receipt in session.execute(_RECEIPTS, {"order": order_id})
    ]


def refunds_json(session: Session, order_id: UUID, order_code: str) -> list[dict[str, Any]]:
    """Return an order's refunds; `tickets` is empty where money came without a place.

    One that comes from several payments is one refund, as far as the slowest of its `parts`.
    """
    refunds: dict[UUID, list[_AnyRow]] = defaultdict(list)
    seen: set[UUID] = set()
    tickets: dict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(_REFUNDS, {"order": order_id}):
        if row.id not in seen:
            refunds[row.part_of or row.id].append(row)
            seen.add(row.id)
        if row.ticket_id is not None:
            tickets[row.id].append(str(row.ticket_id))
    return [_refund(refund_id, parts, order_code, tickets[refund_id]) for refund_id, parts in refunds.items()]


def _refund(refund_id: UUID, parts: list[_AnyRow], order_code: str, tickets: list[str]) -> dict[str, Any]:
    parts = sorted(parts, key=lambda part: part.id != refund_id)
    first = parts[0]
    states = {part.status for part in parts}
    return {
        "refund": str(refund_id),
        "order": order_code,
        "status": next(state for state in ("failed", "pending", "done") if state in states),
        "method": first.method,
        "amount": Money(sum(part.amount_minor for part in parts), first.currency).to_json(),
        "fee": Money(first.fee_minor, first.currency).to_json(),
        "reason": first.reason,
        "created_at": first.created_at.isoformat(),
        "tickets": tickets,
        "parts": [
            {
                "amount": Money(part.amount_minor, part.currency).to_json(),
                "status": part.status,
                "method": part.method,
            }
            for part in parts
        ],
    }


def _vouchers(session: Session, order_id: UUID, currency: str) -> list[dict[str, Any]]:
    return [
        voucher_json(in_groups(use.code), use.saved_minor, use.left_minor, currency)
        for use in session.execute(_VOUCHERS, {"order": order_id})
    ]


def voucher_json(code: str, saved_minor: int, left_minor: int | None, currency: str) -> dict[str, Any]:
    """Return a voucher with what it saves; of a gift code also what it has left."""
    left = {} if left_minor is None else {"left": Money(left_minor, currency).to_json()}
    return {"voucher": code, "saved": Money(saved_minor, currency).to_json(), **left}


def _ticket(ticket: _AnyRow, currency: str, vault: CodeVault, printed: str) -> dict[str, Any]:
    # Whom it was sent to has it alone.
    transfer = transfer_json(ticket)
    return {
        "ticket": str(ticket.id),
        "code": vault.open(ticket.code_sealed) if transfer is None else None,
        "transferred": transfer is not None,
        "transfer": transfer,
        "status": ticket.state,
        "void_reason": ticket.void_reason,
        "screening": ticket.screening,
        "place": ticket.label,
        "row": ticket.row,
        "number": ticket.number,
        "band": ticket.band,
        "concession": ticket.concession,
        "price": Money(ticket.price_minor, currency).to_json(),
        "pdf": f"{printed}-{ticket.id}.pdf" if ticket.state == "valid" and transfer is None else None,
    }
