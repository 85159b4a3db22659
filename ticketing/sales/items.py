"""What a payment page lists: a line for each ticket, with the screening and the place."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.foundation.i18n import sentences, short_date, time_text
from ticketing.inventory.models import Place
from ticketing.sales.models import OrderLine
from ticketing.sales.payments.port import Item

_L, _S, _P = OrderLine.__table__.c, Screening.__table__.c, Place.__table__.c
_LINES = (
    select(_L.price_minor, _S.title, _S.starts_at, _P.row, _P.number, Festival.__table__.c.time_zone)
    .join(Screening.__table__, _S.id == _L.screening_id)
    .join(Place.__table__, _P.id == _L.place_id)
    .join(Festival.__table__, Festival.__table__.c.id == 1)
    .where(_L.order_id == bindparam("order"))
    .order_by(_L.line_no)
)


def payment_items(session: Session, order_id: UUID, lang: str) -> tuple[Item, ...]:
    """Return the lines of an order in the buyer's language, without anything personal."""
    say = sentences(lang)
    rows = session.execute(_LINES, {"order": order_id})
    return tuple(Item(name=_name(row, lang, say), amount_minor=row.price_minor) for row in rows)


def _name(row: Row[*tuple[Any, ...]], lang: str, say: Callable[..., str]) -> str:
    zone = ZoneInfo(row.time_zone)
    title = getattr(row.title, lang) or row.title.kk or row.title.ru or row.title.en
    parts = [title, short_date(row.starts_at, zone, lang), time_text(row.starts_at, zone)]
    if row.row:
        parts.append(say("Row %(row)s, seat %(seat)s", row=row.row, seat=row.number))
    return ", ".join(parts)
