"""How much of a payment is owed or has gone back: counted here and nowhere else, never past what came in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import RefundDue
from ticketing.sales.errors import MoreThanCapturedError
from ticketing.sales.models import Payment, Refund
from ticketing.sales.refund_rules import Method, split
from ticketing.sales.rules import PaymentState


def owe(session: Session, payment_id: UUID, amount_minor: int) -> None:
    """Count an amount against what was captured. Raises MoreThanCapturedError if so much is not left."""
    counted = session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.refunded_minor + amount_minor <= Payment.captured_minor)
        .values(refunded_minor=Payment.refunded_minor + amount_minor)
    )
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise MoreThanCapturedError


def owe_from_order(session: Session, order_id: UUID, amount_minor: int) -> list[tuple[Payment, int]]:
    """Count an amount against the payments of an order, the first ones first; return each one's part.

    The first payment is among them also when nothing is owed. Locks the payments in their order. Raises
    MoreThanCapturedError.
    """
    payments = session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.CAPTURED)
        .order_by(Payment.attempt)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    left = [payment.captured_minor - payment.refunded_minor for payment in payments]
    parts = split(amount_minor, left)
    if parts is None or not payments:
        raise MoreThanCapturedError(left=sum(left))
    shares = [(payment, part) for payment, part in zip(payments, parts, strict=True) if part]
    for payment, part in shares:
        owe(session, payment.id, part)
    return shares or [(payments[0], 0)]


def left_at_bank(session: Session, payment: Payment) -> int:
    """Return how much of a payment the gateway still has, by what is known to have gone back there."""
    gone = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment.id, Refund.status == "done", Refund.method == Method.ORIGINAL
    )
    return payment.captured_minor - session.scalars(gone).one()


def loss_at_bank(session: Session, payment_id: UUID) -> int:
    """Return how much of a payment went back in the gateway's own system and stands for nothing."""
    stands_for = case((Refund.method == Method.OUTSIDE, Refund.amount_minor), else_=0)
    loss = select(func.coalesce(func.sum(Refund.loss_minor - stands_for), 0))
    return int(session.scalars(loss.where(Refund.payment_id == payment_id)).one())


def refund_payment(
    session: Session, payment: Payment, amount_minor: int, reason: str, actor_name: str, now: datetime
) -> None:
    """Owe money of a payment that no ticket stands for; the caller posts it. Raises MoreThanCapturedError."""
    owe(session, payment.id, amount_minor)
    _ask_for(session, payment, amount_minor, reason, actor_name, now)


def refund_from_order(
    session: Session,
    order_id: UUID,
    amount_minor: int,
    reason: str,
    actor_name: str,
    now: datetime,
    *,
    part_of: UUID | None = None,
) -> None:
    """Owe money of an order's payments, the first ones first; the caller posts it.

    `part_of` is the refund that has the tickets, if there is one. Raises MoreThanCapturedError.
    """
    for payment, part in owe_from_order(session, order_id, amount_minor):
        _ask_for(session, payment, part, reason, actor_name, now, part_of=part_of)


def _ask_for(
    session: Session,
    payment: Payment,
    amount_minor: int,
    reason: str,
    actor_name: str,
    now: datetime,
    *,
    part_of: UUID | None = None,
) -> None:
    refund = Refund(
        id=new_id(now),
        order_id=payment.order_id,
        payment_id=payment.id,
        part_of=part_of,
        method=Method.ORIGINAL,
        amount_minor=amount_minor,
        fee_minor=0,
        currency=payment.currency,
        status="pending",
        reason=reason,
        actor_name=actor_name,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    emit(session, RefundDue(str(refund.id)), now)


def count_outside(session: Session, payment_id: UUID) -> None:
    """Count a locked payment's refunds again after one in the gateway's own system was made or has failed.

    What Kassa owes and what was given back there may together be more than came in: then all of it is counted
    as gone, the gateway will refuse what is too much, and staff will see.
    """
    stands = or_(Refund.outside.is_(False), Refund.status != "failed")
    total = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment_id, stands, Refund.method != Method.OUTSIDE
    )
    gone = session.scalars(total).one()
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id)
        .values(refunded_minor=case((Payment.captured_minor < gone, Payment.captured_minor), else_=gone))
    )
