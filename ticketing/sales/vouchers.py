"""Using a voucher: what it saves, the promise when an order is made, and giving that back.

A gift code (VoucherKind.GIFT) is a voucher with something to spend: what each order takes of it is on the
order's lines, and goes back with their tickets (sales/gifts.py).

The promise is counted when the order is made, not when it is paid: two buyers at the bank must not both have
the last use. It goes back when the order can no longer be paid. A refund gives nothing back by itself; staff
may (voucher_series.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Update, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import ProgrammeSection, Screening
from ticketing.sales.errors import (
    VoucherExpiredError,
    VoucherNotForThisError,
    VouchersDoNotCombineError,
    VoucherTooEarlyError,
    VoucherUnknownError,
    VoucherUsedUpError,
)
from ticketing.sales.gifts import gift_of_order
from ticketing.sales.lines import Line
from ticketing.sales.voucher_models import VoucherCode, VoucherSeries, VoucherUse
from ticketing.sales.voucher_rules import (
    Offer,
    PricedPlace,
    Standing,
    VoucherKind,
    canonical,
    gift_shares,
    in_groups,
    offer_of,
    savings,
    standing,
)

_V, _S, _U = VoucherCode.__table__.c, VoucherSeries.__table__.c, VoucherUse.__table__.c
_FIND = (
    select(_V.id.label("code_id"), _V.code, _V.uses.label("code_uses"), _V.uses_allowed, _V.left_minor, *_S)
    .join(VoucherSeries.__table__, _S.id == _V.series_id)
    .where(_V.code == bindparam("typed"))
)
_WHERE = (
    select(Screening.id, Screening.code, ProgrammeSection.code.label("section"))
    .join(ProgrammeSection, ProgrammeSection.id == Screening.section_id)
    .where(Screening.id.in_(bindparam("screenings", expanding=True)))
)
_CODE_LEFT = and_(_V.uses < _V.uses_allowed, or_(_V.left_minor.is_(None), _V.left_minor >= bindparam("gift")))
_BUDGET_LEFT = and_(
    or_(_S.budget_minor.is_(None), _S.saved_minor + bindparam("saved") <= _S.budget_minor),
    or_(_S.budget_uses.is_(None), _S.uses < _S.budget_uses),
)
_NOT_STOPPED = _S.stopped_at.is_(None)
_INSERT = insert(VoucherUse.__table__)  # type: ignore[arg-type]
_USE_OF = select(_U.code_id, _U.series_id, _U.saved_minor, _U.given_back).where(
    _U.order_id == bindparam("order")
)
_MARK = (
    update(VoucherUse.__table__)  # type: ignore[arg-type]
    .where(_U.order_id == bindparam("of_order"), _U.given_back == bindparam("was"))
    .values(given_back=bindparam("is"))
)


def count_code_statement(condition: ColumnElement[bool]) -> Update:
    """Return the update that counts one more use of a code under a condition; tests build one without."""
    return (
        update(VoucherCode.__table__)  # type: ignore[arg-type]
        .where(_V.id == bindparam("which"), condition)
        .values(uses=_V.uses + 1, left_minor=_V.left_minor - bindparam("gift"))
    )


def count_series_statement(condition: ColumnElement[bool]) -> Update:
    """Return the update that counts one more use of a series under a condition; tests build one without."""
    return (
        update(VoucherSeries.__table__)  # type: ignore[arg-type]
        .where(_S.id == bindparam("which"), condition)
        .values(uses=_S.uses + 1, saved_minor=_S.saved_minor + bindparam("saved"))
    )


_COUNT_CODE = count_code_statement(_CODE_LEFT)
_COUNT_SERIES = count_series_statement(and_(_BUDGET_LEFT, _NOT_STOPPED))
# Late money for an order whose voucher has been stopped meanwhile: the buyer had the promise before.
_COUNT_SERIES_AGAIN = count_series_statement(_BUDGET_LEFT)
_UNCOUNT_CODE = (
    update(VoucherCode.__table__)  # type: ignore[arg-type]
    .where(_V.id == bindparam("which"))
    .values(uses=_V.uses - 1, left_minor=_V.left_minor + bindparam("gift"))
)
_UNCOUNT_SERIES = (
    update(VoucherSeries.__table__)  # type: ignore[arg-type]
    .where(_S.id == bindparam("which"))
    .values(uses=_S.uses - 1, saved_minor=_S.saved_minor - bindparam("saved"))
)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A voucher with what it saves of an order, in minor units; not counted yet.

    Of a gift code, `gift_minor` is what the order takes of it, and `left_minor` what it then has left.
    """

    code_id: UUID
    series_id: UUID
    code: str
    saved_minor: int
    gift_minor: int = 0
    left_minor: int | None = None

    @property
    def shown(self) -> str:
        """Return the code as it is printed."""
        return in_groups(self.code)


@dataclass(frozen=True, kw_only=True)
class _Found:
    code_id: UUID
    series_id: UUID
    code: str
    offer: Offer
    budget_left: int | None
    gift_left: int | None


def apply_vouchers(
    session: Session, codes: Sequence[str], lines: Sequence[Line], now: datetime
) -> tuple[list[Line], Promise | None]:
    """Return the lines with what the vouchers save, and the promise to count; without codes, as they are.

    Raises VouchersDoNotCombineError, VoucherUnknownError, VoucherTooEarlyError, VoucherExpiredError,
    VoucherUsedUpError or VoucherNotForThisError.
    """
    typed = {canonical(code) for code in codes}
    if not typed:
        return list(lines), None
    if len(typed) > 1:
        raise VouchersDoNotCombineError
    found = _find(session, typed.pop(), now)
    saved = savings(found.offer, _places(session, lines))
    if not any(saved):
        raise VoucherNotForThisError
    if found.budget_left is not None and sum(saved) > found.budget_left:
        raise VoucherUsedUpError
    gift = (0,) * len(saved) if found.gift_left is None else gift_shares(found.gift_left, saved)
    reduced = [
        replace(line, price_minor=line.price_minor - less, saved_minor=less, gift_minor=share)
        for line, less, share in zip(lines, saved, gift, strict=True)
    ]
    promise = Promise(
        code_id=found.code_id,
        series_id=found.series_id,
        code=found.code,
        saved_minor=sum(saved),
        gift_minor=sum(gift),
        left_minor=None if found.gift_left is None else found.gift_left - sum(gift),
    )
    return reduced, promise


def count_promise(session: Session, order_id: UUID, promise: Promise) -> None:
    """Count a promise for an order that was just made. Raises VoucherUsedUpError if somebody was faster."""
    if not _count(session, promise, promise.saved_minor, promise.gift_minor, _COUNT_SERIES):
        raise VoucherUsedUpError
    session.execute(
        _INSERT,
        {
            "order_id": order_id,
            "code_id": promise.code_id,
            "series_id": promise.series_id,
            "saved_minor": promise.saved_minor,
            "given_back": False,
        },
    )


def give_back(session: Session, order_id: UUID) -> bool:
    """Count an order's voucher no longer; False if it has none, or that was done before."""
    if not _mark(session, order_id, given_back=True):
        return False
    use = session.execute(_USE_OF, {"order": order_id}).one()
    session.execute(_UNCOUNT_CODE, {"which": use.code_id, "gift": gift_of_order(session, order_id)})
    session.execute(_UNCOUNT_SERIES, {"which": use.series_id, "saved": use.saved_minor})
    return True


def count_again(session: Session, order_id: UUID) -> bool:
    """Count the voucher of an order that got its places back; False if its use has gone to others."""
    use = session.execute(_USE_OF, {"order": order_id}).one_or_none()
    if use is None or not use.given_back:
        return True
    return _mark(session, order_id, given_back=False) and _count(
        session, use, use.saved_minor, gift_of_order(session, order_id), _COUNT_SERIES_AGAIN
    )


def _find(session: Session, typed: str, now: datetime) -> _Found:
    row = session.execute(_FIND, {"typed": typed}).one_or_none()
    if row is None:
        raise VoucherUnknownError
    match standing(row.valid_from, row.valid_until, row.stopped_at, now):
        case Standing.ENDED:
            raise VoucherExpiredError
        case Standing.TOO_EARLY:
            raise VoucherTooEarlyError(valid_from=row.valid_from.isoformat())
        case Standing.OPEN:
            pass
    if row.code_uses >= row.uses_allowed or (row.budget_uses is not None and row.uses >= row.budget_uses):
        raise VoucherUsedUpError
    if row.left_minor == 0:
        raise VoucherUsedUpError
    return _Found(
        code_id=row.code_id,
        series_id=row.id,
        code=row.code,
        offer=offer_of(
            row.kind,
            row.left_minor if row.kind == VoucherKind.GIFT else row.value,
            row.most_tickets,
            screenings=row.screenings,
            sections=row.sections,
            bands=row.bands,
        ),
        budget_left=None if row.budget_minor is None else row.budget_minor - row.saved_minor,
        gift_left=row.left_minor,
    )


def _places(session: Session, lines: Sequence[Line]) -> list[PricedPlace]:
    rows = session.execute(_WHERE, {"screenings": sorted({line.screening_id for line in lines})})
    where = {row.id: row for row in rows}
    return [
        PricedPlace(
            screening=where[line.screening_id].code,
            section=where[line.screening_id].section,
            band=line.band,
            price_minor=line.price_minor,
        )
        for line in lines
    ]


def _count(
    session: Session, of: Promise | Row[UUID, UUID, int, bool], saved: int, gift: int, count_series: Update
) -> bool:
    # The code's row first, everywhere: nobody waits for one of them while holding the other.
    return _moved(session, _COUNT_CODE, {"which": of.code_id, "gift": gift}) and _moved(
        session, count_series, {"which": of.series_id, "saved": saved}
    )


def _mark(session: Session, order_id: UUID, *, given_back: bool) -> bool:
    return _moved(session, _MARK, {"of_order": order_id, "was": not given_back, "is": given_back})


def _moved(session: Session, statement: Update, values: dict[str, object]) -> bool:
    return session.execute(statement, values).rowcount == 1  # type: ignore[attr-defined,no-any-return]
