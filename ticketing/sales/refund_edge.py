"""Making a refund, for desk, page and API alike: recorded first, then the gateway is asked at once."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ticketing.foundation.actor import Actor
from ticketing.foundation.idempotency import Repeatable, do_once
from ticketing.foundation.ids import new_id
from ticketing.foundation.web import runtime
from ticketing.sales.edge import desk
from ticketing.sales.models import Refund
from ticketing.sales.payments.port import GatewayUnreachableError
from ticketing.sales.refunds import RefundRequest, refund_tickets
from ticketing.sales.returns import ReturnRequest, return_tickets


def make_refund(wanted: RefundRequest, actor: Actor, repeat: Repeatable) -> UUID:
    """Record a refund, then ask the gateway at once; if it is away, the worker goes on asking.

    Raises what refund_tickets raises.
    """
    return _make(
        repeat, lambda session, refund_id, now: refund_tickets(session, refund_id, wanted, actor, now)
    )


def make_return(wanted: ReturnRequest, repeat: Repeatable) -> UUID:
    """Record what a buyer returns, then ask the gateway at once. Raises what return_tickets raises."""
    return _make(repeat, lambda session, refund_id, now: return_tickets(session, refund_id, wanted, now))


def ask_now(refund_id: UUID) -> None:
    """Ask the gateways for a refund and its parts; where one is away, the worker goes on asking."""
    with runtime().database.reading() as session:
        query = select(Refund.id).where(
            or_(Refund.id == refund_id, Refund.part_of == refund_id), Refund.status == "pending"
        )
        pending = session.scalars(query.order_by(Refund.id)).all()
    for one in pending:
        try:
            desk().calls.refund(one)
        except GatewayUnreachableError:
            continue


def _make(repeat: Repeatable, record: Callable[[Session, UUID, datetime], None]) -> UUID:
    here = runtime()
    refund_id = new_id(here.clock.now())

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(refund_id), now)
            record(session, refund_id, now)
        return refund_id

    made = do_once(here.database, repeat, make, UUID)
    ask_now(made)
    return made
