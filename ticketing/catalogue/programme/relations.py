"""Checks that compare rows: the festival's days, one hall's screenings, capacities, prices for every band."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from ticketing.catalogue.plans import SeatPlan
from ticketing.catalogue.programme.faults import FaultCode
from ticketing.catalogue.programme.rows import Placed
from ticketing.catalogue.programme.values import Festival, Hall, PriceList, Screening, ScreeningStatus

ADULT = "adult"


def check_days(screenings: Sequence[Placed[Screening]], festival: Festival) -> None:
    """Require that screenings begin on a day of the festival, as its own clocks count days."""
    for screening in screenings:
        day = screening.value.starts_at.date()
        if not festival.first_day <= day <= festival.last_day:
            screening.reader.fault(
                "starts_at",
                FaultCode.OUTSIDE_FESTIVAL,
                day=day.isoformat(),
                first=festival.first_day.isoformat(),
                last=festival.last_day.isoformat(),
            )


def check_overlaps(screenings: Sequence[Placed[Screening]]) -> None:
    """Require that a hall shows one thing at a time. A cancelled screening takes no time."""
    occupied_by: dict[str, Placed[Screening]] = {}
    live = [placed for placed in screenings if placed.value.status is not ScreeningStatus.CANCELLED]
    for screening in sorted(live, key=attrgetter("value.starts_at")):
        other = occupied_by.get(screening.value.hall)
        if other is not None and screening.value.starts_at < other.value.ends_at:
            screening.reader.fault(
                "starts_at",
                FaultCode.OVERLAP,
                until=other.value.ends_at.strftime("%Y-%m-%dT%H:%M"),
                other=other.value.code,
                row=other.reader.record.row,
            )
        if other is None or screening.value.ends_at > other.value.ends_at:
            occupied_by[screening.value.hall] = screening


def check_capacities(
    halls: Sequence[Placed[Hall]], plans: Mapping[str, SeatPlan], screenings: Sequence[Placed[Screening]]
) -> None:
    """Require that a hall's capacity is its plan's, and that no more places are public than there are."""
    for hall in halls:
        plan = plans.get(hall.value.plan or "")
        if plan is not None and hall.value.plan and len(plan.seats) != hall.value.capacity:
            hall.reader.fault(
                "capacity",
                FaultCode.CAPACITY_DIFFERS,
                capacity=hall.value.capacity,
                plan=hall.value.plan,
                seats=len(plan.seats),
            )
    capacities = {hall.value.code: hall.value.capacity for hall in halls}
    for screening in screenings:
        capacity = capacities.get(screening.value.hall)
        public = screening.value.public_places
        if capacity is not None and public is not None and public > capacity:
            screening.reader.fault(
                "public_places", FaultCode.TOO_MANY_PUBLIC_PLACES, value=public, capacity=capacity
            )


def check_prices(
    screenings: Sequence[Placed[Screening]],
    halls: Sequence[Placed[Hall]],
    plans: Mapping[str, SeatPlan],
    price_lists: Sequence[PriceList],
) -> None:
    """Require a price for every band of a screening's hall.

    A place without a named concession is sold to an adult, else to the band's only concession (the public
    contract); so a band with several concessions needs `adult` among them. Unnumbered places have band "".
    """
    lists = {price_list.code: price_list for price_list in price_lists}
    bands_of = {hall.value.code: _bands(hall.value, plans) for hall in halls}
    for screening in screenings:
        price_list = lists.get(screening.value.price_list)
        if price_list is None:
            continue
        for band in bands_of.get(screening.value.hall, ()):
            concessions = price_list.concessions_of(band)
            if ADULT in concessions or len(concessions) == 1:
                continue
            screening.reader.fault(
                "price_list",
                FaultCode.ADULT_PRICE_MISSING if concessions else FaultCode.PRICE_MISSING,
                price_list=price_list.code,
                band=band,
                hall=screening.value.hall,
            )


def _bands(hall: Hall, plans: Mapping[str, SeatPlan]) -> tuple[str, ...]:
    """Return the bands of a hall; none when its plan could not be read."""
    if hall.plan is None:
        return ("",)
    plan = plans.get(hall.plan)
    return () if plan is None else plan.bands_in_use()
