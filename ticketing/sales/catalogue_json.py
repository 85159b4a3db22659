"""Screenings and places as JSON of the public contract."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from ticketing.catalogue.models import Screening
from ticketing.foundation.money import Money
from ticketing.inventory.places import PlaceState, version


def screening_json(screening: Screening, free: int, zone: ZoneInfo, currency: str) -> dict[str, Any]:
    """Return a screening; `free` counts what the public may claim now."""
    return {
        "code": screening.code,
        "title": asdict(screening.title),
        "starts_at": screening.starts_at.astimezone(zone).isoformat(),
        "ends_at": screening.ends_at.astimezone(zone).isoformat(),
        "venue": screening.hall.venue.code,
        "hall": screening.hall.code,
        "section": screening.section.code,
        "films": [entry.film.code for entry in screening.films],
        "seating": screening.hall.seating,
        "status": screening.status,
        "age_rating": screening.age_rating,
        "places": {"capacity": screening.capacity, "free": free},
        "prices": [
            {
                "band": price.band,
                "concession": price.concession,
                "price": Money(price.amount_minor, currency).to_json(),
            }
            for price in screening.price_list.prices
        ],
    }


def places_json(states: Sequence[PlaceState]) -> dict[str, Any]:
    """Return every place and the version that the ETag carries."""
    return {"version": version(states), "places": [asdict(state) for state in states]}
