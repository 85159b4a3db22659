"""Letters that no deed of the buyer's causes: a moved screening, another film, the day before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Hall, Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.i18n import full_date_time
from ticketing.foundation.letters import Block
from ticketing.foundation.models import MailEntry
from ticketing.foundation.postbox import wants_reminders
from ticketing.foundation.web import Runtime
from ticketing.sales.letters import CALENDAR, OrderPost, order_post
from ticketing.sales.models import Order
from ticketing.sales.queries import TicketView, order_view
from ticketing.sales.refund_policies import showing_of
from ticketing.sales.refund_rules import is_late
from ticketing.sales.transfer_messages import FriendPost, friend_post
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import Ticket

REMINDERS = "reminders"
EVERY = timedelta(minutes=2)
# On the day before, when most people look at their mail: late enough not to wake, early enough to plan.
REMIND_AT = time(10)
# So many letters are written in one go; the worker comes back for the rest.
_MOST = 200


_Write = Callable[[OrderPost | FriendPost, UUID, Sequence[TicketView], Mapping[str, Any]], None]


def orders_with_tickets(session: Session, screenings: Sequence[int]) -> list[UUID]:
    """Return the orders that have a valid ticket for any of the screenings."""
    return list(
        session.scalars(
            select(Ticket.order_id)
            .where(Ticket.screening_id.in_(screenings), Ticket.state == "valid")
            .distinct()
            .order_by(Ticket.order_id)
        )
    )


def transfers_of(session: Session, screening_id: int) -> list[UUID]:
    """Return the transfers by which friends have valid tickets for a screening."""
    return [row.id for row in session.execute(_sent(Ticket.screening_id == screening_id))]


def tell_of_move(here: Runtime, move: Mapping[str, Any]) -> None:
    """Write to everybody who has a ticket for a screening that was moved; each in a transaction of his own.

    `move` is a ScreeningMoved: the letter says what was, and what is now. Buyers hear of tickets that they
    sent to friends too: it is they who could return them.
    """
    _tell_all(here, move, _write_move)


def tell_of_film(here: Runtime, change: Mapping[str, Any]) -> None:
    """Write to everybody who has a ticket for a screening that plays another film; as tell_of_move does.

    `change` is a FilmChanged.
    """
    _tell_all(here, change, _write_film)


def _tell_all(here: Runtime, what: Mapping[str, Any], write: _Write) -> None:
    screening_id = int(what["screening_id"])
    with here.database.reading() as session:
        orders = orders_with_tickets(session, [screening_id])
        friends = transfers_of(session, screening_id)
    for order_id in orders:
        with here.database.transaction() as session:
            post = order_post(session, session.get_one(Order, order_id), here)
            tickets = order_view(session, order_id, here.vault).tickets
            valid = [one for one in tickets if one.state == "valid" and one.screening.id == screening_id]
            if valid:
                write(post, order_id, valid, what)
    for transfer_id in friends:
        with here.database.transaction() as session:
            friend = friend_post(session, transfer_id, here)
            write(friend, transfer_id, [friend.sent.ticket], what)


def _sent(*which: ColumnElement[bool]) -> Select[UUID, str]:
    """Select the transfers, and their addresses, by which friends have valid tickets now."""
    return (
        select(Transfer.id, Transfer.to_email)
        .join(Ticket, Ticket.id == Transfer.ticket_id)
        .where(Transfer.taken_back_at.is_(None), Ticket.state == "valid", *which)
        .order_by(Transfer.id)
    )


def _write_move(
    post: OrderPost | FriendPost, whose: UUID, mine: Sequence[TicketView], move: Mapping[str, Any]
) -> None:
    session, here = post.session, post.here
    screening = mine[0].screening
    was_hall = session.get_one(Hall, int(move["was_hall"]))
    was = full_date_time(datetime.fromisoformat(move["was_starts_at"]), post.zone, post.language)
    before = f"{was}, {post.words(was_hall.name)}, {post.words(was_hall.venue.name)}"
    blocks = [
        Block(text=post.say("The time or the hall of a screening has changed. Now it is:")),
        *post.cards(mine),
        Block(text=post.say("Before: %(what)s", what=before)),
        Block(text=post.say("Your tickets stay valid, with the same codes.")),
        post.to_tickets(),
    ]
    if isinstance(post, OrderPost) and not is_late(showing_of(screening, post.festival), here.clock.now()):
        blocks.append(
            Block(text=post.say("If this does not suit you, you can return them on the same page."))
        )
    subject = post.say("Changed: %(title)s", title=post.words(screening.title))
    cause = f"moved-{move['change']}-{whose}"
    calendar = CALENDAR if isinstance(post, OrderPost) else post.calendar()
    post.put("screening_moved", cause, subject, blocks, attach=(calendar,))


def _write_film(
    post: OrderPost | FriendPost, whose: UUID, mine: Sequence[TicketView], change: Mapping[str, Any]
) -> None:
    screening = mine[0].screening
    blocks = [
        Block(text=post.say("Another film plays at this screening than before. Now it is:")),
        *post.cards(mine),
        Block(text=post.say("Your tickets stay valid, with the same codes.")),
        post.to_tickets(),
    ]
    paid_for = any(one.price.minor for one in mine)
    if paid_for and not is_late(showing_of(screening, post.festival), post.here.clock.now()):
        blocks.append(Block(text=_way_back(post)))
    subject = post.say("Another film: %(title)s", title=post.words(screening.title))
    attach = (CALENDAR,) if isinstance(post, OrderPost) else ()
    post.put("film_changed", f"film-{change['change']}-{whose}", subject, blocks, attach=attach)


def _way_back(post: OrderPost | FriendPost) -> str:
    """Return how a ticket for another film goes back: whoever paid for it returns it."""
    if isinstance(post, OrderPost):
        return post.say(
            "If you do not want to see it, return them on the same page before it begins:"
            " the whole price comes back."
        )
    return post.say(
        "If you do not want to see it, tell %(name)s, who can return the ticket before it begins.",
        name=post.sent.sender,
    )


def write_reminders(here: Runtime, now: datetime) -> int:
    """Remind of tomorrow's screenings whoever has the tickets, buyers and friends; once a day.

    From REMIND_AT on, on the festival's clock. Whoever bought, or was sent a ticket, since has just been
    written to. Returns how many letters were written.
    """
    with here.database.reading() as session:
        due = _to_remind(session, now)
    written = 0
    for reader in due[:_MOST]:
        with here.database.transaction() as session:
            written += _write_reminder(session, reader, here)
    return written


@dataclass(frozen=True)
class _Reader:
    """Whom to remind of which screenings: the buyer of an order, or a friend by a transfer."""

    id: UUID
    is_friend: bool
    screenings: Sequence[int]
    cause: str


def _to_remind(session: Session, now: datetime) -> list[_Reader]:
    zone = ZoneInfo(the_festival(session).time_zone)
    local = now.astimezone(zone)
    if local.time() < REMIND_AT:
        return []
    since = datetime.combine(local.date(), REMIND_AT, zone)
    first = datetime.combine(local.date() + timedelta(days=1), time(), zone)
    tomorrow = select(Screening.id).where(
        Screening.starts_at >= first,
        Screening.starts_at < datetime.combine(local.date() + timedelta(days=2), time(), zone),
        Screening.status != ScreeningStatus.CANCELLED,
    )
    screenings = list(session.scalars(tomorrow))
    day = first.date().isoformat()
    told = set(session.scalars(select(MailEntry.cause).where(MailEntry.cause.startswith(f"reminder-{day}"))))
    still_hers = ~exists().where(Transfer.ticket_id == Ticket.id, Transfer.taken_back_at.is_(None))
    orders = session.execute(
        select(Order.id, Order.buyer_email)
        .join(Ticket, Ticket.order_id == Order.id)
        .where(
            Ticket.screening_id.in_(screenings), Ticket.state == "valid", still_hers, Order.paid_at < since
        )
        .distinct()
        .order_by(Order.id)
    )
    friends = session.execute(_sent(Ticket.screening_id.in_(screenings), Transfer.sent_at < since))
    readers = [
        (_Reader(row[0], is_friend, screenings, f"reminder-{day}-{row[0]}"), row[1])
        for is_friend, rows in ((False, orders), (True, friends))
        for row in rows
    ]
    return [
        reader
        for reader, address in readers
        if reader.cause not in told and address and wants_reminders(session, address)
    ]


def _write_reminder(session: Session, reader: _Reader, here: Runtime) -> bool:
    post: OrderPost | FriendPost
    if reader.is_friend:
        post = friend_post(session, reader.id, here)
        mine = [post.sent.ticket]
        page = f"sent/{reader.id}"
    else:
        post = order_post(session, session.get_one(Order, reader.id), here)
        tickets = order_view(session, reader.id, here.vault).tickets
        mine = [one for one in tickets if one.screening.id in reader.screenings and one.is_held]
        page = f"orders/{post.order.code}"
    blocks = [
        *post.cards(mine),
        Block(
            text=post.say("Have the tickets open before you come, or print them: they need no network then.")
        ),
        post.to_tickets(),
    ]
    key = here.keys.key(REMINDERS, reader.id)
    stop = f"{here.settings.base_url}/{post.language}/{page}/reminders?key={key}"
    subject = post.say("Tomorrow: %(title)s", title=post.words(mine[0].screening.title))
    return post.put("reminder", reader.cause, subject, blocks, stop_url=stop)
