"""Halls built from "rows × seats", block after block. Pure."""

from dataclasses import dataclass
from typing import Any

from ticketing.catalogue.plan_edit import Count, Json, add_band, document_of, kinds_of, rebuilt
from ticketing.catalogue.plan_errors import TooManySeatsError
from ticketing.catalogue.plan_geometry import PITCH, pitch_of
from ticketing.catalogue.plans import MAX_SEATS, SeatPlan

# Rows stand further apart than seats, blocks further than rows; an aisle is one seat wide.
_BETWEEN_ROWS, _BETWEEN_BLOCKS, _AISLE = 1.2, 2.5, 1.0
_MARGIN = 3
_MOST_GUID = 170


@dataclass(frozen=True, kw_only=True)
class Block:
    """A rectangle of seats. `aisles` are after which seat from the left, counted from 1, one has to pass."""

    section: str
    rows: int
    seats: int
    first_row: int = 1
    seat_numbers: Count
    aisles: frozenset[int] = frozenset()
    band: str


def build(plan: SeatPlan | None, name: str, block: Block) -> SeatPlan:
    """Return the plan with a block behind all its seats, or a new one of that name.

    Raises TooManySeatsError.
    """
    if (0 if plan is None else len(plan.seats)) + block.rows * block.seats > MAX_SEATS:
        raise TooManySeatsError(max=MAX_SEATS)
    document: Json = {"name": name, "categories": [], "zones": []} if plan is None else document_of(plan)
    add_band(document, plan, block.band)
    pitch = PITCH if plan is None else pitch_of(plan.seats)
    columns = _columns(block, pitch)
    x, y = _corner(plan, columns[-1], pitch)
    taken = set() if plan is None else {seat.guid for seat in plan.seats}
    numbers = block.seat_numbers.numbers(block.seats)
    rows = []
    for line in range(block.rows):
        row = str(block.first_row + line)
        seats = [
            {
                "seat_guid": _guid(taken, block.section, row, number),
                "seat_number": number,
                "category": block.band,
                "position": {"x": at, "y": 0},
            }
            for at, number in zip(columns, numbers, strict=True)
        ]
        down = round(line * pitch * _BETWEEN_ROWS, 3)
        rows.append(
            {
                "row_number": row,
                "row_number_position": "both",
                "position": {"x": 0, "y": down},
                "seats": seats,
            }
        )
    zone = {"name": block.section, "position": {"x": x, "y": y}, "rows": rows, "areas": []}
    document["zones"].append(zone)
    built = rebuilt(document, {} if plan is None else kinds_of(plan))
    return _with_size(document, built, pitch) if plan is None or "size" in document else built


def _columns(block: Block, pitch: float) -> list[float]:
    columns, at = [], 0.0
    for seat in range(1, block.seats + 1):
        columns.append(round(at, 3))
        at += pitch * (1 + _AISLE) if seat in block.aisles else pitch
    return columns


def _corner(plan: SeatPlan | None, width: float, pitch: float) -> tuple[float, float]:
    """Return where the block begins: behind the others, in their middle."""
    if plan is None:
        return pitch * _MARGIN, pitch * _MARGIN
    xs, ys = [seat.x for seat in plan.seats], [seat.y for seat in plan.seats]
    middle = (min(xs) + max(xs)) / 2
    return round(middle - width / 2, 3), round(max(ys) + pitch * _BETWEEN_BLOCKS, 3)


def _guid(taken: set[str], section: str, row: str, number: str) -> str:
    name = "-".join(part for part in (section, row, number) if part)[:_MOST_GUID]
    guid, again = name, 1
    while guid in taken:
        again += 1
        guid = f"{name}~{again}"
    taken.add(guid)
    return guid


def _with_size(document: dict[str, Any], built: SeatPlan, pitch: float) -> SeatPlan:
    """Return the plan with an extent that holds its seats: other programs draw no more than that."""
    size = document.get("size") or {"width": 0, "height": 0}
    margin = pitch * _MARGIN
    document["size"] = {
        "width": max(size["width"], int(max(seat.x for seat in built.seats) + margin)),
        "height": max(size["height"], int(max(seat.y for seat in built.seats) + margin)),
    }
    return rebuilt(document, kinds_of(built))
