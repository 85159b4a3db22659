"""Recording what a gateway says of a payment, with all that must be true with it, at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.inventory import claims
from ticketing.sales import vouchers
from ticketing.sales.effects import OrderPaid, PaymentFailed
from ticketing.sales.late_places import take_back
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.lines import tickets_of_lines
from ticketing.sales.matters import Matter, open_matter
from ticketing.sales.models import Order, Payment
from ticketing.sales.owing import refund_payment
from ticketing.sales.payments.port import SessionState, SessionStatus
from ticketing.sales.place_limits import forget_order
from ticketing.sales.queries import open_attempt
from ticketing.sales.refund_rules import BackReason
from ticketing.sales.rules import (
    OPEN_STATES,
    PAYABLE_STATES,
    OrderStatus,
    PaymentState,
    Receipt,
    Reserve,
    on_authorised,
    on_captured,
)
from ticketing.sales.swap_models import Swap
from ticketing.sales.swaps import (
    DONE,
    can_take,
    lock_given_up,
    receive_difference,
    release_swap,
    swap_of_payment,
)
from ticketing.tickets.issue import TicketToIssue, issue

_PAYMENT = select(Payment).where(Payment.id == bindparam("payment")).with_for_update()
_ORDER = select(Order).where(Order.id == bindparam("order")).with_for_update()

# A declined card is mostly followed by another; only who stops there is written to.
_CALM = timedelta(minutes=3)
_ENDS = {
    SessionState.DECLINED: PaymentState.DECLINED,
    SessionState.EXPIRED: PaymentState.EXPIRED,
}


def record_status(
    session: Session, payment_id: UUID, status: SessionStatus, vault: CodeVault, now: datetime
) -> str:
    """Make true what the gateway says; twice changes nothing. Return a word for the event's record."""
    payment = session.scalars(_PAYMENT, {"payment": payment_id}).one()
    if payment.for_swap:
        lock_given_up(session, payment.id)  # tickets before orders, as everywhere
    order = session.scalars(_ORDER, {"order": payment.order_id}).one()
    outcome = str(status.state)
    if status.reference and payment.reference is None:
        payment.reference = status.reference
    if status.state is SessionState.CAPTURED:
        outcome = _receive(session, order, payment, status, vault, now)
    elif status.state is SessionState.AUTHORISED:
        outcome = _reserve(session, order, payment, status, now)
    elif status.state is SessionState.PROCESSING and payment.state in PAYABLE_STATES:
        payment.state = PaymentState.PROCESSING
    elif status.state in _ENDS and payment.state in (*OPEN_STATES, PaymentState.RELEASING):
        payment.state, payment.closed_at = _ENDS[status.state], now
        session.flush()
        if status.state is SessionState.DECLINED:
            emit(session, PaymentFailed(str(payment.id)), now, after=_CALM)
        _release_swap(session, order, payment, now)
        if status.state is SessionState.EXPIRED and open_attempt(session, order.id) is None:
            expire_order(session, order)
    session.flush()
    return outcome


def attempt_refused(session: Session, payment_id: UUID, now: datetime) -> None:
    """End an attempt that the gateway will never open a page for."""
    payment = session.scalars(_PAYMENT, {"payment": payment_id}).one()
    if payment.for_swap:
        lock_given_up(session, payment.id)
    order = session.scalars(_ORDER, {"order": payment.order_id}).one()
    if payment.state == PaymentState.STARTING:
        payment.state, payment.closed_at = PaymentState.DECLINED, now
        session.flush()
        _release_swap(session, order, payment, now)


def _release_swap(session: Session, order: Order, payment: Payment, now: datetime) -> None:
    """Free the new places of a swap whose attempt is closed."""
    swap = swap_of_payment(session, payment.id) if payment.for_swap else None
    if swap is not None:
        release_swap(session, order, swap, now)


def expire_order(session: Session, order: Order) -> None:
    """Free the places of a locked order that nothing open can pay any more, and give its voucher back."""
    if order.status == OrderStatus.PENDING:
        order.status = OrderStatus.EXPIRED
        claims.free_order(session, order.id)
        forget_order(session, order)
        vouchers.give_back(session, order.id)
        session.flush()


def _receive(
    session: Session, order: Order, payment: Payment, status: SessionStatus, vault: CodeVault, now: datetime
) -> str:
    receipt = on_captured(
        order.status,
        payment.state,
        owed=(payment.amount_minor, payment.currency),
        captured=(status.captured_minor, status.currency),
    )
    if receipt is Receipt.KNOWN:
        return receipt
    payment.captured_minor, payment.closed_at = status.captured_minor, now
    payment.state = PaymentState.PARKED if receipt is Receipt.PARK else PaymentState.CAPTURED
    session.flush()
    swap = swap_of_payment(session, payment.id) if payment.for_swap else None
    if swap is not None:
        return _receive_for_swap(session, order, payment, status, swap, receipt, vault, now)
    tickets: Sequence[TicketToIssue] = ()
    if receipt is Receipt.ISSUE:
        tickets = tickets_of_lines(session, order.id)
    elif receipt is Receipt.TAKE_BACK_OR_REFUND:
        tickets = take_back(session, order, now)
    if tickets:
        issue_paid(session, order, tickets, vault, now)
        _post_sale(session, order, payment, tickets, now)
    elif receipt is Receipt.PARK:
        _post(session, order, payment, [Side("parked", -payment.captured_minor)], now)
        _ask_staff(session, order, payment, status, now)
    else:
        _refund_whole(session, order, payment, now)
    return receipt


def _receive_for_swap(
    session: Session,
    order: Order,
    payment: Payment,
    status: SessionStatus,
    swap: Swap,
    receipt: Receipt,
    vault: CodeVault,
    now: datetime,
) -> str:
    """Swap for the difference that came in; else it goes back, or is for staff if it is another amount."""
    if receipt is Receipt.PARK:
        release_swap(session, order, swap, now)
        _post(session, order, payment, [Side("parked", -payment.captured_minor)], now)
        _ask_staff(session, order, payment, status, now)
    elif receive_difference(session, order, payment, swap, vault, now):
        return DONE
    else:
        _refund_whole(session, order, payment, now, BackReason.SWAP_LOST)
    return receipt


def _reserve(session: Session, order: Order, payment: Payment, status: SessionStatus, now: datetime) -> str:
    """Decide on reserved money. The gateway is told after this transaction; a worker may tell it again."""
    other = open_attempt(session, order.id)
    reserve = on_authorised(
        order.status,
        payment.state,
        owed=(payment.amount_minor, payment.currency),
        authorised=(status.authorised_minor, status.currency),
        is_other_open=other is not None and other.id != payment.id,
    )
    if reserve is Reserve.KNOWN:
        return reserve
    swap = swap_of_payment(session, payment.id) if payment.for_swap else None
    if swap is not None and reserve is Reserve.RELEASE and _fits(payment, status, other):
        reserve = Reserve.CAPTURE if can_take(session, order, swap, now) else Reserve.RELEASE
    if reserve is Reserve.TAKE_BACK_OR_RELEASE:
        if take_back(session, order, now):
            order.status = OrderStatus.PENDING
            reserve = Reserve.CAPTURE
        else:
            reserve = Reserve.RELEASE
    payment.state = PaymentState.AUTHORISED if reserve is Reserve.CAPTURE else PaymentState.RELEASING
    payment.closed_at = None
    return reserve


def _fits(payment: Payment, status: SessionStatus, other: Payment | None) -> bool:
    """Tell whether reserved money is what was asked for, and nothing else is being paid."""
    is_alone = other is None or other.id == payment.id
    return is_alone and (payment.amount_minor, payment.currency) == (status.authorised_minor, status.currency)


def issue_paid(
    session: Session, order: Order, tickets: Sequence[TicketToIssue], vault: CodeVault, now: datetime
) -> None:
    """Issue the tickets of an order that is paid; the caller posts the money."""
    issue(session, vault, order.id, tickets, now)
    order.status, order.paid_at = OrderStatus.PAID, now
    emit(session, OrderPaid(str(order.id)), now)


def _post_sale(
    session: Session, order: Order, payment: Payment, tickets: Sequence[TicketToIssue], now: datetime
) -> None:
    by_screening: dict[int, int] = defaultdict(int)
    for ticket in tickets:
        by_screening[ticket.screening_id] += ticket.price_minor
    sides = [Side("tickets", -amount, screening) for screening, amount in sorted(by_screening.items())]
    _post(session, order, payment, sides, now)


def _refund_whole(
    session: Session, order: Order, payment: Payment, now: datetime, why: BackReason | None = None
) -> None:
    """Money without a place, or a second payment, goes back by itself."""
    is_late = order.status == OrderStatus.EXPIRED
    reason = why or (BackReason.PLACE_LOST if is_late else BackReason.PAID_TWICE)
    _post(session, order, payment, [Side("refunds_owed", -payment.captured_minor)], now)
    refund_payment(session, payment, payment.captured_minor, reason, "", now)


def _ask_staff(
    session: Session, order: Order, payment: Payment, status: SessionStatus, now: datetime
) -> None:
    matter = Matter(
        gateway=payment.gateway,
        kind="amount_differs",
        subject=payment.session or str(payment.id),
        amount_minor=status.captured_minor,
        currency=status.currency,
        order_id=order.id,
    )
    open_matter(session, matter, now)


def _post(session: Session, order: Order, payment: Payment, against: Sequence[Side], now: datetime) -> None:
    about = EntryOf(kind="sale", order_id=order.id, gateway=payment.gateway, currency=payment.currency)
    post(session, about, [Side("gateway", payment.captured_minor), *against], now)
