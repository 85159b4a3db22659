"""My tickets without an account: a link by mail shows an address's orders, or makes it an order's address.

Nobody learns whether an address has orders: asking does the same for all, and only the worker looks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.actor import BUYER
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.ids import new_id
from ticketing.foundation.letters import Block
from ticketing.foundation.outbox import emit
from ticketing.foundation.postbox import redirect, written_since
from ticketing.foundation.web import Runtime
from ticketing.sales.effects import OwnLinkAsked
from ticketing.sales.errors import LinkOverError
from ticketing.sales.letters import LetterWriter, order_post
from ticketing.sales.models import Order
from ticketing.sales.orders import search_text
from ticketing.sales.own_link_models import OwnLink
from ticketing.sales.place_limits import move_counts
from ticketing.sales.rules import Buyer, OrderStatus
from ticketing.sales.transfer_models import Transfer
from ticketing.staff.audit import Deed, record

OWN_LINK = "own_link"
# Half an hour, as the letter and `link_over` say.
LIFE = timedelta(minutes=30)
KIND = "own_link"
# So many letters an hour to one address: enough for impatience, too few to annoy somebody with.
MOST_AN_HOUR = 5
MOST_ORDERS = 40
_HOUR = timedelta(hours=1)
_MAILS_FOLLOW = timedelta(days=30)


def ask(session: Session, address: str, locale: str, now: datetime, order_id: UUID | None = None) -> UUID:
    """Ask for a link to an address; with an order, to make it that order's."""
    link = OwnLink(id=new_id(now), address=address, locale=locale, order_id=order_id, asked_at=now)
    session.add(link)
    session.flush()
    emit(session, OwnLinkAsked(str(link.id)), now)
    return link.id


def write_own_link(session: Session, link_id: UUID, here: Runtime) -> None:
    """Write the letter with the link, if the address has anything to open and had not too many."""
    link, now = session.get_one(OwnLink, link_id), here.clock.now()
    reader = _reader(session, link)
    if reader is None:
        return
    name, recipient, about = reader
    if written_since(session, recipient, KIND, now - _HOUR) >= MOST_AN_HOUR:
        return
    writer = LetterWriter(
        session=session,
        here=here,
        language=link.locale,
        name=name,
        recipient=recipient,
        about=about,
    )
    key = here.keys.key(OWN_LINK, link.id)
    url = f"{here.settings.base_url}/{link.locale}/tickets/link/{link.id}?key={key}"
    once = writer.say("The link is good once, for half an hour.")
    ignore = writer.say("If you did not ask for it, you need not do anything.")
    if link.order_id:
        subject = writer.say("Is this your address? Order %(order)s", order=about)
        button = Block(text=writer.say("Yes, send my tickets here"), url=url)
    else:
        subject = writer.say("The link to your tickets")
        button = Block(text=writer.say("Show my tickets"), url=url)
    writer.put(KIND, f"own-link-{link_id}", subject, [button, Block(text=once), Block(text=ignore)])


def _reader(session: Session, link: OwnLink) -> tuple[str, str, str] | None:
    """Return name and address to write to, and the order that it is about; None if there is nothing to open.

    The address is as its owner wrote it: who typed it here may have written it another way.
    """
    if link.order_id:
        order = session.get_one(Order, link.order_id)
        return order.buyer_name, link.address, order.code
    if orders := orders_of(session, link.address):
        return orders[0].buyer_name, orders[0].buyer_email, ""
    if sent := sent_to(session, link.address):
        return sent[0].to_name, sent[0].to_email, ""
    return None


def sent_to(session: Session, address: str) -> Sequence[Transfer]:
    """Return the transfers by which somebody at an address has tickets, the newest first."""
    return session.scalars(
        select(Transfer)
        .where(func.lower(Transfer.to_email) == address.lower(), Transfer.taken_back_at.is_(None))
        .order_by(Transfer.sent_at.desc())
        .limit(MOST_ORDERS)
    ).all()


def proved_address(session: Session, link_id: UUID) -> str:
    """Return the address that has shown by a link that it can be read. Raises NotFoundError."""
    link = session.get(OwnLink, link_id)
    if link is None or link.used_at is None:
        raise NotFoundError
    return link.address


def orders_of(session: Session, address: str) -> Sequence[Order]:
    """Return an address's orders that there is something to see of, the newest first."""
    return session.scalars(
        select(Order)
        .where(
            func.lower(Order.buyer_email) == address.lower(),
            Order.status.in_((OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.REFUNDED)),
        )
        .order_by(Order.created_at.desc())
        .limit(MOST_ORDERS)
    ).all()


def use(session: Session, link_id: UUID, here: Runtime) -> tuple[OwnLink, Sequence[Order]]:
    """Use a link up; return it with the orders that its reader may see from now on.

    Raises LinkOverError for one that was used, or is too old.
    """
    now = here.clock.now()
    used = session.execute(
        update(OwnLink)
        .where(OwnLink.id == link_id, OwnLink.used_at.is_(None), OwnLink.asked_at > now - LIFE)
        .values(used_at=now)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkOverError
    link = session.get_one(OwnLink, link_id, populate_existing=True)
    if link.order_id is None:
        return link, orders_of(session, link.address)
    order = session.scalars(select(Order).where(Order.id == link.order_id).with_for_update()).one()
    _change_address(session, order, link.address, here)
    return link, [order]


def rename(session: Session, order_id: UUID, name: str, now: datetime) -> None:
    """Change the name on an order. Raises NotFoundError."""
    order = session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one_or_none()
    if order is None:
        raise NotFoundError
    order.buyer_name = name
    _index(order)
    session.flush()
    record(session, BUYER, Deed(action="rename_order", object_kind="order", object_id=order.code), now)


def _change_address(session: Session, order: Order, address: str, here: Runtime) -> None:
    """Give an order another address; the one before hears of it, and mails that wait follow."""
    now, before = here.clock.now(), order.buyer_email
    if before == address:
        return
    post = order_post(session, order, here)
    told = Block(text=post.say("Mails about this order go to another address from now on."))
    wrong = Block(text=post.say("If that was not you, write to us at once."))
    subject = post.say("Another address: order %(order)s", order=order.code)
    move_counts(session, order, address)
    order.buyer_email = address
    _index(order)
    session.flush()
    redirect(session, order.code, before, address, since=now - _MAILS_FOLLOW, now=now)
    # After the others have followed the order: this one stays with who had it.
    post.put("address_changed", f"address-changed-{order.id}-{now.timestamp():.0f}", subject, [told, wrong])
    record(session, BUYER, Deed(action="change_address", object_kind="order", object_id=order.code), now)


def _index(order: Order) -> None:
    buyer = Buyer(name=order.buyer_name, email=order.buyer_email, phone=order.buyer_phone)
    order.search = search_text(order.code, buyer)
