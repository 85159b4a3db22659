"""Reads for the pages of comps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.sales.comp_models import Comp
from ticketing.sales.models import Order

MOST_SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class CompRow:
    """A comp with its order and screening."""

    comp: Comp
    order: Order
    screening: Screening


def latest_comps(session: Session) -> Sequence[CompRow]:
    """Return the comps given last, the newest first."""
    rows = session.execute(
        select(Comp, Order, Screening)
        .join(Order, Order.id == Comp.order_id)
        .join(Screening, Screening.id == Comp.screening_id)
        .order_by(Comp.made_at.desc(), Comp.order_id.desc())
        .limit(MOST_SHOWN)
    ).unique()
    return [CompRow(comp=row[0], order=row[1], screening=row[2]) for row in rows]


def screenings_ahead(session: Session, now: datetime) -> Sequence[Screening]:
    """Return the screenings that places can still be given of, in the order of time."""
    query = (
        select(Screening)
        .where(Screening.status != "cancelled", Screening.ends_at > now)
        .order_by(Screening.starts_at, Screening.id)
    )
    return session.scalars(query).unique().all()
