"""What an order's page says first. Pure."""

from datetime import datetime
from enum import StrEnum

from ticketing.sales.rules import PAYABLE_STATES, OrderStatus, PaymentState


class OrderState(StrEnum):
    """An order as its buyer is told of it."""

    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    TO_PAY = "to_pay"
    WAITING = "waiting"
    PROCESSING = "processing"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


def order_state(
    status: str,
    payments: list[str],
    pay_until: datetime,
    now: datetime,
    *,
    refunded: bool,
    back_from_bank: bool,
) -> OrderState:
    """Decide: `payments` are the attempts' states, the newest last; `refunded` means that some tickets are.

    Coming back from the bank says nothing of the money, so while an attempt is open the buyer waits for the
    bank's own word. An attempt that is open past its time will be closed by the worker, or turn out paid. One
    that is under way at the bank has no time to end in: the places are kept for it.
    """
    if status == OrderStatus.PAID:
        return OrderState.PART_REFUNDED if refunded else OrderState.PAID
    if status != OrderStatus.PENDING:
        return OrderState(status)
    if payments and payments[-1] in (PaymentState.PROCESSING, PaymentState.AUTHORISED):
        return OrderState.PROCESSING
    if payments and payments[-1] in PAYABLE_STATES:
        return OrderState.WAITING if back_from_bank or now >= pay_until else OrderState.TO_PAY
    return OrderState.DECLINED if now < pay_until else OrderState.EXPIRED
