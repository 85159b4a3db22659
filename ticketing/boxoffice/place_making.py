"""The places of a screening, made of the version of the plan that the screening names."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from ticketing.catalogue import models
from ticketing.catalogue.plans import SeatPlan, stored_plan
from ticketing.inventory.places import NewPlace, schedule_places, unnumbered
from ticketing.sales.lines import price_table
from ticketing.sales.pricing import PriceTable


class PlaceMaker:
    """Makes the places of screenings; a plan and a price list are read once for all of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._plans: dict[int, SeatPlan] = {}
        self._prices: dict[int, PriceTable] = {}

    def make(self, row: models.Screening, now: datetime) -> None:
        """Make a screening's places: seats of its plan, or 1 to its capacity where it has none."""
        plan = None if row.plan_id is None else self.plan(row.plan_id)
        places = unnumbered(row.capacity) if plan is None else seats_of(plan)
        prices = self.prices(row)
        priced = {place.band: prices.price(place.band, None) for place in places}
        band_prices = {band: 0 if price is None else price[1] for band, price in priced.items()}
        schedule_places(self._session, row.id, row.layout, places, band_prices, row.public_places, now)

    def plan(self, plan_id: int) -> SeatPlan:
        """Return a stored plan."""
        if plan_id not in self._plans:
            stored = self._session.get_one(models.SeatPlan, plan_id)
            self._plans[plan_id] = stored_plan(stored.source, stored.seats)
        return self._plans[plan_id]

    def prices(self, row: models.Screening) -> PriceTable:
        """Return the price list of a screening."""
        if row.price_list_id not in self._prices:
            self._prices[row.price_list_id] = price_table(self._session, row.price_list_id)
        return self._prices[row.price_list_id]

    def unpriced(self, row: models.Screening, plan_id: int) -> tuple[str, ...]:
        """Return the bands of a plan that a screening's price list has no full price for."""
        return without_price(self.prices(row), self.plan(plan_id).bands_in_use())


def without_price(prices: PriceTable, bands: Collection[str]) -> tuple[str, ...]:
    """Return the bands among these that could not be sold."""
    return tuple(band for band in bands if prices.price(band, None) is None)


def seats_of(plan: SeatPlan) -> list[NewPlace]:
    """Return the places that a plan's seats become."""
    return [
        NewPlace(
            label=seat.guid,
            section=seat.section,
            row=seat.row,
            line=seat.line,
            number=seat.number,
            band=seat.band,
            kind=str(seat.kind),
            pair=seat.pair_with,
            x=seat.x,
            y=seat.y,
        )
        for seat in plan.seats
    ]
