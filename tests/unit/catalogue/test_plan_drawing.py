"""The drawing of a plan: turned words, lines, rows' names where the plan wants them, bounds of the absurd."""

import json
from typing import Any

import pytest

from ticketing.catalogue.plan_drawing import Drawing, draw
from ticketing.catalogue.plans import parse_plan

ABSENT = object()


def hall(rows: int = 2, seats: int = 3, **row: Any) -> dict[str, Any]:
    """Return a plan of one section with seats 26 units apart; `row` is added to its first row."""
    made: list[dict[str, Any]] = [
        {
            "row_number": str(r + 1),
            "position": {"x": 0, "y": 30 * r},
            "seats": [
                {
                    "seat_guid": f"{r}-{s}",
                    "seat_number": str(s + 1),
                    "category": "A",
                    "position": {"x": 26 * s, "y": 0},
                }
                for s in range(seats)
            ],
        }
        for r in range(rows)
    ]
    made[0].update(row)
    zone = {"name": "Hall", "position": {"x": 100, "y": 100}, "rows": made}
    return {"name": "Plan", "categories": [{"name": "A"}], "zones": [zone]}


def drawn(plan: dict[str, Any]) -> Drawing:
    return draw(parse_plan(json.dumps(plan)))


def with_area(**area: Any) -> Drawing:
    plan = hall()
    plan["zones"][0]["areas"] = [area]
    return drawn(plan)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        (ABSENT, True, True),
        ("both", True, True),
        ("start", True, False),
        ("end", False, True),
        (None, False, False),
    ],
)
def test_rows_are_numbered_where_the_plan_wants_it(wanted: object, *, start: bool, end: bool) -> None:
    first, second = drawn(hall(**({} if wanted is ABSENT else {"row_number_position": wanted}))).rows
    assert (first.start is not None, first.end is not None) == (start, end)
    assert second.start
    assert second.end


def test_a_row_of_one_seat_is_numbered_at_the_wanted_side() -> None:
    one = drawn(hall(rows=2, seats=1, row_number_position="end"))
    first, second = one.rows
    assert first.start is None
    assert first.end is not None
    assert first.end[0] > one.seats[0][0]
    assert second.start is not None
    assert second.end is None
    assert second.start[0] < one.seats[1][0]


def test_a_turned_area_turns_its_words() -> None:
    area = {"position": {"x": 0, "y": 200}, "rotation": 90, "shape": "rectangle"}
    measures = {"width": 100, "height": 20}
    drawing = with_area(**area, rectangle=measures, text={"text": "Bar", "position": {"x": 50, "y": 10}})
    (shape,), (words,) = drawing.shapes, drawing.words
    assert (shape.rotation, words.rotation) == (90, 90)
    # A quarter of a turn clockwise takes (50, 10) to (-10, 50).
    assert words.x - shape.x == pytest.approx(-10)
    assert words.y - shape.y == pytest.approx(50)


def test_lines_of_words_stand_one_under_the_other() -> None:
    text = {"text": "Main\n\nentrance ", "position": {"x": 0, "y": 0}, "size": 10}
    one, other = with_area(position={"x": 0, "y": 300}, text=text).words
    assert (one.text, other.text) == ("Main", "entrance")
    assert one.x == other.x
    assert other.y - one.y == pytest.approx(24)


def test_an_area_without_shape_position_or_measures_draws_nothing() -> None:
    assert with_area().shapes == ()
    assert with_area(shape="rectangle", position={"x": 0, "y": 0}).shapes == ()
    assert with_area(shape="circle", circle={"radius": 9}).shapes == ()
    assert with_area(shape="circle", circle={"radius": 9}, position={"x": 0, "y": 0}).shapes
    # A plan that draws nothing but seats gets a screen in front of them.
    assert with_area().screen


def test_a_drawing_stays_within_what_browsers_can_show() -> None:
    plan = hall()
    seats = plan["zones"][0]["rows"][0]["seats"]
    for number, seat in enumerate(seats):
        seat["position"]["x"] = number * 0.001
    seats.append({**seats[0], "seat_guid": "far", "position": {"x": 900_000, "y": 0}})
    drawing = drawn(plan)
    assert max(drawing.width, drawing.height) < 200_000


def test_seats_on_one_spot_and_rows_of_one_seat_have_a_drawing() -> None:
    plan = hall()
    for row in plan["zones"][0]["rows"]:
        row["position"] = {"x": 5, "y": 5}
        for seat in row["seats"]:
            seat["position"] = {"x": 1, "y": 1}
    assert len(set(drawn(plan).seats)) == 1
    column = drawn(hall(rows=30, seats=1))
    assert column.seats[1][1] - column.seats[0][1] == pytest.approx(26)
