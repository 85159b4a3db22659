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
    CHECKING = "checking"
    OFF = "off"
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
    cancelled: bool,
    back_from_bank: bool,
) -> OrderState:
    """Decide: `payments` are the attempts' states, the newest last; `refunded`: some tickets are.

    `cancelled`: one of its screenings will not take place, so nothing is asked for. Nor is it while staff
    decide on money that was taken, however long that takes.
    """
    if status == OrderStatus.PAID:
        return OrderState.PART_REFUNDED if refunded else OrderState.PAID
    if status in (OrderStatus.PENDING, OrderStatus.EXPIRED):
        if PaymentState.PARKED in payments:
            return OrderState.CHECKING
        if cancelled:
            return OrderState.OFF
    if status != OrderStatus.PENDING:
        return OrderState(status)
    last = payments[-1] if payments else ""
    return _pending(last, is_late=now >= pay_until, back_from_bank=back_from_bank)


def _pending(last: str, *, is_late: bool, back_from_bank: bool) -> OrderState:
    """Decide by the newest attempt.

    Coming back from the bank says nothing of the money, so while an attempt is open the buyer waits for
    the bank's own word. An attempt that is open past its time will be closed by the worker, or turn out paid.
    One that is under way at the bank has no time to end in: the places are kept for it. Money that staff sent
    back is no decline.
    """
    if last in (PaymentState.PROCESSING, PaymentState.AUTHORISED):
        return OrderState.PROCESSING
    if last in PAYABLE_STATES:
        return OrderState.WAITING if back_from_bank or is_late else OrderState.TO_PAY
    if is_late:
        return OrderState.EXPIRED
    return OrderState.TO_PAY if last == PaymentState.CAPTURED else OrderState.DECLINED
