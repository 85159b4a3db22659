"""Whether an order may be paid once more: nobody is asked for money that would only go back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.inventory.errors import NotOnSaleError
from ticketing.sales.errors import OrderNotPayableError, PaymentInReviewError, PaymentOpenError
from ticketing.sales.models import Order, OrderLine, Payment
from ticketing.sales.queries import open_attempt
from ticketing.sales.rules import OrderStatus, PaymentState

_UNPAID = (OrderStatus.PENDING, OrderStatus.EXPIRED)


def is_parked() -> ColumnElement[bool]:
    """Return the condition of a query of orders: money came that staff must decide on."""
    return exists().where(Payment.order_id == Order.id, Payment.state == PaymentState.PARKED)


def has_parked(session: Session, order_id: UUID) -> bool:
    """Tell whether money of an order waits for staff's decision."""
    return session.scalar(select(Order.id).where(Order.id == order_id, is_parked())) is not None


def cancelled_screening(session: Session, order_id: UUID) -> str | None:
    """Return the code of a screening of an order that will not take place."""
    return session.scalars(
        select(Screening.code)
        .join(OrderLine, OrderLine.screening_id == Screening.id)
        .where(OrderLine.order_id == order_id, Screening.status == ScreeningStatus.CANCELLED)
        .order_by(Screening.id)
        .limit(1)
    ).first()


def require_payable(session: Session, order: Order, now: datetime) -> None:
    """Refuse another attempt to pay a locked order where there is nothing to pay.

    Raises PaymentInReviewError, NotOnSaleError, OrderNotPayableError or PaymentOpenError.
    """
    if order.status in _UNPAID:
        if has_parked(session, order.id):
            raise PaymentInReviewError
        cancelled = cancelled_screening(session, order.id)
        if cancelled is not None:
            raise NotOnSaleError(screening=cancelled)
    if order.status != OrderStatus.PENDING or order.pay_until <= now:
        raise OrderNotPayableError(state=order.status)
    if open_attempt(session, order.id) is not None:
        raise PaymentOpenError
