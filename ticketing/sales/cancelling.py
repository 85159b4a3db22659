"""A screening that does not take place: staff say so once, and the worker refunds every order of it."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.revision import bump
from ticketing.foundation.actor import SYSTEM, Actor
from ticketing.foundation.db import Database
from ticketing.foundation.errors import DomainError, NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.outbox import emit
from ticketing.sales.effects import ScreeningCancelled
from ticketing.sales.errors import AlreadyCancelledError
from ticketing.sales.matters import Matter, open_matter, settle_matter
from ticketing.sales.models import Order, Payment, Refund, RefundTicket
from ticketing.sales.outside import Outside, book_outside, rest_of, undecided_outside
from ticketing.sales.refund_ends import OUTSIDE
from ticketing.sales.refunds import RefundRequest, refund_tickets
from ticketing.staff.audit import Deed, record
from ticketing.staff.errors import ReasonRequiredError
from ticketing.tickets.issue import void
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.changes import screening_changed

REASON = "screening_cancelled"
_BATCH = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the refunds of a cancelled screening are, in tickets; refunds that still need somebody.

    `left` are to be refunded; `kept` were used at the door or are disputed, and staff decide on them.
    """

    refunded: int
    left: int
    kept: int
    under_way: int
    failed: int

    @property
    def total(self) -> int:
        """Return how many tickets there are to refund in all."""
        return self.refunded + self.left


def cancel_screening(session: Session, screening: str, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel a screening for good: everybody is written to, the worker refunds all in full.

    Raises NotFoundError, AlreadyCancelledError or ReasonRequiredError.
    """
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequiredError
    query = select(Screening).where(Screening.code == screening).with_for_update(of=Screening)
    row = session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFoundError
    if row.cancelled_at is not None:
        raise AlreadyCancelledError
    before = {"status": row.status}
    row.status, row.cancelled_at, row.cancelled_by = ScreeningStatus.CANCELLED, now, actor.name
    session.flush()
    bump(session)
    screening_changed(session, row.id, now)
    emit(session, ScreeningCancelled(row.id), now)
    deed = Deed(
        action="cancel_screening",
        object_kind="screening",
        object_id=screening,
        reason=said,
        before=before,
        after={"status": str(row.status)},
    )
    record(session, actor, deed, now)


def refund_cancelled(database: Database, now: datetime) -> int:
    """Refund tickets of cancelled screenings, order by order; return how many orders that were.

    Each order is a transaction of its own, so a process that dies goes on where it was; whatever is paid only
    later is found by the next round.
    """
    with database.reading() as session:
        # First the few cancelled screenings: normally there are none, and no ticket is looked at.
        cancelled = session.scalars(select(Screening.id).where(Screening.cancelled_at.is_not(None))).all()
        due = session.execute(_due(cancelled).limit(_BATCH)).all() if cancelled else []
    done = 0
    for order_id, screening_id in due:
        try:
            with database.transaction() as session:
                done += _refund_order(session, order_id, screening_id, now)
        except DomainError as refusal:
            _log.warning("order %s of a cancelled screening cannot be refunded: %s", order_id, refusal.code)
            with database.transaction() as session:
                _ask_staff(session, order_id, screening_id, now)
    return done


def progress(session: Session, screening_id: int) -> Progress:
    """Return how far the refunds of a screening are."""
    mine = Ticket.screening_id == screening_id
    refunded = (
        select(func.count())
        .select_from(RefundTicket)
        .join(Ticket, Ticket.id == RefundTicket.ticket_id)
        .join(Refund, Refund.id == RefundTicket.refund_id)
        .where(mine, Refund.reason.in_((REASON, OUTSIDE)))
    )
    left = select(func.count()).select_from(Ticket).where(mine, _refundable())
    valid = select(func.count()).select_from(Ticket).where(mine, Ticket.state == "valid")
    rows = session.execute(
        select(Refund.status, func.count(func.distinct(Refund.id)))
        .join(RefundTicket, RefundTicket.refund_id == func.coalesce(Refund.part_of, Refund.id))
        .join(Ticket, Ticket.id == RefundTicket.ticket_id)
        .where(mine, Refund.reason.in_((REASON, OUTSIDE)))
        .group_by(Refund.status)
    )
    states = {row.status: row[1] for row in rows}
    open_left = session.scalar(left) or 0
    return Progress(
        refunded=session.scalar(refunded) or 0,
        left=open_left,
        kept=(session.scalar(valid) or 0) - open_left,
        under_way=states.get("pending", 0),
        failed=states.get("failed", 0),
    )


def _refundable() -> ColumnElement[bool]:
    return and_(Ticket.state == "valid", Ticket.blocked.is_(False), Ticket.admitted_at.is_(None))


def _due(screenings: Sequence[int]) -> Select[UUID, int]:
    return (
        select(Ticket.order_id, Ticket.screening_id)
        .where(Ticket.screening_id.in_(screenings), _refundable())
        .distinct()
        .order_by(Ticket.screening_id, Ticket.order_id)
    )


def _refund_order(session: Session, order_id: UUID, screening_id: int, now: datetime) -> bool:
    """Refund what of an order can be; False if another process, the desk or the buyer was faster."""
    tickets = session.scalars(
        select(Ticket)
        .where(Ticket.order_id == order_id, Ticket.screening_id == screening_id, _refundable())
        .order_by(Ticket.serial)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not tickets:
        return False
    ids = tuple(ticket.id for ticket in tickets)
    made = undecided_outside(session, order_id)
    if made and not _has_others(session, order_id, ids):
        _refund_rest(session, order_id, ids, made, now)
    else:
        wanted = RefundRequest(order_id=order_id, tickets=ids, reason=REASON)
        refund_tickets(session, new_id(now), wanted, SYSTEM, now)
    matter = _matter(session, order_id, screening_id)
    settle_matter(session, matter.gateway, matter.kind, matter.subject, now)
    return True


def _refund_rest(
    session: Session, order_id: UUID, ids: Sequence[UUID], made: Sequence[Outside], now: datetime
) -> None:
    """Refund an order's last tickets, of whose money a part went back at the bank: it was for these."""
    tickets = void(session, order_id, ids, "refunded", now)
    worth = sum(ticket.price_minor for ticket in tickets)
    given = sum(one.refund.amount_minor for one in made)
    rest = rest_of(given, worth, worth)
    order = book_outside(session, made, tickets, rest, (SYSTEM.name, REASON), now)
    deed = Deed(
        action="refund",
        object_kind="order",
        object_id=order.code,
        reason=REASON,
        before={"tickets": [{"serial": t.serial, "place": t.label, "state": "valid"} for t in tickets]},
        after={"given_at_the_bank_minor": given, **asdict(rest), "order": order.status},
    )
    record(session, SYSTEM, deed, now)


def _has_others(session: Session, order_id: UUID, ids: Sequence[UUID]) -> bool:
    """Tell whether what went back at the bank could have been for another ticket of the order."""
    query = select(Ticket.id).where(
        Ticket.order_id == order_id, Ticket.state == "valid", Ticket.price_minor > 0, Ticket.id.not_in(ids)
    )
    return session.scalars(query.limit(1)).first() is not None


def _ask_staff(session: Session, order_id: UUID, screening_id: int, now: datetime) -> None:
    """Put before staff what cannot be refunded by itself; once, however often it is tried."""
    open_matter(session, _matter(session, order_id, screening_id), now)


def _matter(session: Session, order_id: UUID, screening_id: int) -> Matter:
    mine = (Ticket.order_id == order_id, Ticket.screening_id == screening_id, _refundable())
    worth = session.scalar(select(func.coalesce(func.sum(Ticket.price_minor), 0)).where(*mine))
    currency = session.scalars(select(Order.currency).where(Order.id == order_id)).one()
    paid_by = select(Payment.gateway).where(Payment.order_id == order_id).order_by(Payment.attempt)
    return Matter(
        gateway=session.scalars(paid_by.limit(1)).first() or "",
        kind="cancelled_not_refunded",
        subject=f"{order_id}:{screening_id}",
        amount_minor=int(worth or 0),
        currency=currency,
        order_id=order_id,
    )
