"""Receipts of sales and returns, made by the worker from the ledger and from refunds that are done.

The sale itself writes nothing for them: whatever the worker had no time for, it finds later by what has no
receipt. So no crash loses one, and numbers have no gaps, since a number and its receipt are one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.tax import parse_tax
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.db import Database
from ticketing.inventory.models import Place
from ticketing.sales.models import LedgerLine, Order, OrderLine, Refund, RefundTicket
from ticketing.sales.receipt_models import Receipt, ReceiptBook
from ticketing.sales.refund_rules import Method
from ticketing.sales.shift_models import Shift
from ticketing.sales.swap_models import Swap, SwapLine, SwapTicket
from ticketing.sales.tax import hundredths, rate_on, tax_within
from ticketing.tickets.models import Ticket

SALE, RETURN = "sale", "return"
# For what nothing asks for: sales before there were receipts, and causes that got lost.
EVERY = timedelta(hours=1)
_BATCH = 500
_OPEN_BOOK = {
    "sqlite": sqlite.insert(ReceiptBook.__table__).values(id=1, last_number=0).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "postgresql": postgresql.insert(ReceiptBook.__table__)  # type: ignore[arg-type]
    .values(id=1, last_number=0)
    .on_conflict_do_nothing(),
}


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What a receipt is to tell of."""

    source: UUID
    kind: str
    order: Order
    at: datetime
    fee_minor: int
    cash_minor: int
    sold: Sequence[tuple[OrderLine | SwapLine | Ticket, Place, Screening]]


def receipts_of_order(database: Database, order_id: UUID, now: datetime) -> None:
    """Make the receipts that an order still lacks, its sales before its returns; twice changes nothing.

    What they tell is read before the book is locked: everybody who sells waits for whoever writes.
    """
    with database.reading() as session:
        sales = session.scalars(_sales_without().where(LedgerLine.order_id == order_id)).all()
        returns = session.scalars(_returns_without().where(Refund.order_id == order_id)).all()
        swaps = session.scalars(_swaps_without().where(Swap.order_id == order_id)).all()
        order = session.get_one(Order, order_id)
        sold = [_row(session, _of_sale(session, order, entry), now) for entry in sales]
    if sold:
        with database.transaction() as session:
            number_rows(session, sold)
    if not returns and not swaps:
        return
    # A return names the receipt that it was sold by.
    with database.reading() as session:
        told = [_of_swap(session, order, swap) for swap in swaps]
        told += [_of_return(session, order, refund) for refund in returns]
        returned = [_row(session, one, now) for one in told]
    with database.transaction() as session:
        number_rows(session, returned)


def number_rows(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store receipts of one order with the book's next numbers, but none of a source that has one."""
    session.execute(_OPEN_BOOK[session.get_bind().dialect.name])
    # From here on nobody else makes any.
    number = session.scalars(select(ReceiptBook.last_number).with_for_update()).one()
    of_order = select(Receipt.source).where(Receipt.order_id == rows[0]["order_id"])
    known = set(session.scalars(of_order))
    new = [row for row in rows if row["source"] not in known]
    if not new:
        return
    numbered = [row | {"number": number} for number, row in enumerate(new, number + 1)]
    session.execute(insert(Receipt), numbered)
    session.execute(update(ReceiptBook).values(last_number=number + len(new)))


def make_missing(database: Database, now: datetime) -> int:
    """Make receipts that nothing has asked for: of sales before there were receipts, and of lost causes.

    Return how many orders had one to be made. Each order has transactions of its own.
    """
    with database.reading() as session:
        due = set(session.scalars(select(LedgerLine.order_id).where(_of_sale_without()).limit(_BATCH)))
        due |= set(session.scalars(_swaps_without().with_only_columns(Swap.order_id).limit(_BATCH)))
        due |= set(session.scalars(_returns_without().with_only_columns(Refund.order_id).limit(_BATCH)))
    for order_id in sorted(due):
        receipts_of_order(database, order_id, now)
    return len(due)


def receipt_of(session: Session, order_id: UUID, number: int) -> Receipt | None:
    """Return a receipt of an order."""
    query = select(Receipt).where(Receipt.order_id == order_id, Receipt.number == number)
    return session.scalars(query).one_or_none()


def missing(session: Session) -> int:
    """Return how many sales and returns have no receipt yet."""
    sales = select(func.count()).select_from(_sales_without().subquery())
    returns = select(func.count()).select_from(_returns_without().subquery())
    swaps = select(func.count()).select_from(_swaps_without().subquery())
    return sum(session.scalar(query) or 0 for query in (sales, returns, swaps))


def _of_sale_without() -> ColumnElement[bool]:
    has_one = select(Receipt.number).where(Receipt.source == LedgerLine.entry).exists()
    sold = and_(LedgerLine.account == "tickets", LedgerLine.amount_minor < 0)
    return and_(LedgerLine.kind.in_(("sale", "swap")), sold, ~has_one)


def _sales_without() -> Select[UUID]:
    """Return the entries of sales that no receipt tells of: money that tickets were issued for."""
    return select(LedgerLine.entry).where(_of_sale_without()).distinct().order_by(LedgerLine.entry)


def _returns_without() -> Select[UUID]:
    """Return refunds of tickets that no receipt tells of, once all of their money has gone."""
    part = aliased(Refund)
    waits = select(part.id).where(part.part_of == Refund.id, part.status != "done").exists()
    has_one = select(Receipt.number).where(Receipt.source == Refund.id).exists()
    has_tickets = select(RefundTicket.ticket_id).where(RefundTicket.refund_id == Refund.id).exists()
    return (
        select(Refund.id)
        .where(
            Refund.part_of.is_(None),
            Refund.status == "done",
            Refund.outside.is_(False),
            Refund.amount_minor > 0,
            has_tickets,
            ~waits,
            ~has_one,
        )
        .order_by(Refund.id)
    )


def _swaps_without() -> Select[UUID]:
    """Return swaps whose old tickets cost something, and no receipt tells of their return."""
    has_one = select(Receipt.number).where(Receipt.source == Swap.id).exists()
    paid_for = (
        select(Ticket.id)
        .join(SwapTicket, SwapTicket.ticket_id == Ticket.id)
        .where(SwapTicket.swap_id == Swap.id, Ticket.price_minor > 0)
        .exists()
    )
    return select(Swap.id).where(Swap.entry.is_not(None), paid_for, ~has_one).order_by(Swap.id)


def _of_swap(session: Session, order: Order, swap_id: UUID) -> _Told:
    swap = session.scalars(select(Swap).where(Swap.id == swap_id)).one()
    return _Told(
        source=swap_id,
        kind=RETURN,
        order=order,
        at=swap.closed_at or swap.created_at,
        fee_minor=0,
        cash_minor=0,
        sold=_given_up(session, SwapTicket, SwapTicket.swap_id == swap_id),
    )


def _of_sale(session: Session, order: Order, entry: UUID) -> _Told:
    at = session.scalars(select(LedgerLine.at).where(LedgerLine.entry == entry).limit(1)).one()
    swap = session.scalars(select(Swap.id).where(Swap.entry == entry)).one_or_none()
    table: Any = OrderLine if swap is None else SwapLine
    mine = OrderLine.order_id == order.id if swap is None else SwapLine.swap_id == swap
    sold = session.execute(
        select(table, Place, Screening)
        .join(Place, Place.id == table.place_id)
        .join(Screening, Screening.id == table.screening_id)
        .where(mine, table.price_minor > 0)
        .order_by(table.line_no)
    ).unique()
    return _Told(
        source=entry,
        kind=SALE,
        order=order,
        at=at,
        fee_minor=0,
        cash_minor=0,
        sold=[(row[0], row.Place, row.Screening) for row in sold],
    )


def _of_return(session: Session, order: Order, refund_id: UUID) -> _Told:
    whole = session.scalars(select(Refund).where(Refund.id == refund_id)).one()
    parts = session.scalars(
        select(Refund).where(or_(Refund.id == refund_id, Refund.part_of == refund_id))
    ).all()
    return _Told(
        source=refund_id,
        kind=RETURN,
        order=order,
        at=max(part.done_at or part.created_at for part in parts),
        fee_minor=whole.fee_minor,
        cash_minor=sum(part.amount_minor for part in parts if part.method == Method.CASH),
        sold=_given_up(session, RefundTicket, RefundTicket.refund_id == refund_id),
    )


def _given_up(
    session: Session, names: type[SwapTicket | RefundTicket], of_cause: ColumnElement[bool]
) -> Sequence[tuple[Ticket, Place, Screening]]:
    """Return the tickets that a swap or a refund names, less those that cost nothing."""
    rows = session.execute(
        select(Ticket, Place, Screening)
        .join(names, names.ticket_id == Ticket.id)
        .join(Place, Place.id == Ticket.place_id)
        .join(Screening, Screening.id == Ticket.screening_id)
        .where(of_cause, Ticket.price_minor > 0)
        .order_by(Ticket.serial)
    ).unique()
    return [(row.Ticket, row.Place, row.Screening) for row in rows]


def _row(session: Session, told: _Told, now: datetime) -> dict[str, Any]:
    """Return a receipt that has no number yet."""
    rates = _rates(session, told)
    lines = [_line(*sold, rate) for sold, rate in zip(told.sold, rates, strict=True)]
    rate = rates[0]
    return {
        "source": told.source,
        "kind": told.kind,
        "order_id": told.order.id,
        "at": told.at,
        "made_at": now,
        "currency": told.order.currency,
        "amount_minor": sum(line["price_minor"] for line in lines) - told.fee_minor,
        "fee_minor": told.fee_minor,
        "cash_minor": told.cash_minor,
        "cashier": _cashier(session, told) if told.cash_minor else "",
        "tax_rate": rate,
        "tax_minor": sum(line["tax_minor"] for line in lines) - tax_within(told.fee_minor, rate),
        "lines": lines,
        "register": "",
        "sign": "",
        "operator": "",
        "check_url": "",
        "refusal": "",
        "tries": 0,
        "next_try_at": now,
    }


def _cashier(session: Session, told: _Told) -> str:
    """Return who stood at the till that an order's cash last went through."""
    query = (
        select(Shift.cashier)
        .join(LedgerLine, LedgerLine.shift_id == Shift.id)
        .where(LedgerLine.order_id == told.order.id, LedgerLine.account == "cash", LedgerLine.at <= told.at)
        .order_by(LedgerLine.at.desc(), LedgerLine.id.desc())
    )
    return session.scalars(query.limit(1)).first() or ""


def sale_of(session: Session, order_id: UUID, at: datetime, line: Mapping[str, Any]) -> Receipt | None:
    """Return the receipt that a returned line was sold by: of an exchanged ticket that of the exchange.

    It is the last sale of the order until then that has the place; if none has it, since the ticket was moved
    to another, the order's first.
    """
    query = select(Receipt).where(Receipt.order_id == order_id, Receipt.kind == SALE, Receipt.at <= at)
    sales = session.scalars(query.order_by(Receipt.at.desc(), Receipt.number.desc())).all()
    having = (sale for sale in sales if any(_place_of(one) == _place_of(line) for one in sale.lines))
    return next(having, sales[-1] if sales else None)


def _place_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("screening", "section", "row", "number"))


def _rates(session: Session, told: _Told) -> list[int]:
    """Return the rate of each line: of the day of its sale at the hall's clock."""
    festival = the_festival(session)
    day = told.at.astimezone(ZoneInfo(festival.time_zone)).date()
    today = hundredths(rate_on(parse_tax(festival.tax), day))
    if told.kind == SALE:
        return [today] * len(told.sold)
    sales = [sale_of(session, told.order.id, told.at, _line(*sold, today)) for sold in told.sold]
    return [today if sale is None else sale.tax_rate for sale in sales]


def _line(
    sold: OrderLine | SwapLine | Ticket, place: Place, screening: Screening, rate: int
) -> dict[str, Any]:
    title = screening.title
    return {
        "screening": screening.code,
        "title": {"kk": title.kk, "ru": title.ru, "en": title.en},
        "starts_at": screening.starts_at.isoformat(),
        "section": place.section,
        "row": place.row,
        "number": place.number,
        "band": sold.band,
        "concession": sold.concession,
        "price_minor": sold.price_minor,
        "tax_minor": tax_within(sold.price_minor, rate),
    }
