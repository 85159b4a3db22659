"""Payouts: what a gateway sent to the bank, compared line by line with what the books know."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.sales.affair_models import Dispute, Payout
from ticketing.sales.matters import Matter, open_matter, settle_matter
from ticketing.sales.models import Payment, Refund
from ticketing.sales.payments.port import Movement, PayoutState, PayoutStatus


def record_payout(
    session: Session, gateway: str, status: PayoutStatus, movements: Sequence[Movement], now: datetime
) -> str:
    """Record a payout and compare its movements with the books; return a word for the event's record.

    A movement that nobody knows, or of another amount, makes a difference that staff see until it is gone:
    a payout is compared again at each look.
    """
    row = session.get(Payout, (gateway, status.name), with_for_update=True)
    if row is None:
        row = Payout(gateway=gateway, name=status.name)
        session.add(row)
    row.state, row.amount_minor, row.currency = status.state, status.amount_minor, status.currency
    row.arrives_at = status.arrives_at
    row.gateway_minor = row.books_minor = row.unmatched = 0
    for movement in movements:
        booked = _booked(session, gateway, movement)
        row.gateway_minor += movement.amount_minor
        row.books_minor += booked or 0
        row.unmatched += booked != movement.amount_minor
    row.matched_at = now
    session.flush()
    _tell(session, row, _currency(movements, status), now)
    return f"payout_{status.state}"


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
    amount = session.scalar(
        select(Refund.amount_minor)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.gateway == gateway,
            Refund.name == movement.name,
            Refund.currency == movement.currency,
        )
    )
    # A positive one is a refund that came back.
    return amount if amount is None or movement.amount_minor > 0 else -amount


def _tell(session: Session, row: Payout, currency: str, now: datetime) -> None:
    if row.unmatched or row.gateway_minor != row.books_minor:
        differs = Matter(
            gateway=row.gateway,
            kind="payout_differs",
            subject=row.name,
            amount_minor=row.gateway_minor - row.books_minor,
            currency=currency,
        )
        open_matter(session, differs, now)
    else:
        settle_matter(session, row.gateway, "payout_differs", row.name, now)
    if row.state == PayoutState.FAILED:
        failed = Matter(
            gateway=row.gateway,
            kind="payout_failed",
            subject=row.name,
            amount_minor=row.amount_minor,
            currency=row.currency,
        )
        open_matter(session, failed, now)


def _currency(movements: Sequence[Movement], status: PayoutStatus) -> str:
    return movements[0].currency if movements else status.currency
