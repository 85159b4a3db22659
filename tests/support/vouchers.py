"""Vouchers for tests: a series as staff would make it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ticketing.foundation.actor import Actor, ActorKind
from ticketing.foundation.db import Database
from ticketing.foundation.ids import new_id
from ticketing.sales.voucher_models import VoucherCode
from ticketing.sales.voucher_rules import VoucherKind
from ticketing.sales.voucher_series import SeriesRequest, make_series

MANAGER = Actor(kind=ActorKind.STAFF, id="m", name="Дана", role="manager")


def make_vouchers(database: Database, now: datetime, **changed: Any) -> tuple[UUID, list[str]]:
    """Make a series, half price unless something else is said; return it with its codes as they are kept."""
    facts = {
        "name": "Press",
        "reason": "friends",
        "prefix": "KINO",
        "kind": VoucherKind.PERCENT,
        "value": 50,
        "codes": 1,
        "valid_from": now - timedelta(hours=1),
        **changed,
    }
    series = new_id(now)
    with database.transaction() as session:
        make_series(session, series, SeriesRequest(**facts), MANAGER, now)
        codes = session.scalars(
            select(VoucherCode.code).where(VoucherCode.series_id == series).order_by(VoucherCode.code)
        ).all()
    return series, list(codes)
