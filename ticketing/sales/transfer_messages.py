"""Letters to the friend whom a ticket was sent to.

They say who sent the ticket, and neither the order nor a price nor an address of the sender.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from ticketing.foundation.letters import Block
from ticketing.foundation.web import Runtime
from ticketing.sales.letters import SENT_CALENDAR, LetterWriter
from ticketing.sales.queries import SentTicket, TicketView, sent_ticket
from ticketing.sales.transfer_edge import transfer_link


@dataclass(frozen=True, kw_only=True)
class FriendPost(LetterWriter):
    """Writes letters to a friend, in the language that the sender chose."""

    sent: SentTicket

    def to_tickets(self) -> Block:
        """Return the button to the ticket."""
        return Block(
            text=self.say("Open the ticket"),
            url=transfer_link(self.here, self.sent.transfer.id, self.language),
        )

    def calendar(self) -> str:
        """Return the name of the calendar's part with the ticket's screening."""
        return f"{SENT_CALENDAR}:{self.sent.transfer.id}"


def friend_post(session: Session, transfer_id: UUID, here: Runtime) -> FriendPost:
    """Return what writes to the friend of a transfer. Raises NotFoundError."""
    sent = sent_ticket(session, transfer_id, here.vault)
    return FriendPost(
        session=session,
        here=here,
        language=sent.transfer.locale,
        name=sent.transfer.to_name,
        recipient=sent.transfer.to_email,
        about=sent.order_code,
        sent=sent,
    )


def write_ticket_sent(session: Session, transfer_id: UUID, here: Runtime) -> None:
    """Write the letter with the way to the ticket; nothing if it was taken back or is void by now."""
    post = friend_post(session, transfer_id, here)
    ticket = post.sent.ticket
    if post.sent.transfer.taken_back_at is not None or ticket.state != "valid":
        return
    blocks = [
        Block(text=post.say("%(name)s sent you a ticket.", name=post.sent.sender)),
        post.to_tickets(),
        *post.cards([ticket]),
        Block(text=post.say("Until you open it, the sender can take it back.")),
        Block(text=post.say("Do not pass the link on: whoever has it can enter instead of you.")),
    ]
    title = post.words(ticket.screening.title)
    subject = post.say("A ticket for you: %(title)s", title=title)
    post.put("ticket_sent", f"ticket-sent-{transfer_id}", subject, blocks)


def write_tickets_over(
    session: Session,
    returned: Iterable[TicketView],
    here: Runtime,
    *,
    is_cancelled: bool = False,
    is_returned: bool = True,
) -> None:
    """Write to the friends who have tickets that are void by now: they would stand at the door in vain."""
    for ticket in returned:
        if ticket.transfer is None:
            continue
        post = friend_post(session, ticket.transfer.id, here)
        why = (
            post.say("The screening will not take place.")
            if is_cancelled
            else post.say("%(name)s returned the ticket that was sent to you.", name=post.sent.sender)
        )
        if not is_returned:
            why = post.say(
                "The ticket that %(name)s sent you was not paid in the end.", name=post.sent.sender
            )
        blocks = [
            Block(text=why),
            Block(
                text=post.say("Returned tickets, no longer valid:")
                if is_returned
                else post.say("No longer valid:")
            ),
            *post.cards([ticket]),
            post.programme(),
        ]
        subject = post.say("No longer valid: %(title)s", title=post.words(ticket.screening.title))
        cause = f"ticket-over-{ticket.transfer.id}"
        post.put("ticket_over", cause, subject, blocks, attach=(post.calendar(),))
