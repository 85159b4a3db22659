"""How refunds end: the gateway's word on them, followed to its end; those that nobody here asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import RefundDone, RefundDue
from ticketing.sales.errors import RefundNotFailedError
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.matters import Matter, open_matter, reopen_matter, settle_matter
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.owing import count_outside
from ticketing.sales.payments.port import RefundState, RefundStatus
from ticketing.sales.refund_rules import Method
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError

OUTSIDE = "outside"
EARLIER = "earlier_attempt"
_LONGEST_FAILURE = 64


def record_refund_status(session: Session, refund_id: UUID, status: RefundStatus, now: datetime) -> str:
    """Make true what the gateway says of a refund; twice changes nothing. Return the event's word.

    A refund that was done can still fail: the buyer's bank sends the money back. Then it is owed again, and
    staff decide whether to ask again or to pay in cash. One that failed and is said to be done after all is
    read once more before it is believed: the two words may have overtaken each other. A word on an earlier
    attempt changes nothing of a later one; if that says that money has gone, staff must look.
    """
    refund, payment = _locked(session, refund_id)
    if not _answers(refund, status):
        if status.state is RefundState.DONE:
            _ask_staff(session, refund, payment, "refund_twice", refund.amount_minor, now)
        return EARLIER
    if status.name and refund.name is None:
        refund.name = status.name
    if status.amount_minor and status.amount_minor != refund.amount_minor:
        _ask_staff(session, refund, payment, "refund_differs", status.amount_minor, now)
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
        refund.status, refund.done_at = state, None
        refund.failure = status.failure[:_LONGEST_FAILURE]
        if before == "done":
            _post(session, refund, payment, "gateway", -refund.amount_minor, now)
        _ask_staff(session, refund, payment, "refund_failed", refund.amount_minor, now)
    session.flush()
    return str(state)


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


def retry_refund(session: Session, refund_id: UUID, actor: Actor, now: datetime) -> None:
    """Ask the gateway once more for a refund that has failed.

    Raises NotFoundError, or RefundNotFailedError for one that is not waiting for that.
    """
    refund, payment = _failed(session, refund_id)
    before = {"status": refund.status, "failure": refund.failure}
    refund.status, refund.name, refund.failure = "pending", None, ""
    refund.attempt += 1
    settle_matter(session, payment.gateway, "refund_failed", str(refund.id), now, by=actor.name)
    emit(session, RefundDue(str(refund.id)), now)
    after = {"status": refund.status, "attempt": refund.attempt, "amount_minor": refund.amount_minor}
    code = _order_code(session, refund)
    deed = Deed(action="retry_refund", object_kind="order", object_id=code, before=before, after=after)
    record(session, actor, deed, now)
    session.flush()


def pay_in_cash(session: Session, refund_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Pay a refund that has failed out of the till: it is done, and what the gateway says no longer counts.

    Raises NotFoundError, RefundNotFailedError or ReasonRequiredError.
    """
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequiredError
    refund, payment = _failed(session, refund_id)
    before = {"status": refund.status, "failure": refund.failure, "method": refund.method}
    refund.status, refund.method, refund.failure, refund.done_at = "done", Method.CASH, "", now
    refund.attempt += 1
    _post(session, refund, payment, "cash", refund.amount_minor, now)
    settle_matter(session, payment.gateway, "refund_failed", str(refund.id), now, by=actor.name)
    emit(session, RefundDone(str(refund.id)), now)
    after = {"status": refund.status, "method": refund.method, "amount_minor": refund.amount_minor}
    deed = Deed(
        action="refund_in_cash",
        object_kind="order",
        object_id=_order_code(session, refund),
        reason=said,
        before=before,
        after=after,
    )
    record(session, actor, deed, now)
    session.flush()


def record_outside_refund(session: Session, payment_id: UUID, status: RefundStatus, now: datetime) -> str:
    """Book a refund that was made in the gateway's own dashboard.

    The money is gone and the tickets still stand, so it is set aside (a debit of `parked`) until staff decide
    which tickets it was for.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).one()
    known = session.scalars(
        select(Refund).where(Refund.payment_id == payment_id, Refund.name == status.name).with_for_update()
    ).one_or_none()
    if known is not None and not known.outside:
        return record_refund_status(session, known.id, status, now)
    if known is None and status.state is not RefundState.FAILED:
        _book_outside(session, payment, status, now)
    elif known is not None and known.status == "done" and status.state is RefundState.FAILED:
        known.status, known.done_at = "failed", None
        about = _about(known, payment)
        post(session, about, [Side("gateway", known.amount_minor), Side("parked", -known.amount_minor)], now)
        session.flush()
        count_outside(session, payment.id)
        settle_matter(session, payment.gateway, "refund_outside", status.name, now)
    session.flush()
    return OUTSIDE


def _book_outside(session: Session, payment: Payment, status: RefundStatus, now: datetime) -> None:
    refund = Refund(
        id=new_id(now),
        order_id=payment.order_id,
        payment_id=payment.id,
        name=status.name,
        amount_minor=status.amount_minor,
        fee_minor=0,
        currency=status.currency,
        status="done",
        outside=True,
        reason=OUTSIDE,
        actor_name="",
        created_at=now,
        done_at=now,
    )
    session.add(refund)
    session.flush()
    count_outside(session, payment.id)
    about = _about(refund, payment)
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


def _locked(session: Session, refund_id: UUID) -> tuple[Refund, Payment]:
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


def _failed(session: Session, refund_id: UUID) -> tuple[Refund, Payment]:
    refund, payment = _locked(session, refund_id)
    if refund.status != "failed" or refund.outside:
        raise RefundNotFailedError
    return refund, payment


def _answers(refund: Refund, status: RefundStatus) -> bool:
    """Tell whether a word is about the present attempt: by the refund's name there, else by its number."""
    if refund.method == Method.CASH:
        return False
    if refund.name and status.name:
        return refund.name == status.name
    return status.attempt == refund.attempt


def _order_code(session: Session, refund: Refund) -> str:
    return session.scalars(select(Order.code).where(Order.id == refund.order_id)).one()


def _about(refund: Refund, payment: Payment) -> EntryOf:
    return EntryOf(kind="refund", order_id=refund.order_id, gateway=payment.gateway, currency=refund.currency)


def _post(
    session: Session, refund: Refund, payment: Payment, account: str, amount: int, now: datetime
) -> None:
    post(session, _about(refund, payment), [Side("refunds_owed", amount), Side(account, -amount)], now)


def _ask_staff(
    session: Session, refund: Refund, payment: Payment, kind: str, amount: int, now: datetime
) -> None:
    matter = Matter(
        gateway=payment.gateway,
        kind=kind,
        subject=str(refund.id),
        amount_minor=amount,
        currency=refund.currency,
        order_id=refund.order_id,
    )
    reopen_matter(session, matter, now)
