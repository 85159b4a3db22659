"""What the shop's pages and its API share at the edge: keys, the gateways, the steps of making an order."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import Flask, current_app

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.idempotency import Repeatable, do_once
from ticketing.foundation.ids import new_id
from ticketing.foundation.web import Runtime, runtime
from ticketing.inventory.live import RememberedLive
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.hold_turn import HoldTurn
from ticketing.sales.inbox import Inbox
from ticketing.sales.models import Order
from ticketing.sales.orders import OrderRequest, Way, add_attempt, fresh_order_code, make_order
from ticketing.sales.payable import require_payable
from ticketing.sales.payments.port import Gateways
from ticketing.sales.queries import OrderView, open_attempt, order_id_by_code, order_view

HOLD = "hold"
ORDER = "order"
_EXTENSION = "kassa.sales"


@dataclass(frozen=True)
class SalesDesk:
    """What sales needs beside the runtime: the gateways, which one new payments go to, what it remembers."""

    calls: GatewayCalls
    gateway: str | None
    live: RememberedLive
    holds: HoldTurn

    @property
    def inbox(self) -> Inbox:
        """Return what takes in notifications."""
        return Inbox(self.calls)

    def way(self, return_url: str) -> Way:
        """Return how a new payment goes."""
        if self.gateway is None:
            return Way(gateway=None, return_url=return_url)
        gateway = self.calls.gateways[self.gateway]
        return Way(
            gateway=self.gateway,
            return_url=return_url,
            itemised=gateway.itemised,
            capture=gateway.capture_mode,
        )


def install(app: Flask, desk: SalesDesk) -> None:
    """Give the app its sales desk."""
    app.extensions[_EXTENSION] = desk


def desk() -> SalesDesk:
    """Return the sales desk of the app that serves this request."""
    return cast("SalesDesk", current_app.extensions[_EXTENSION])


def gateways(now: Runtime, all_gateways: Gateways) -> GatewayCalls:
    """Return the conversations with these gateways."""
    return GatewayCalls(now.database, now.clock, now.vault, all_gateways)


def require_key(purpose: str, object_id: UUID, key: str) -> None:
    """Refuse a wrong key as if the object were not there. Raises NotFoundError."""
    if not runtime().keys.matches(purpose, object_id, key):
        raise NotFoundError


def order_key(order_id: UUID) -> str:
    """Return the key that opens an order."""
    return runtime().keys.key(ORDER, order_id)


def order_link(code: str, order_id: UUID, locale: str) -> str:
    """Return the address that opens an order: the only place where its key stands in a link."""
    return f"{runtime().settings.base_url}/{locale}/orders/{code}?key={order_key(order_id)}"


def place_order(request: OrderRequest, repeat: Repeatable) -> OrderView:
    """Make an order as `ordered` does, and return it as its page shows it."""
    return read_order(ordered(request, repeat))


def ordered(request: OrderRequest, repeat: Repeatable) -> UUID:
    """Make an order and open its payment page; a repeated request finds the first one's order.

    Raises what make_order raises, and GatewayUnavailableError when the page could not be opened: the order
    stands, and the repeated request opens it.
    """
    here = runtime()
    order_id = new_id(here.clock.now())

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(order_id), now)
            code = fresh_order_code(session)
            way = desk().way(order_link(code, order_id, request.locale))
            make_order(session, order_id, code, request, way, here.vault, now)
        return order_id

    return opened(do_once(here.database, repeat, make, UUID))


def new_attempt(order_id: UUID, repeat: Repeatable) -> UUID:
    """Open another payment page after a declined one. Raises what require_payable raises."""
    here = runtime()

    def make() -> UUID:
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(order_id), now)
            order = session.get(Order, order_id, with_for_update=True)
            if order is None:
                raise NotFoundError
            require_payable(session, order, now)
            way = desk().way(order_link(order.code, order_id, order.locale))
            add_attempt(session, order_id, way, now)
        return order_id

    return opened(do_once(here.database, repeat, make, UUID))


def opened(order_id: UUID) -> UUID:
    """Open the payment page of an attempt that has none, new or cut off; return the order."""
    with runtime().database.reading() as session:
        attempt = open_attempt(session, order_id)
    if attempt is not None and attempt.url is None:
        desk().calls.start(attempt)
    return order_id


def read_order(order_id: UUID) -> OrderView:
    """Return an order. Raises NotFoundError."""
    here = runtime()
    with here.database.reading() as session:
        return order_view(session, order_id, here.vault)


def find_order(code: str) -> UUID:
    """Return the id of an order. Raises NotFoundError."""
    with runtime().database.reading() as session:
        return order_id_by_code(session, code)
