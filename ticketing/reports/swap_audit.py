"""Swaps on live data: queries of what must not be."""

from sqlalchemy import Select, func, select

from ticketing.inventory.models import Place
from ticketing.sales.models import Order, Payment
from ticketing.sales.rules import OPEN_STATES, PaymentState
from ticketing.sales.swap_models import Swap, SwapLine, SwapTicket
from ticketing.tickets.models import Ticket


def swap_faults() -> list[Select[str, str]]:
    """Return what finds pending swaps without their places or their payment, and old tickets still valid."""
    return [_without_places(), _without_payment(), _old_ones_valid()]


def _without_places() -> Select[str, str]:
    wanted = select(func.count()).where(SwapLine.swap_id == Swap.id).scalar_subquery()
    kept = (
        select(func.count())
        .select_from(SwapLine)
        .join(Place, Place.id == SwapLine.place_id)
        .where(SwapLine.swap_id == Swap.id, Place.order_id == Swap.order_id, Place.ticket_id.is_(None))
        .scalar_subquery()
    )
    return (
        select(Order.code, Swap.status)
        .join(Order, Order.id == Swap.order_id)
        .where(Swap.status == "pending", wanted != kept)
    )


def _without_payment() -> Select[str, str]:
    """Return pending swaps whose attempt is over: their places would be kept for ever."""
    return (
        select(Order.code, Payment.state)
        .join(Swap, Swap.order_id == Order.id)
        .join(Payment, Payment.id == Swap.payment_id)
        .where(Swap.status == "pending", Payment.state.not_in((*OPEN_STATES, PaymentState.RELEASING)))
    )


def _old_ones_valid() -> Select[str, str]:
    return (
        select(Order.code, Ticket.label)
        .join(Swap, Swap.order_id == Order.id)
        .join(SwapTicket, SwapTicket.swap_id == Swap.id)
        .join(Ticket, Ticket.id == SwapTicket.ticket_id)
        .where(Swap.status == "done", Ticket.state == "valid")
    )
