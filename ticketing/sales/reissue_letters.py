"""Letters that a ticket has another code: to the buyer, and to friends who have opened what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ticketing.foundation.letters import Block
from ticketing.foundation.web import Runtime
from ticketing.sales.letters import TICKETS_PDF, order_post
from ticketing.sales.queries import order_view
from ticketing.sales.reissuing import reissue_leaked
from ticketing.sales.transfer_messages import friend_post
from ticketing.tickets.models import Ticket


def replace_leaked(here: Runtime, payload: Mapping[str, Any]) -> None:
    """Reissue what a revoked key has signed of an order, and write where the new codes are."""
    order_id, key = UUID(payload["order_id"]), int(payload["key"])
    with here.database.transaction() as session:
        reissued = reissue_leaked(session, order_id, key, here.vault, here.clock.now())
        _write(session, order_id, reissued, here)


def _write(session: Session, order_id: UUID, reissued: Sequence[Ticket], here: Runtime) -> None:
    if not reissued:
        return
    ids = [ticket.id for ticket in reissued]
    view = order_view(session, order_id, here.vault)
    tickets = [ticket for ticket in view.tickets if ticket.id in ids]
    own = [ticket for ticket in tickets if ticket.transfer is None]
    if own:
        post = order_post(session, view.order, here)
        blocks = [
            Block(
                text=post.say(
                    "These tickets have new codes. The old ones no longer let anybody in: neither printed"
                    " copies nor pictures."
                )
            ),
            post.to_tickets(),
            *post.cards(own),
        ]
        subject = post.say("New codes for your tickets: order %(order)s", order=view.order.code)
        # A ticket leaves a key once, so whatever is reissued later has another first one.
        post.put("codes_changed", f"codes-changed-{ids[0]}", subject, blocks, attach=(TICKETS_PDF,))
    for ticket in tickets:
        # Who has not opened it yet gets to see the new code alone.
        if ticket.transfer is not None and ticket.transfer.opened_at is not None:
            friend = friend_post(session, ticket.transfer.id, here)
            blocks = [
                Block(
                    text=friend.say(
                        "This ticket has a new code. The old one no longer lets anybody in: neither a printed"
                        " copy nor a picture."
                    )
                ),
                friend.to_tickets(),
                *friend.cards([ticket]),
            ]
            subject = friend.say(
                "A new code for your ticket: %(title)s", title=friend.words(ticket.screening.title)
            )
            cause = f"codes-changed-{ticket.transfer.id}-{ticket.transfer.revision}"
            friend.put("codes_changed", cause, subject, blocks)
