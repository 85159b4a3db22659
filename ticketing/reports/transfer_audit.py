"""Reissued and sent tickets on live data: queries of what must not be."""

from sqlalchemy import Select, and_, func, or_, select

from ticketing.sales.models import Order
from ticketing.sales.transfer_models import Transfer
from ticketing.tickets.models import FormerCode, Ticket


def transfer_faults() -> list[Select[str, str]]:
    """Return what finds codes missing or used twice, and transfers that do not fit their tickets."""
    return [_former_codes(), _code_twice(), _revisions(), _sent_void()]


def _former_codes() -> Select[str, str]:
    """Return tickets of which some earlier code would be unknown at the door."""
    kept = (
        select(func.count())
        .where(FormerCode.ticket_id == Ticket.id, FormerCode.revision < Ticket.revision)
        .scalar_subquery()
    )
    newer = (
        select(FormerCode.code_hash)
        .where(FormerCode.ticket_id == Ticket.id, FormerCode.revision >= Ticket.revision)
        .exists()
    )
    return (
        select(Order.code, Ticket.label)
        .join(Order, Order.id == Ticket.order_id)
        .where(or_(newer, Ticket.revision - 1 != kept))
    )


def _code_twice() -> Select[str, str]:
    """Return tickets whose code has ended for some ticket: the door could not tell which."""
    return (
        select(Order.code, Ticket.label)
        .join(Order, Order.id == Ticket.order_id)
        .join(FormerCode, FormerCode.code_hash == Ticket.code_hash)
    )


def _revisions() -> Select[str, str]:
    """Return friends with a code that is not the ticket's, and friends with one that was taken back."""
    return _of_transfers().where(
        or_(
            and_(Transfer.taken_back_at.is_(None), Transfer.revision != Ticket.revision),
            and_(Transfer.taken_back_at.is_not(None), Transfer.revision >= Ticket.revision),
        )
    )


def _sent_void() -> Select[str, str]:
    """Return live transfers of tickets that were void before: staff may refund later what was sent."""
    return _of_transfers().where(
        Transfer.taken_back_at.is_(None), Ticket.state != "valid", Ticket.voided_at < Transfer.sent_at
    )


def _of_transfers() -> Select[str, str]:
    return (
        select(Order.code, Ticket.label)
        .select_from(Ticket)
        .join(Order, Order.id == Ticket.order_id)
        .join(Transfer, Transfer.ticket_id == Ticket.id)
    )
