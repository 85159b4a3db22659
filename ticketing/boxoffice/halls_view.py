"""Halls with their plans, as staff's pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.boxoffice.place_making import without_price
from ticketing.boxoffice.plan_use import PlanUse, coming_on_older_plans, coming_screenings
from ticketing.catalogue.models import Hall, Screening, SeatPlan
from ticketing.catalogue.plan_drafts import plan_of_row
from ticketing.catalogue.plan_queries import draft_of, versions
from ticketing.catalogue.plan_warnings import PlanWarnings, warnings_of
from ticketing.catalogue.plans import SeatPlan as Plan
from ticketing.catalogue.programme.values import Seating
from ticketing.catalogue.queries import all_halls
from ticketing.sales.lines import price_table
from ticketing.sales.pricing import PriceTable


@dataclass(frozen=True, kw_only=True)
class HallSummary:
    """A hall in the list; `version` is None without a plan."""

    hall: Hall
    version: int | None
    has_draft: bool

    @property
    def is_numbered(self) -> bool:
        """Tell whether the hall's seats have numbers, so that it has a plan."""
        return self.hall.seating == Seating.RESERVED


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """A published version: its seats, and how many screenings have it."""

    row: SeatPlan
    seats: int
    screenings: int


@dataclass(frozen=True, kw_only=True)
class HallPlans:
    """Everything that a hall's page shows."""

    hall: Hall
    versions: Sequence[VersionLine]
    draft: SeatPlan | None
    draft_seats: int
    older: Sequence[PlanUse]

    @property
    def is_numbered(self) -> bool:
        """Tell whether the hall's seats have numbers, so that it has a plan."""
        return self.hall.seating == Seating.RESERVED


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """What staff should know before they publish; bands lack a price at one of the coming screenings."""

    plan: PlanWarnings
    unpriced: tuple[str, ...]


def hall_list(session: Session) -> list[HallSummary]:
    """Return the halls in the programme's order."""
    numbers = select(SeatPlan.hall_id, func.max(SeatPlan.version)).where(SeatPlan.draft.is_(False))
    newest = {row[0]: row[1] for row in session.execute(numbers.group_by(SeatPlan.hall_id))}
    drafts = set(session.scalars(select(SeatPlan.hall_id).where(SeatPlan.draft.is_(True))))
    return [
        HallSummary(hall=hall, version=newest.get(hall.id), has_draft=hall.id in drafts)
        for hall in all_halls(session)
    ]


def hall_plans(session: Session, hall: Hall, now: datetime) -> HallPlans:
    """Return a hall's versions, the newest first, its draft, and what is still shown on older versions."""
    counts = select(Screening.plan_id, func.count()).where(Screening.hall_id == hall.id)
    used = {row[0]: row[1] for row in session.execute(counts.group_by(Screening.plan_id))}
    draft = draft_of(session, hall.id)
    return HallPlans(
        hall=hall,
        versions=[
            VersionLine(row=row, seats=len(plan_of_row(row).seats), screenings=used.get(row.id, 0))
            for row in versions(session, hall.id)
        ],
        draft=draft,
        draft_seats=0 if draft is None else len(plan_of_row(draft).seats),
        older=coming_on_older_plans(session, hall, now),
    )


def doubts(session: Session, hall: Hall, plan: Plan, now: datetime) -> Doubts:
    """Return what is doubtful about a plan for this hall."""
    bands = plan.bands_in_use()
    lists = {screening.price_list_id for screening in coming_screenings(session, hall, now)}
    missing = {
        band for price_list in lists for band in without_price(price_table(session, price_list), bands)
    }
    return Doubts(plan=warnings_of(plan), unpriced=tuple(band for band in bands if band in missing))


def usual_prices(session: Session, hall: Hall, now: datetime) -> PriceTable:
    """Return the price list of the hall's next screening, for a preview; an empty one without any."""
    coming = coming_screenings(session, hall, now)
    return price_table(session, coming[0].price_list_id) if coming else PriceTable()
