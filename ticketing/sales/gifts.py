"""What gift codes pay of an order, and its way back: with a ticket goes what a gift paid of it.

The code's balance and the orders' shares of it always add up to what the code was made with: a share is taken
with the order, returned when the order can no longer be paid (sales/vouchers.py), and returned with each
ticket that is refunded or exchanged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.money import Money
from ticketing.sales.models import Order, OrderLine
from ticketing.sales.voucher_models import VoucherCode, VoucherUse
from ticketing.sales.voucher_rules import in_groups

_L, _V = OrderLine.__table__.c, VoucherCode.__table__.c
_OF_ORDER = select(func.coalesce(func.sum(_L.gift_minor), 0)).where(_L.order_id == bindparam("of"))
_OF_PLACES = (
    select(_L.line_no, _L.gift_minor)
    .where(
        _L.order_id == bindparam("of"),
        _L.place_id.in_(bindparam("places", expanding=True)),
        _L.gift_minor > 0,
    )
    .order_by(_L.line_no)
    .with_for_update()
)
_TAKE_OFF = (
    update(OrderLine.__table__)  # type: ignore[arg-type]
    .where(_L.order_id == bindparam("of"), _L.line_no.in_(bindparam("lines", expanding=True)))
    .values(gift_minor=0)
)
_PUT_BACK = (
    update(VoucherCode.__table__)  # type: ignore[arg-type]
    .where(_V.id.in_(select(VoucherUse.code_id).where(VoucherUse.order_id == bindparam("of"))))
    .values(left_minor=_V.left_minor + bindparam("gift"))
)


@dataclass(frozen=True, kw_only=True)
class Gift:
    """A gift code as it is printed, what it pays of an order's tickets, and what it has left."""

    code: str
    paid: Money
    left: Money


def gift_view(session: Session, order: Order) -> Gift | None:
    """Return the gift code of an order, if it has one."""
    row = session.execute(
        select(_V.code, _V.left_minor)
        .join(VoucherUse, VoucherUse.code_id == _V.id)
        .where(VoucherUse.order_id == order.id, _V.left_minor.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    paid = Money(gift_of_order(session, order.id), order.currency)
    return Gift(code=in_groups(row.code), paid=paid, left=Money(row.left_minor, order.currency))


def gift_of_order(session: Session, order_id: UUID) -> int:
    """Return what a gift code pays of an order's tickets that were not given back, in minor units."""
    return int(session.execute(_OF_ORDER, {"of": order_id}).scalar_one())


def return_gift(session: Session, order_id: UUID, places: Sequence[int]) -> int:
    """Give a gift code back what it paid of a paid order's places, once; return how much, in minor units."""
    rows = session.execute(_OF_PLACES, {"of": order_id, "places": list(places)}).all()
    gift: int = sum(row.gift_minor for row in rows)
    if gift:
        session.execute(_TAKE_OFF, {"of": order_id, "lines": [row.line_no for row in rows]})
        session.execute(_PUT_BACK, {"of": order_id, "gift": gift})
    return gift
