"""Payouts: what a gateway sent to the bank, compared line by line with what the books know."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ticketing.sales.affair_models import Dispute, Payout
from ticketing.sales.matters import Matter, open_matter, settle_matter
from ticketing.sales.models import Payment, Refund
from ticketing.sales.payments.port import (
    GatewayRefusedError,
    Movement,
    PayingOut,
    PayoutState,
    PayoutStatus,
)
from ticketing.sales.receipt_models import RefundName

_log = logging.getLogger(__name__)


def movements_of(gateway: PayingOut, name: str) -> Sequence[Movement] | None:
    """Ask a gateway what a payout is made of; None if it does not tell, as of one that was made by hand.

    Raises GatewayUnreachableError.
    """
    try:
        return gateway.movements(name)
    except GatewayRefusedError as refusal:
        _log.warning("payout %s cannot be compared: %s", name, refusal.code)
        return None


def record_payout(
    session: Session, gateway: str, status: PayoutStatus, movements: Sequence[Movement] | None, now: datetime
) -> str:
    """Record a payout and compare its movements with the books; return a word for the event's record.

    Without movements (None) nothing is compared, and what was compared before stands.
    A movement that nobody knows, or of another amount, makes a difference that staff see until it is gone;
    so does a payout that is not the sum of its movements less the fees. Each look compares it again.
    """
    row = session.get(Payout, (gateway, status.name), with_for_update=True)
    if row is None:
        row = Payout(gateway=gateway, name=status.name)
        session.add(row)
    row.state, row.amount_minor, row.currency = status.state, status.amount_minor, status.currency
    row.arrives_at = status.arrives_at
    if movements is not None:
        _compare(session, row, movements, status, now)
    session.flush()
    if row.state == PayoutState.FAILED:
        failed = Matter(
            gateway=row.gateway,
            kind="payout_failed",
            subject=row.name,
            amount_minor=row.amount_minor,
            currency=row.currency,
        )
        open_matter(session, failed, now)
    return f"payout_{status.state}"


def _compare(
    session: Session, row: Payout, movements: Sequence[Movement], status: PayoutStatus, now: datetime
) -> None:
    row.gateway_minor = row.books_minor = row.settled_minor = row.unmatched = 0
    for movement in movements:
        row.settled_minor += movement.settled_minor
        if movement.kind == "own":
            continue
        booked = _booked(session, row.gateway, movement)
        row.gateway_minor += movement.amount_minor
        row.books_minor += booked or 0
        row.unmatched += booked != movement.amount_minor
    row.matched_at = now
    _tell(session, row, _currency(movements, status), now)


def _booked(session: Session, gateway: str, movement: Movement) -> int | None:
    """Return what the books say of a movement, or None if they say nothing."""
    match movement.kind:
        case "charge":
            query = select(Payment.captured_minor).where(
                Payment.gateway == gateway,
                Payment.reference == movement.name,
                Payment.currency == movement.currency,
            )
            return session.scalar(query)
        case "refund":
            return _booked_refund(session, gateway, movement)
        case "dispute":
            amount = session.scalar(
                select(Dispute.amount_minor).where(
                    Dispute.gateway == gateway,
                    Dispute.name == movement.name,
                    Dispute.currency == movement.currency,
                )
            )
            return amount if amount is None or movement.amount_minor > 0 else -amount
    return None


def _booked_refund(session: Session, gateway: str, movement: Movement) -> int | None:
    earlier = select(RefundName.refund_id).where(
        RefundName.gateway == gateway, RefundName.name == movement.name
    )
    amount = session.scalar(
        select(Refund.amount_minor)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.gateway == gateway,
            or_(Refund.name == movement.name, Refund.id.in_(earlier)),
            Refund.currency == movement.currency,
        )
    )
    # A positive one is a refund that came back.
    return amount if amount is None or movement.amount_minor > 0 else -amount


def _tell(session: Session, row: Payout, currency: str, now: datetime) -> None:
    if row.unmatched or row.gateway_minor != row.books_minor:
        amount, of_currency = row.gateway_minor - row.books_minor, currency
    elif row.settled_minor != row.amount_minor:
        amount, of_currency = row.amount_minor - row.settled_minor, row.currency
    else:
        settle_matter(session, row.gateway, "payout_differs", row.name, now)
        return
    differs = Matter(
        gateway=row.gateway,
        kind="payout_differs",
        subject=row.name,
        amount_minor=amount,
        currency=of_currency,
    )
    open_matter(session, differs, now)


def _currency(movements: Sequence[Movement], status: PayoutStatus) -> str:
    return movements[0].currency if movements else status.currency
