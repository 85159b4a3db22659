"""Properties of every plan that the schema allows: it is read, drawn, kept; what is broken is found."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pretix_plans import breakable, plans, spoilt
from ticketing.catalogue.plan_areas import AreaShape
from ticketing.catalogue.plan_drawing import Drawing, draw, style_sheet
from ticketing.catalogue.plan_geometry import turned
from ticketing.catalogue.plan_json import PlanError
from ticketing.catalogue.plans import SeatKind, parse_plan, seats_text, stored_plan, with_kinds

RULE = re.compile(
    r"\.map\{--w:NUM;--h:NUM\}|#s\d+\{--x:NUM;--y:NUM\}|#r\d+\{--m:NUM(;--x:NUM;--y:NUM)?(;--x2:NUM;--y2:NUM)?\}".replace(
        "NUM", r"-?\d+(\.\d)?"
    )
)
DUST = 0.2  # a polygon's corners are written with one decimal


def points_of(drawing: Drawing) -> Iterator[tuple[float, float]]:
    """Return every point that is drawn."""
    yield from drawing.seats
    for row in drawing.rows:
        yield from (end for end in (row.start, row.end) if end)
    if drawing.screen:
        yield drawing.screen.left, drawing.screen.y
        yield drawing.screen.right, drawing.screen.y + drawing.screen.depth
    for words in drawing.words:
        yield words.x, words.y
    for shape in drawing.shapes:
        if shape.shape is AreaShape.POLYGON:
            pairs = [pair.split(",") for pair in shape.points.split()]
            corners = [(float(x), float(y)) for x, y in pairs]
        elif shape.shape is AreaShape.RECTANGLE:
            corners = [(shape.x + dx, shape.y + dy) for dx in (0, shape.width) for dy in (0, shape.height)]
        else:
            corners = [(shape.x, shape.y)]
        yield from (turned(corner, (shape.x, shape.y), shape.rotation) for corner in corners)


@given(plans())
def test_it_is_read_drawn_and_kept(document: dict[str, Any]) -> None:
    plan = parse_plan(json.dumps(document))
    guids = [seat["seat_guid"] for zone in document["zones"] for row in zone["rows"] for seat in row["seats"]]
    assert [seat.guid for seat in plan.seats] == guids
    assert {seat.band for seat in plan.seats} <= set(plan.bands)
    assert [seat.line for seat in plan.seats] == sorted(seat.line for seat in plan.seats)
    drawing = draw(plan)
    assert len(drawing.seats) == len(guids)
    assert [row.line for row in drawing.rows] == list(range(1, len(plan.rows) + 1))
    for x, y in points_of(drawing):
        assert math.isfinite(x)
        assert math.isfinite(y)
        assert -DUST <= x <= drawing.width + DUST
        assert -DUST <= y <= drawing.height + DUST
    assert all(shape.width > 0 < shape.height or shape.points for shape in drawing.shapes)
    assert all("\n" not in words.text for words in drawing.words)
    assert all(RULE.fullmatch(line) for line in style_sheet(drawing).splitlines())
    kinds = {guids[0]: (SeatKind.RESTRICTED_VIEW, None)}
    special = with_kinds(plan, kinds)
    assert stored_plan(special.source, seats_text(special)) == special
    # What is kept is the file, unknown keys and all.
    assert json.loads(plan.source) == document


@settings(max_examples=200)
@given(plans(), st.data())
def test_one_broken_value_is_found_at_its_path(document: dict[str, Any], data: st.DataObject) -> None:
    container, key, path = data.draw(st.sampled_from(breakable(document)))
    container[key] = spoilt(container[key])
    with pytest.raises(PlanError) as refused:
        parse_plan(json.dumps(document))
    assert path in {fault.path for fault in refused.value.faults}


REQUIRED = {
    "name", "zones", "categories", "position", "rows", "seats", "row_number", "seat_guid", "seat_number",
    "category", "x", "y",
}  # fmt: skip


@given(plans(), st.data())
def test_one_missing_value_is_found_at_its_path(document: dict[str, Any], data: st.DataObject) -> None:
    needed = [
        (container, key, path)
        for container, key, path in breakable(document)
        if key in REQUIRED
        and not re.fullmatch(r"zones\[\d+\](\.rows\[\d+\]\.position|\.areas.*|\.name)", path)
    ]
    container, key, path = data.draw(st.sampled_from(needed))
    del container[key]
    with pytest.raises(PlanError) as refused:
        parse_plan(json.dumps(document))
    assert path in {fault.path for fault in refused.value.faults}


def test_demo_plans_fill_their_drawings(demo_folder: Path) -> None:
    paths = sorted(demo_folder.glob("plans/*.json"))
    assert len(paths) == 5
    for path in paths:
        drawing = draw(parse_plan(path.read_text(encoding="utf-8")))
        assert drawing.screen
        assert all(row.start and row.end for row in drawing.rows), path.name
