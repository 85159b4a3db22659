"""Reads of vouchers for staff: the series, one with its codes and the orders that used it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.sales.models import Order
from ticketing.sales.voucher_models import VoucherCode, VoucherSeries, VoucherUse
from ticketing.sales.voucher_rules import canonical, in_groups

MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class CodeRow:
    """A code as it is printed; `left_minor` is what a gift code has to spend, None for other kinds."""

    code: str
    uses: int
    uses_allowed: int
    left_minor: int | None


@dataclass(frozen=True, kw_only=True)
class UseRow:
    """An order that used a voucher; amounts in minor units."""

    order: str
    status: str
    created_at: datetime
    code: str
    saved_minor: int
    total_minor: int
    given_back: bool


@dataclass(frozen=True, kw_only=True)
class SeriesView:
    """A series with the first of its codes and the latest of its uses."""

    series: VoucherSeries
    codes: int
    first_codes: Sequence[CodeRow]
    uses: Sequence[UseRow]


def all_series(session: Session) -> Sequence[tuple[VoucherSeries, int]]:
    """Return every series with its number of codes, the newest first."""
    number = (
        select(func.count()).where(VoucherCode.series_id == VoucherSeries.id).correlate(VoucherSeries)
    ).scalar_subquery()
    rows = session.execute(select(VoucherSeries, number).order_by(VoucherSeries.id.desc()))
    return [(row[0], row[1]) for row in rows]


def series_of_code(session: Session, typed: str) -> UUID | None:
    """Return the series of a code, however it is typed."""
    return session.scalar(select(VoucherCode.series_id).where(VoucherCode.code == canonical(typed)))


def series_view(session: Session, series_id: UUID, typed: str = "") -> SeriesView:
    """Return a series; with a code typed, that one alone and its uses. Raises NotFoundError."""
    series = session.get(VoucherSeries, series_id)
    if series is None:
        raise NotFoundError
    uses = (
        select(Order, VoucherUse, VoucherCode.code)
        .join(VoucherUse, VoucherUse.order_id == Order.id)
        .join(VoucherCode, VoucherCode.id == VoucherUse.code_id)
        .where(VoucherUse.series_id == series_id)
        .order_by(Order.created_at.desc())
        .limit(MOST_SHOWN)
    )
    if typed:
        uses = uses.where(VoucherCode.code == canonical(typed))
    number = select(func.count()).where(VoucherCode.series_id == series_id)
    return SeriesView(
        series=series,
        codes=session.scalars(number).one(),
        first_codes=codes_of(session, series_id, typed, MOST_SHOWN),
        uses=[
            UseRow(
                order=order.code,
                status=order.status,
                created_at=order.created_at,
                code=in_groups(code),
                saved_minor=use.saved_minor,
                total_minor=order.total_minor,
                given_back=use.given_back,
            )
            for order, use, code in session.execute(uses)
        ],
    )


def codes_of(
    session: Session, series_id: UUID, typed: str = "", most: int | None = None
) -> Sequence[CodeRow]:
    """Return the codes of a series in their order; with a code typed, that one alone."""
    query = select(VoucherCode).where(VoucherCode.series_id == series_id).order_by(VoucherCode.code)
    if typed:
        query = query.where(VoucherCode.code == canonical(typed))
    return [
        CodeRow(
            code=in_groups(row.code), uses=row.uses, uses_allowed=row.uses_allowed, left_minor=row.left_minor
        )
        for row in session.scalars(query.limit(most))
    ]
