"""Receipts on live data: no number is left out, each says what the books say. Queries of what does not."""

from sqlalchemy import Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from ticketing.sales.models import LedgerLine, Refund
from ticketing.sales.receipt_models import Receipt, ReceiptBook
from ticketing.sales.receipts import RETURN, SALE
from ticketing.sales.swap_models import SwapTicket
from ticketing.tickets.models import Ticket

_NUMBER = cast(Receipt.number, String)


def receipt_faults() -> list[Select[str, str]]:
    """Return what finds gaps, wrong amounts, and orders that got back more than they paid."""
    return [_gaps(), _sales(), _returns(), _too_much()]


def _gaps() -> Select[str, str]:
    made = select(func.count()).select_from(Receipt).scalar_subquery()
    last = select(func.coalesce(func.max(Receipt.number), 0)).scalar_subquery()
    return select(literal("receipts"), cast(ReceiptBook.last_number, String)).where(
        or_(ReceiptBook.last_number != made, ReceiptBook.last_number != last)
    )


def _sales() -> Select[str, str]:
    sold = (
        select(-func.coalesce(func.sum(LedgerLine.amount_minor), 0))
        .where(
            LedgerLine.entry == Receipt.source, LedgerLine.account == "tickets", LedgerLine.amount_minor < 0
        )
        .scalar_subquery()
    )
    return select(_NUMBER, Receipt.kind).where(Receipt.kind == SALE, Receipt.amount_minor != sold)


def _returns() -> Select[str, str]:
    given_back = (
        select(func.coalesce(func.sum(Refund.amount_minor - Refund.loss_minor), 0))
        .where(or_(Refund.id == Receipt.source, Refund.part_of == Receipt.source))
        .scalar_subquery()
    )
    given_up = (
        select(func.coalesce(func.sum(Ticket.price_minor), 0))
        .join(SwapTicket, SwapTicket.ticket_id == Ticket.id)
        .where(SwapTicket.swap_id == Receipt.source)
        .scalar_subquery()
    )
    returned = given_back + given_up
    return select(_NUMBER, Receipt.kind).where(Receipt.kind == RETURN, Receipt.amount_minor != returned)


def _too_much() -> Select[str, str]:
    sale = aliased(Receipt)
    bought = (
        select(func.coalesce(func.sum(sale.amount_minor), 0))
        .where(sale.order_id == Receipt.order_id, sale.kind == SALE)
        .correlate(Receipt)
        .scalar_subquery()
    )
    back = func.sum(Receipt.amount_minor + Receipt.fee_minor)
    return (
        select(cast(func.min(Receipt.number), String), func.min(Receipt.kind))
        .where(Receipt.kind == RETURN)
        .group_by(Receipt.order_id)
        .having(back > bought)
    )
