"""Screenings and places as JSON of the public contract."""

import json
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ticketing.catalogue.models import Screening
from ticketing.foundation.memory import Memory
from ticketing.foundation.money import Money
from ticketing.inventory.live import LivePlaces
from ticketing.inventory.queries import PlaceRow, known_places


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


class PlacesTexts:
    """Places as JSON, of which a process remembers all but whether they are free.

    What is remembered cannot change: a screening whose places are made anew gets another layout.
    """

    _HALLS = 64

    def __init__(self) -> None:
        self._memory: Memory[tuple[int, int], tuple[tuple[str, str], ...]] = Memory(self._HALLS)

    def body(self, session: Session, live: LivePlaces) -> bytes:
        """Return every place and the version that the ETag carries."""
        where = (live.screening_id, live.layout)
        texts = self._memory.get(where, lambda: _texts(session, *where))
        places = ",".join([text[mark] for text, mark in zip(texts, live.marks, strict=True)])
        return f'{{"version":"{live.version}","places":[{places}]}}'.encode()


def _texts(session: Session, screening_id: int, layout: int) -> tuple[tuple[str, str], ...]:
    """Return each place as it is written when it is taken, and when it is free."""
    return tuple(
        (_written(place, free=False), _written(place, free=True))
        for place in known_places(session, screening_id, layout)
    )


def _written(place: PlaceRow, *, free: bool) -> str:
    # In this order a hall of 3,000 is compressed to 12 KB instead of 18: what differs from seat to seat is
    # together, and what is the same along a row makes one long repetition.
    said = {
        "kind": place.kind,
        "band": place.band,
        "place": place.label,
        "number": place.number,
        "free": free,
        "section": place.section,
        "row": place.row,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
