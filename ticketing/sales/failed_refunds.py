"""What staff decide about a refund that has failed: ask once more, or end it by another way."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.disputes import dispute_state
from ticketing.sales.effects import RefundDone, RefundDue
from ticketing.sales.errors import RefundAtBankError, RefundDisputedError, RefundNotFailedError
from ticketing.sales.ledger import EntryOf, Side, post
from ticketing.sales.matters import settle_matter
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.owing import left_at_bank, loss_at_bank
from ticketing.sales.payments.port import DisputeState
from ticketing.sales.refund_ends import OUTSIDE, about_refund, ask_staff, keep_name, locked_refund
from ticketing.sales.refund_rules import Method
from ticketing.sales.shifts import shift_of
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError


def retry_refund(session: Session, refund_id: UUID, actor: Actor, now: datetime) -> None:
    """Ask the gateway once more for a refund that has failed.

    Raises NotFoundError, RefundNotFailedError for one that is not waiting for that, RefundDisputedError or
    RefundAtBankError.
    """
    refund, payment = _payable(session, refund_id)
    before = {"status": refund.status, "failure": refund.failure}
    keep_name(session, refund, payment, refund.name)
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

    Raises NotFoundError, RefundNotFailedError, RefundDisputedError, RefundAtBankError or ReasonRequiredError.
    """
    said = _required(reason)
    refund, payment = _payable(session, refund_id)
    shift = shift_of(session, actor, refund.currency, now)
    about = replace(about_refund(refund, payment), shift=shift)
    deed = Deed(
        action="refund_in_cash", object_kind="order", object_id=_order_code(session, refund), reason=said
    )
    _end_otherwise(session, refund, (Method.CASH, "cash"), about, deed, actor, now)


def take_as_disputed(session: Session, refund_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Owe a failed refund no longer: the buyer's bank took its money in a dispute that was lost.

    Raises NotFoundError, RefundNotFailedError, RefundDisputedError or ReasonRequiredError.
    """
    said = _required(reason)
    refund, payment = _failed(session, refund_id)
    if dispute_state(session, payment.id) is not DisputeState.LOST:
        raise RefundNotFailedError
    deed = Deed(
        action="refund_by_dispute", object_kind="order", object_id=_order_code(session, refund), reason=said
    )
    _end_otherwise(
        session, refund, (Method.DISPUTE, "disputed"), about_refund(refund, payment), deed, actor, now
    )


def take_as_outside(session: Session, refund_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Owe a failed refund no longer: its money was part of a refund made at the bank, and is a loss there.

    Of one that is more than this loss so much is taken, and the rest stays to be decided.
    Raises NotFoundError, RefundNotFailedError, RefundDisputedError or ReasonRequiredError.
    """
    said = _required(reason)
    refund, payment = _failed(session, refund_id)
    # Nothing is lost as long as what was made at the bank is not decided.
    covered = min(loss_at_bank(session, payment.id), refund.amount_minor)
    if not is_at_bank(session, refund, payment) or covered <= 0:
        raise RefundNotFailedError
    if covered < refund.amount_minor:
        refund = _part_of_failed(session, refund, payment, covered, now)
    deed = Deed(
        action="refund_by_outside", object_kind="order", object_id=_order_code(session, refund), reason=said
    )
    _end_otherwise(
        session, refund, (Method.OUTSIDE, "losses"), about_refund(refund, payment), deed, actor, now
    )


def is_at_bank(session: Session, refund: Refund, payment: Payment) -> bool:
    """Tell whether a failed refund's money has gone back in the gateway's own dashboard."""
    return left_at_bank(session, payment) < refund.amount_minor


def _part_of_failed(
    session: Session, refund: Refund, payment: Payment, amount_minor: int, now: datetime
) -> Refund:
    """Split a part off a failed refund, to be ended for itself."""
    part = Refund(
        id=new_id(now),
        order_id=refund.order_id,
        payment_id=refund.payment_id,
        part_of=refund.part_of or refund.id,
        amount_minor=amount_minor,
        fee_minor=0,
        currency=refund.currency,
        status="failed",
        failure=refund.failure,
        reason=OUTSIDE,
        actor_name=refund.actor_name,
        created_at=refund.created_at,
    )
    refund.amount_minor -= amount_minor
    session.add(part)
    session.flush()
    ask_staff(session, refund, payment, "refund_failed", refund.amount_minor, now)
    return part


def _required(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequiredError
    return said


def _end_otherwise(
    session: Session,
    refund: Refund,
    way: tuple[Method, str],
    about: EntryOf,
    deed: Deed,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a failed refund be done by another way, out of that way's account."""
    method, account = way
    before = {"status": refund.status, "failure": refund.failure, "method": refund.method}
    refund.status, refund.method, refund.failure, refund.done_at = "done", method, "", now
    refund.attempt += 1
    post(
        session, about, [Side("refunds_owed", refund.amount_minor), Side(account, -refund.amount_minor)], now
    )
    settle_matter(session, about.gateway, "refund_failed", str(refund.id), now, by=actor.name)
    emit(session, RefundDone(str(refund.id)), now)
    after = {"status": refund.status, "method": refund.method, "amount_minor": refund.amount_minor}
    record(session, actor, replace(deed, before=before, after=after), now)
    session.flush()


def _failed(session: Session, refund_id: UUID) -> tuple[Refund, Payment]:
    refund, payment = locked_refund(session, refund_id)
    if refund.status != "failed" or refund.outside:
        raise RefundNotFailedError
    if dispute_state(session, payment.id) is DisputeState.OPEN:
        raise RefundDisputedError
    return refund, payment


def _payable(session: Session, refund_id: UUID) -> tuple[Refund, Payment]:
    refund, payment = _failed(session, refund_id)
    if is_at_bank(session, refund, payment):
        raise RefundAtBankError
    return refund, payment


def _order_code(session: Session, refund: Refund) -> str:
    return session.scalars(select(Order.code).where(Order.id == refund.order_id)).one()
