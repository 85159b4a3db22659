"""How refunds end: the gateway's word on them, followed to its end; those that nobody here asked for."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit, forget_dead
from ticketing.sales.effects import RefundDone, RefundDue
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.matters import Matter, open_matter, reopen_matter, settle_matter
from ticketing.sales.models import Payment, Refund
from ticketing.sales.owing import count_outside, loss_at_bank
from ticketing.sales.payments.port import RefundState, RefundStatus
from ticketing.sales.receipt_models import RefundName
from ticketing.sales.refund_rules import Method

OUTSIDE = "outside"
EARLIER = "earlier_attempt"
_LONGEST_FAILURE = 64
_SOONEST_DEAD = timedelta(minutes=10)


def record_refund_status(session: Session, refund_id: UUID, status: RefundStatus, now: datetime) -> str:
    """Make true what the gateway says of a refund; twice changes nothing. Return the event's word.

    A refund that was done can still fail: the buyer's bank sends the money back. Then it is owed again, and
    staff decide whether to ask again or to pay in cash. One that failed and is said to be done after all is
    read once more before it is believed: the two words may have overtaken each other. A word on an earlier
    attempt changes nothing of a later one; if that says that money has gone, staff must look.
    """
    refund, payment = locked_refund(session, refund_id)
    if not _answers(refund, status):
        keep_name(session, refund, payment, status.name)
        if status.state is RefundState.DONE:
            ask_staff(session, refund, payment, "refund_twice", refund.amount_minor, now)
        return EARLIER
    if status.name and refund.name is None:
        refund.name = status.name
    is_made = status.state is not RefundState.FAILED
    if is_made and status.amount_minor and status.amount_minor != refund.amount_minor:
        ask_staff(session, refund, payment, "refund_differs", status.amount_minor, now)
    before, state = refund.status, status.state
    if state is RefundState.DONE and before == "pending":
        refund.status, refund.done_at, refund.failure = state, now, ""
        _post(session, refund, payment, "gateway", refund.amount_minor, now)
        for kind in ("refund_failed", "refund_twice"):
            settle_matter(session, payment.gateway, kind, str(refund.id), now)
        emit(session, RefundDone(str(refund.id)), now)
    elif state is RefundState.DONE and before == "failed":
        refund.status, refund.failure = "pending", ""
        settle_matter(session, payment.gateway, "refund_failed", str(refund.id), now)
        emit(session, RefundDue(str(refund.id)), now)
    elif state is RefundState.FAILED and before in ("pending", "done"):
        _fail(session, refund, payment, status.failure, now)
    if state is not RefundState.PENDING and before == "pending":
        _forget_dead(session, refund, now)
    session.flush()
    return str(state)


def _forget_dead(session: Session, refund: Refund, now: datetime) -> None:
    """End what the worker has given up: the refund has come to its end by another way."""
    # Before that nothing can be dead, and the look through the outbox is spared.
    if now - refund.created_at > _SOONEST_DEAD:
        forget_dead(session, RefundDue(str(refund.id)), now)


def _fail(session: Session, refund: Refund, payment: Payment, failure: str, now: datetime) -> None:
    """Owe a refund that the gateway has not made, or has got back, until staff decide."""
    was_done = refund.status == "done"
    refund.status, refund.done_at = RefundState.FAILED, None
    refund.failure = failure[:_LONGEST_FAILURE]
    if was_done:
        _take_loss_back(session, refund, payment, now)
        _post(session, refund, payment, "gateway", -refund.amount_minor, now)
    if refund.amount_minor:
        ask_staff(session, refund, payment, "refund_failed", refund.amount_minor, now)


def ask_again(session: Session, refund_id: UUID, attempt: int) -> None:
    """Let a pending refund be asked for under a new key: the gateway is sure that there is none."""
    session.execute(
        update(Refund)
        .where(
            Refund.id == refund_id,
            Refund.status == "pending",
            Refund.name.is_(None),
            Refund.attempt == attempt,
        )
        .values(attempt=Refund.attempt + 1)
    )


def record_outside_refund(session: Session, payment_id: UUID, status: RefundStatus, now: datetime) -> str:
    """Book a refund that was made in the gateway's own dashboard.

    The money is gone and the tickets still stand, so it is set aside (a debit of `parked`) until staff decide
    which tickets it was for. One that had failed before anybody heard of it is only kept: payouts list it.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).one()
    known = session.scalars(
        select(Refund).where(Refund.payment_id == payment_id, Refund.name == status.name).with_for_update()
    ).one_or_none()
    if known is not None and not known.outside:
        return record_refund_status(session, known.id, status, now)
    if known is None:
        _book_outside(session, payment, status, now)
    elif known.status == "done" and status.state is RefundState.FAILED:
        known.status, known.done_at = "failed", None
        about = about_refund(known, payment)
        post(session, about, [Side("gateway", known.amount_minor), Side("parked", -known.amount_minor)], now)
        session.flush()
        count_outside(session, payment.id)
        settle_matter(session, payment.gateway, "refund_outside", status.name, now)
    session.flush()
    return OUTSIDE


def _book_outside(session: Session, payment: Payment, status: RefundStatus, now: datetime) -> None:
    has_failed = status.state is RefundState.FAILED
    refund = Refund(
        id=new_id(now),
        order_id=payment.order_id,
        payment_id=payment.id,
        name=status.name,
        amount_minor=status.amount_minor,
        fee_minor=0,
        currency=status.currency,
        status="failed" if has_failed else "done",
        outside=True,
        reason=OUTSIDE,
        actor_name="",
        created_at=now,
        done_at=None if has_failed else now,
    )
    session.add(refund)
    session.flush()
    if has_failed:
        return
    count_outside(session, payment.id)
    about = about_refund(refund, payment)
    post(session, about, [Side("gateway", -refund.amount_minor), Side("parked", refund.amount_minor)], now)
    matter = Matter(
        gateway=payment.gateway,
        kind="refund_outside",
        subject=status.name,
        amount_minor=status.amount_minor,
        currency=status.currency,
        order_id=payment.order_id,
    )
    open_matter(session, matter, now)


def locked_refund(session: Session, refund_id: UUID) -> tuple[Refund, Payment]:
    """Return a refund with its payment, both locked. Raises NotFoundError."""
    row = session.execute(
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.id == refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    return row.Refund, row.Payment


def _answers(refund: Refund, status: RefundStatus) -> bool:
    """Tell whether a word is about the present attempt: by the refund's name there, else by its number."""
    if refund.method != Method.ORIGINAL:
        return False
    if refund.name and status.name:
        return refund.name == status.name
    return status.attempt == refund.attempt


def keep_name(session: Session, refund: Refund, payment: Payment, name: str | None) -> None:
    """Remember what the gateway calls a try that is not the present one: its payouts list that too."""
    if name:
        session.merge(RefundName(gateway=payment.gateway, name=name, refund_id=refund.id))


def about_refund(refund: Refund, payment: Payment) -> EntryOf:
    """Return what a ledger entry of a refund is about."""
    return EntryOf(kind="refund", order_id=refund.order_id, gateway=payment.gateway, currency=refund.currency)


def _post(
    session: Session, refund: Refund, payment: Payment, account: str, amount: int, now: datetime
) -> None:
    post(session, about_refund(refund, payment), [Side("refunds_owed", amount), Side(account, -amount)], now)


def _take_loss_back(session: Session, refund: Refund, payment: Payment, now: datetime) -> None:
    """Owe no more than its tickets cost of a refund made at the bank that has come back: the loss is none."""
    loss = refund.loss_minor
    if not loss:
        return
    sides = [Side("gateway", loss), Side("losses", -loss)]
    post(session, about_refund(refund, payment), sides, now)
    refund.amount_minor, refund.loss_minor = refund.amount_minor - loss, 0
    session.flush()
    _owe_again(session, payment, now)
    count_outside(session, payment.id)


def _owe_again(session: Session, payment: Payment, now: datetime) -> None:
    """Owe again what a refund made at the bank stood for until it came back."""
    query = select(Refund).where(Refund.payment_id == payment.id, Refund.method == Method.OUTSIDE)
    for refund in session.scalars(query.order_by(Refund.created_at, Refund.id).with_for_update()).all():
        if loss_at_bank(session, payment.id) >= 0:
            return
        refund.status, refund.method, refund.done_at = "failed", Method.ORIGINAL, None
        _post(session, refund, payment, "losses", -refund.amount_minor, now)
        ask_staff(session, refund, payment, "refund_failed", refund.amount_minor, now)
        session.flush()


def ask_staff(
    session: Session, refund: Refund, payment: Payment, kind: str, amount: int, now: datetime
) -> None:
    """Put a refund before staff."""
    matter = Matter(
        gateway=payment.gateway,
        kind=kind,
        subject=str(refund.id),
        amount_minor=amount,
        currency=refund.currency,
        order_id=refund.order_id,
    )
    reopen_matter(session, matter, now)
