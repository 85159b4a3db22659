"""Making a refund, for the API and the desk alike: recorded first, then the gateway is asked at once."""

from uuid import UUID

from ticketing.foundation.actor import Actor
from ticketing.foundation.idempotency import Repeatable, do_once
from ticketing.foundation.ids import new_id
from ticketing.foundation.web import runtime
from ticketing.sales.edge import desk
from ticketing.sales.models import Refund
from ticketing.sales.payments.port import GatewayUnreachableError
from ticketing.sales.refunds import RefundRequest, refund_tickets


def make_refund(wanted: RefundRequest, actor: Actor, repeat: Repeatable) -> UUID:
    """Record a refund, then ask the gateway at once; if it is away, the worker goes on asking.

    Raises what refund_tickets raises.
    """
    here = runtime()
    refund_id = new_id(here.clock.now())

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(refund_id), now)
            refund_tickets(session, refund_id, wanted, actor, now)
        return refund_id

    made = do_once(here.database, repeat, make, UUID)
    _pay_back(made)
    return made


def _pay_back(refund_id: UUID) -> None:
    with runtime().database.reading() as session:
        row = session.get_one(Refund, refund_id)
    if row.status != "pending":
        return
    try:
        desk().calls.refund(refund_id)
    except GatewayUnreachableError:
        return
