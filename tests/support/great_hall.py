"""A hall of 3,000 seats that exists nowhere: as a plan of every kind of seat, and as a screening to sell.

Three zones of curved rows with two aisles; four price bands; wheelchair spaces with companion seats, sofas
and a restricted view. It is made the way a festival's files make one: pretix's JSON, and a list of kinds.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from ticketing.catalogue.plans import SeatKind, SeatPlan, parse_plan, with_kinds
from ticketing.catalogue.programme.values import Hall, Programme, Seating, Words
from ticketing.inventory.rules import Spot, blocks, rank
from ticketing.inventory.seats import Candidate

GREAT = "great"
SEATS = 3_000
# The premiere of the demo festival, whose price list knows all four bands, is shown once more.
_LIKE = "s18"
_ROW = 60
_PITCH, _AISLE = 26.0, 52.0
_AFTER = (15, 45)
_BEND = 0.00012
_PLAN = "plans/great.json"


@dataclass(frozen=True)
class _Zone:
    name: str
    letter: str
    y: float
    bands: tuple[str, ...]


# A band for each row, the front first: 28 + 14 + 8 rows of 60.
_ZONES = (
    _Zone("Партер", "П", 80, ("Партер I",) * 10 + ("Партер II",) * 18),
    _Zone("Амфитеатр", "А", 940, ("Амфитеатр",) * 14),
    _Zone("Балкон", "Б", 1400, ("Балкон",) * 8),
)


def great_plan() -> SeatPlan:
    """Return the plan. Raises PlanError if it has a fault, as for anybody's file."""
    bands = dict.fromkeys(band for zone in _ZONES for band in zone.bands)
    source = {
        "name": "Great hall",
        "size": {"width": 1800, "height": 1800},
        "categories": [{"name": band, "color": "#777777"} for band in bands],
        "zones": [_zone(zone) for zone in _ZONES],
    }
    return with_kinds(parse_plan(json.dumps(source, ensure_ascii=False)), dict(_kinds()))


def with_great_hall(programme: Programme) -> Programme:
    """Return the programme with the hall and a screening in it, `great`, on sale as long as its model is."""
    model = next(screening for screening in programme.screenings if screening.code == _LIKE)
    venue = next(hall.venue for hall in programme.halls if hall.code == model.hall)
    name = Words(kk="Ең үлкен зал", ru="Самый большой зал", en="Great Hall")
    hall = Hall(code=GREAT, venue=venue, name=name, seating=Seating.RESERVED, capacity=SEATS, plan=_PLAN)
    screening = replace(
        model, code=GREAT, hall=GREAT, starts_at=model.starts_at + timedelta(hours=1), public_places=None
    )
    return replace(
        programme,
        halls=(*programme.halls, hall),
        screenings=(*programme.screenings, screening),
        plans={**programme.plans, _PLAN: great_plan()},
    )


def _zone(zone: _Zone) -> Mapping[str, Any]:
    return {
        "name": zone.name,
        "position": {"x": 40, "y": zone.y},
        "rows": [_row(zone, number, band) for number, band in enumerate(zone.bands, start=1)],
        "areas": [],
    }


def _row(zone: _Zone, number: int, band: str) -> Mapping[str, Any]:
    across = [_PITCH * n + _AISLE * sum(n >= after for after in _AFTER) for n in range(_ROW)]
    middle = (across[0] + across[-1]) / 2
    return {
        "row_number": str(number),
        "position": {"x": 0, "y": 30 * number},
        "seats": [
            {
                "seat_guid": f"{zone.letter}-{number}-{n}",
                "seat_number": str(n),
                "category": band,
                "position": {"x": x, "y": round(_BEND * (middle**2 - (x - middle) ** 2), 1)},
            }
            for n, x in enumerate(across, start=1)
        ],
    }


def _kinds() -> Iterator[tuple[str, tuple[SeatKind, str | None]]]:
    """Yield what is not an ordinary seat: the stalls' last row, the balcony's last two, its outer seats."""
    for space in range(1, 13, 2):
        yield f"П-28-{space}", (SeatKind.WHEELCHAIR, f"П-28-{space + 1}")
        yield f"П-28-{space + 1}", (SeatKind.COMPANION, f"П-28-{space}")
    for row in (7, 8):
        halves = [f"Б-{row}-{n}" for n in range(16, 46)]
        for one, other in list(pairwise(halves))[::2]:
            yield one, (SeatKind.SOFA, other)
            yield other, (SeatKind.SOFA, one)
    for row in range(1, 7):
        for number in (1, _ROW):
            yield f"Б-{row}-{number}", (SeatKind.RESTRICTED_VIEW, None)


def great_seats() -> list[Candidate]:
    """Return the hall's seats as best available sees them, all free."""
    plan = great_plan()
    spots = [Spot(number=s.ordinal, line=s.line, band=s.band, kind=s.kind, x=s.x, y=s.y) for s in plan.seats]
    prices = {band: -place for place, band in enumerate(plan.bands_in_use())}
    ranks, in_block = rank(spots, prices), blocks(spots)
    numbers = {seat.guid: seat.ordinal for seat in plan.seats}
    return [
        Candidate(
            spot.number,
            spot.line,
            in_block[spot.number],
            ranks[spot.number],
            spot.kind,
            numbers.get(seat.pair_with or ""),
        )
        for spot, seat in zip(spots, plan.seats, strict=True)
    ]
