"""Making a swap, for desk and API alike: recorded first, then the bank is asked for the difference."""

from uuid import UUID

from sqlalchemy import select

from ticketing.foundation.actor import Actor
from ticketing.foundation.idempotency import Repeatable, do_once
from ticketing.foundation.ids import new_id
from ticketing.foundation.web import runtime
from ticketing.sales.edge import desk, opened, order_link
from ticketing.sales.models import Order, Refund
from ticketing.sales.refund_edge import ask_now
from ticketing.sales.swaps import REASON, SwapRequest, begin_swap


def make_swap(wanted: SwapRequest, actor: Actor, repeat: Repeatable) -> UUID:
    """Begin a swap and open the page for its difference, or ask the bank to give the difference back.

    Raises what begin_swap raises, and GatewayUnavailableError when the page could not be opened: the swap
    stands, and the repeated request opens it.
    """
    here = runtime()
    swap_id = new_id(here.clock.now())

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(swap_id), now)
            order = session.get_one(Order, wanted.order_id)
            way = desk().way(order_link(order.code, order.id, order.locale))
            begin_swap(session, swap_id, wanted, way, here.vault, actor, now)
        return swap_id

    made = do_once(here.database, repeat, make, UUID)
    opened(wanted.order_id)
    with here.database.reading() as session:
        owed = session.scalars(
            select(Refund.id).where(
                Refund.order_id == wanted.order_id, Refund.reason == REASON, Refund.status == "pending"
            )
        ).all()
    for refund in owed:
        ask_now(refund)
    return made
