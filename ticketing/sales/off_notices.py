"""Letters that a screening will not take place: to whoever has a ticket, at once, whatever the refunds do."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.i18n import money_text
from ticketing.foundation.letters import Block
from ticketing.foundation.money import Money
from ticketing.foundation.web import Runtime
from ticketing.sales.cancelling import REASON
from ticketing.sales.letters import CALENDAR, OrderPost, order_post
from ticketing.sales.messages import refunded_tickets
from ticketing.sales.models import Refund
from ticketing.sales.notices import orders_with_tickets, transfers_of
from ticketing.sales.queries import OrderView, TicketView, order_view, sent_ticket
from ticketing.sales.refund_ends import OUTSIDE
from ticketing.sales.transfer_messages import write_tickets_over


def tell_of_cancelled(here: Runtime, cancelled: Mapping[str, Any]) -> None:
    """Write to buyers and friends who have tickets; each in a transaction of his own.

    `cancelled` is a ScreeningCancelled. Whoever's ticket the worker refunded before is written to by
    `tell_of_cancelled_refund`.
    """
    screening_id = int(cancelled["screening_id"])
    with here.database.reading() as session:
        orders = orders_with_tickets(session, [screening_id])
        transfers = transfers_of(session, screening_id)
    for order_id in orders:
        with here.database.transaction() as session:
            _write_cancelled(session, order_view(session, order_id, here.vault), screening_id, here)
    for transfer_id in transfers:
        with here.database.transaction() as session:
            ticket = sent_ticket(session, transfer_id, here.vault).ticket
            write_tickets_over(session, [ticket], here, is_cancelled=True)


def tell_of_cancelled_refund(session: Session, refund_id: UUID, here: Runtime) -> None:
    """Write that the screening is off, if tickets go back for that: some were paid only after it was said."""
    refund = session.scalars(select(Refund).where(Refund.id == refund_id)).one()
    if refund.reason not in (REASON, OUTSIDE):
        return
    view = order_view(session, refund.order_id, here.vault)
    off = [one.screening for one in refunded_tickets(view, refund) if one.screening.cancelled_at is not None]
    for screening_id in sorted({screening.id for screening in off}):
        _write_cancelled(session, view, screening_id, here, refund)


def _write_cancelled(
    session: Session, view: OrderView, screening_id: int, here: Runtime, cause: Refund | None = None
) -> None:
    named = None if cause is None else cause.id
    # The tickets of a refund in parts, also of one begun at the bank, stand in the first part.
    going_back = {one.part_of or one.id for one in view.refunds if one.reason == REASON or one.id == named}
    mine = [
        ticket
        for ticket in view.tickets
        if ticket.screening.id == screening_id
        and (ticket.state == "valid" or view.refunded_tickets.get(ticket.id) in going_back)
    ]
    if not mine:
        return
    post = order_post(session, view.order, here)
    others = [t for t in view.tickets if t.state == "valid" and t.screening.id != screening_id]
    blocks = [
        Block(text=post.say("The screening will not take place.")),
        *post.cards(mine),
        *(Block(text=sentence) for sentence in _money_sentences(post, mine)),
        Block(text=post.say("You need not do anything. If you like, choose another screening:")),
        post.programme(),
    ]
    if any(ticket.screening.cancelled_at is None for ticket in others):
        blocks += [Block(text=post.say("Your other tickets stay valid.")), post.to_tickets()]
    subject = post.say("Will not take place: %(title)s", title=post.words(mine[0].screening.title))
    once = f"cancelled-{screening_id}-{view.order.id}"
    post.put("screening_cancelled", once, subject, blocks, attach=(CALENDAR,))


def _money_sentences(post: OrderPost, tickets: list[TicketView]) -> list[str]:
    """Return what becomes of the money: what no staff need decide on comes back by itself."""
    # As in cancelling.py: a used or a disputed ticket is not refunded by the worker.
    kept = [t for t in tickets if t.state == "valid" and (t.blocked or t.admitted_at is not None)]
    back = sum(t.price.minor for t in tickets if t not in kept)
    said = []
    if back:
        amount = money_text(Money(back, post.order.currency))
        said.append(
            post.say(
                "The money comes back by itself: %(amount)s. We will write when it is on its way.",
                amount=amount,
            )
        )
    if any(ticket.price.minor for ticket in kept):
        said.append(
            post.say("The box office decides on tickets that were used or whose payment is disputed.")
        )
    return said
