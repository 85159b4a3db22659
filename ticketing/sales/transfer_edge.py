"""Sending tickets, for page and API alike; the links that open what was sent."""

from uuid import UUID

from ticketing.foundation.idempotency import Repeatable, do_once
from ticketing.foundation.ids import new_id
from ticketing.foundation.limits import limits
from ticketing.foundation.web import Runtime, runtime
from ticketing.sales.transfers import TransferRequest, send_ticket, take_back_ticket

TRANSFER = "transfer"


def transfer_link(here: Runtime, transfer_id: UUID, locale: str) -> str:
    """Return the address that opens what was sent: the only place where its key stands in a link."""
    key = here.keys.key(TRANSFER, transfer_id)
    return f"{here.settings.base_url}/{locale}/sent/{transfer_id}?key={key}"


def make_transfer(wanted: TransferRequest, repeat: Repeatable) -> UUID:
    """Send a ticket; a repeated request finds what the first one sent.

    Raises RateLimitedError beside what send_ticket raises: each ticket sent is a mail to anybody.
    """
    here = runtime()
    transfer_id = new_id(here.clock.now())

    def make() -> UUID:
        limits().count(TRANSFER, str(wanted.order_id))
        now = here.clock.now()
        with here.database.transaction() as session:
            repeat.claim(session, str(transfer_id), now)
            send_ticket(session, transfer_id, wanted, here.vault, now)
        return transfer_id

    return do_once(here.database, repeat, make, UUID)


def take_back(order_id: UUID, ticket_id: UUID) -> None:
    """Take a ticket back. Raises what take_back_ticket raises."""
    here = runtime()
    with here.database.transaction() as session:
        take_back_ticket(session, order_id, ticket_id, here.vault, here.clock.now())
