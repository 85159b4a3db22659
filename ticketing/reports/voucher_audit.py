"""What the audit asks of vouchers: every count and every gift's balance is what orders have of it."""

from sqlalchemy import Select, and_, func, literal, select

from ticketing.sales.models import Order, OrderLine
from ticketing.sales.voucher_models import VoucherCode, VoucherSeries, VoucherUse

_COUNTED = VoucherUse.given_back.is_(False)


def voucher_faults() -> list[Select[str, str]]:
    """Return vouchers whose counts are not what orders have of them, and orders that save without one."""
    of_code = select(func.count()).where(VoucherUse.code_id == VoucherCode.id, _COUNTED).scalar_subquery()
    of_series = (
        select(func.count()).where(VoucherUse.series_id == VoucherSeries.id, _COUNTED).scalar_subquery()
    )
    saved = (
        select(func.coalesce(func.sum(VoucherUse.saved_minor), 0))
        .where(VoucherUse.series_id == VoucherSeries.id, _COUNTED)
        .scalar_subquery()
    )
    promised = (
        select(func.coalesce(func.sum(VoucherUse.saved_minor), 0))
        .where(VoucherUse.order_id == Order.id)
        .scalar_subquery()
    )
    unpaid = (
        select(VoucherUse.order_id)
        .where(
            VoucherUse.order_id == Order.id, VoucherUse.given_back == Order.status.in_(("pending", "paid"))
        )
        .exists()
    )
    gift = (
        select(func.coalesce(func.sum(OrderLine.gift_minor), 0))
        .join(VoucherUse, VoucherUse.order_id == OrderLine.order_id)
        .where(VoucherUse.code_id == VoucherCode.id, _COUNTED)
        .scalar_subquery()
    )
    of_gift = and_(VoucherCode.series_id == VoucherSeries.id, VoucherCode.left_minor.is_not(None))
    return [
        select(VoucherCode.code, literal("left"))
        .join(VoucherSeries, of_gift)
        .where(VoucherCode.left_minor + gift != VoucherSeries.value),
        select(VoucherCode.code, literal("uses")).where(VoucherCode.uses != of_code),
        select(VoucherSeries.name, literal("uses")).where(VoucherSeries.uses != of_series),
        select(VoucherSeries.name, literal("saved")).where(VoucherSeries.saved_minor != saved),
        select(Order.code, Order.status).where(Order.saved_minor != promised),
        select(Order.code, Order.status).where(Order.status != "refunded", unpaid),
    ]
