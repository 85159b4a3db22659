"""Seat plans: both variants of the format, and every fault by its path."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.catalogue.plan_areas import AreaShape, PlanText
from ticketing.catalogue.plan_json import PlanError, PlanFaultCode
from ticketing.catalogue.plans import (
    MAX_AREAS,
    MAX_SEATS,
    SeatKind,
    parse_plan,
    with_kinds,
)

Plan = dict[str, Any]


def seat(guid: str, number: str, x: float, band: str = "Stalls") -> Plan:
    return {"seat_guid": guid, "seat_number": number, "category": band, "position": {"x": x, "y": 1}}


def small_plan() -> Plan:
    """Return two rows of two seats with a stage."""
    return {
        "name": "Studio",
        "size": {"width": 300, "height": 200},
        "categories": [{"name": "Stalls", "color": "#aabbcc"}, {"name": "Balcony", "color": "red"}],
        "zones": [
            {
                "name": "Hall",
                "position": {"x": 20, "y": 80},
                "rows": [
                    {
                        "row_number": "1",
                        "position": {"x": 4, "y": 5},
                        "seats": [seat("a", "1", 0.1), seat("b", "2", 26.2)],
                    },
                    {
                        "row_number": "2",
                        "position": {"x": 4, "y": 35},
                        "seats": [seat("c", "1", 0), seat("d", "2", 26)],
                    },
                ],
                "areas": [
                    {
                        "shape": "rectangle",
                        "position": {"x": 1, "y": -70},
                        "rectangle": {"width": 40, "height": 24},
                        "rotation": 90,
                        "color": "#ddd",
                        "text": {
                            "text": "Screen",
                            "position": {"x": 20, "y": 17},
                            "size": 12,
                            "color": "#333",
                        },
                    }
                ],
            }
        ],
    }


def faults_if_any(source: str) -> list[tuple[str, PlanFaultCode]]:
    try:
        parse_plan(source)
    except PlanError as error:
        return [(fault.path, fault.code) for fault in error.faults]
    return []


def faults_of(plan: object) -> list[tuple[str, PlanFaultCode]]:
    faults = faults_if_any(plan if isinstance(plan, str) else json.dumps(plan))
    assert faults
    return faults


def test_positions_add_up_and_seats_are_counted() -> None:
    plan = parse_plan(json.dumps(small_plan()))
    assert [(s.guid, s.section, s.row, s.number, s.x, s.y, s.ordinal) for s in plan.seats] == [
        ("a", "Hall", "1", "1", 24.1, 86.0, 1),
        ("b", "Hall", "1", "2", 50.2, 86.0, 2),
        ("c", "Hall", "2", "1", 24.0, 116.0, 3),
        ("d", "Hall", "2", "2", 50.0, 116.0, 4),
    ]
    assert {s.kind for s in plan.seats} == {SeatKind.STANDARD}
    assert plan.bands_in_use() == ("Stalls",)


def test_areas_and_their_words_are_kept_for_drawing() -> None:
    (area,) = parse_plan(json.dumps(small_plan())).areas
    assert (area.shape, area.x, area.y, area.width, area.height) == (AreaShape.RECTANGLE, 21, 10, 40, 24)
    assert area.rotation == 90
    assert area.text == PlanText(text="Screen", x=41, y=27, size=12)


@pytest.mark.parametrize(
    ("shape", "measures", "extent"),
    [
        ("circle", {"circle": {"radius": 7}}, (14, 14)),
        ("ellipse", {"ellipse": {"radius": {"x": 7, "y": 3}}}, (14, 6)),
        ("polygon", {"polygon": {"points": [{"x": 0, "y": 0}, {"x": 9, "y": 5}]}}, (0, 0)),
    ],
)
def test_other_shapes(shape: str, measures: Plan, extent: tuple[float, float]) -> None:
    plan = small_plan()
    plan["zones"][0]["areas"] = [{"shape": shape, "position": {"x": 10, "y": 20}, **measures}]
    (area,) = parse_plan(json.dumps(plan)).areas
    assert (area.shape, area.width, area.height) == (shape, *extent)
    assert area.points == (((30, 100), (39, 105)) if shape == "polygon" else ())


def test_the_older_variant() -> None:
    plan = small_plan()
    del plan["size"]
    (zone,) = plan["zones"]
    del zone["name"], zone["rows"][0]["position"]
    zone["displayed"] = True
    zone["areas"] = [{"width": 100, "height": 20, "position": {"x": 0, "y": -60}, "text": "Stage"}]
    read = parse_plan(json.dumps(plan))
    assert read.seats[0].section == ""
    assert (read.seats[0].x, read.seats[0].y) == (20.1, 81)
    (area,) = read.areas
    assert (area.shape, area.width, area.height) == (AreaShape.RECTANGLE, 100, 20)
    assert area.text == PlanText(text="Stage", x=70, y=30, size=16)


def test_a_zone_may_lack_areas() -> None:
    plan = small_plan()
    del plan["zones"][0]["areas"]
    assert parse_plan(json.dumps(plan)).areas == ()


def test_the_source_is_canonical() -> None:
    plan = small_plan()
    spread = parse_plan(json.dumps(plan, indent=4))
    turned = parse_plan(json.dumps(dict(reversed(plan.items()))))
    assert spread == turned
    assert parse_plan(spread.source) == spread
    assert spread.sha256 == hashlib.sha256(spread.source.encode()).digest()
    plan["zones"][0]["rows"][0]["seats"][0]["position"]["x"] = 0.2
    assert parse_plan(json.dumps(plan)).sha256 != spread.sha256


def test_kinds_are_added_by_guid() -> None:
    plan = parse_plan(json.dumps(small_plan()))
    kinds = with_kinds(plan, {"b": (SeatKind.WHEELCHAIR, "c"), "c": (SeatKind.COMPANION, "b")})
    assert [(s.kind, s.pair_with) for s in kinds.seats] == [
        (SeatKind.STANDARD, None),
        (SeatKind.WHEELCHAIR, "c"),
        (SeatKind.COMPANION, "b"),
        (SeatKind.STANDARD, None),
    ]
    assert kinds.sha256 == plan.sha256


ZONE = ("zones", 0)
ROW = (*ZONE, "rows", 1)
SEAT = (*ZONE, "rows", 0, "seats", 0)
AT = "zones[0].rows[0].seats[0]"
AREA = (*ZONE, "areas", 0)


@pytest.mark.parametrize(
    ("place", "value", "path", "code"),
    [
        (("name",), None, "name", PlanFaultCode.MISSING),
        (("name",), "x" * 201, "name", PlanFaultCode.TOO_LONG),
        (("zones",), None, "zones", PlanFaultCode.MISSING),
        (("zones",), {}, "zones", PlanFaultCode.NOT_A_LIST),
        (("zones",), [], "zones", PlanFaultCode.NO_SEATS),
        (("zones", 0), 7, "zones[0]", PlanFaultCode.NOT_AN_OBJECT),
        ((*ZONE, "position"), None, "zones[0].position", PlanFaultCode.MISSING),
        ((*ZONE, "name"), "x" * 191, "zones[0].name", PlanFaultCode.TOO_LONG),
        ((*ZONE, "zone_id"), 5, "zones[0].zone_id", PlanFaultCode.NOT_A_TEXT),
        ((*ZONE, "displayed"), "yes", "zones[0].displayed", PlanFaultCode.NOT_YES_NO),
        ((*ROW, "row_number"), None, "zones[0].rows[1].row_number", PlanFaultCode.MISSING),
        ((*ROW, "row_label"), 5, "zones[0].rows[1].row_label", PlanFaultCode.NOT_A_TEXT),
        (
            (*ROW, "row_number_position"),
            "left",
            "zones[0].rows[1].row_number_position",
            PlanFaultCode.UNKNOWN_CHOICE,
        ),
        (("size", "width"), "wide", "size.width", PlanFaultCode.NOT_A_NUMBER),
        (("size",), [1, 2], "size", PlanFaultCode.NOT_AN_OBJECT),
        (("categories", 0, "color"), 255, "categories[0].color", PlanFaultCode.NOT_A_TEXT),
        (("categories", 1, "name"), None, "categories[1].name", PlanFaultCode.MISSING),
        ((*SEAT, "category"), "Box", f"{AT}.category", PlanFaultCode.UNKNOWN_BAND),
        ((*SEAT, "category"), None, f"{AT}.category", PlanFaultCode.MISSING),
        ((*SEAT, "seat_guid"), "b", "zones[0].rows[0].seats[1].seat_guid", PlanFaultCode.DUPLICATE_GUID),
        ((*SEAT, "seat_guid"), "", f"{AT}.seat_guid", PlanFaultCode.MISSING),
        ((*SEAT, "seat_guid"), "x" * 191, f"{AT}.seat_guid", PlanFaultCode.TOO_LONG),
        ((*SEAT, "seat_guid"), "a\n", f"{AT}.seat_guid", PlanFaultCode.BAD_CHARACTER),
        ((*SEAT, "seat_guid"), "\ud800", f"{AT}.seat_guid", PlanFaultCode.BAD_CHARACTER),
        ((*SEAT, "seat_number"), 2, f"{AT}.seat_number", PlanFaultCode.NOT_A_TEXT),
        ((*SEAT, "seat_number"), "\ud800", f"{AT}.seat_number", PlanFaultCode.BAD_CHARACTER),
        ((*SEAT, "radius"), "10", f"{AT}.radius", PlanFaultCode.NOT_A_NUMBER),
        ((*SEAT, "position", "x"), "left", f"{AT}.position.x", PlanFaultCode.NOT_A_NUMBER),
        ((*SEAT, "position", "x"), True, f"{AT}.position.x", PlanFaultCode.NOT_A_NUMBER),
        ((*SEAT, "position", "x"), 10**400, f"{AT}.position.x", PlanFaultCode.NOT_A_NUMBER),
        ((*AREA, "shape"), "star", "zones[0].areas[0].shape", PlanFaultCode.UNKNOWN_CHOICE),
        ((*AREA, "rectangle"), 7, "zones[0].areas[0].rectangle", PlanFaultCode.NOT_AN_OBJECT),
        ((*AREA, "rectangle"), {"width": 7}, "zones[0].areas[0].rectangle.height", PlanFaultCode.MISSING),
        ((*AREA, "circle"), {}, "zones[0].areas[0].circle.radius", PlanFaultCode.MISSING),
        ((*AREA, "polygon"), {}, "zones[0].areas[0].polygon.points", PlanFaultCode.MISSING),
        ((*AREA, "rotation"), "90", "zones[0].areas[0].rotation", PlanFaultCode.NOT_A_NUMBER),
        ((*AREA, "text"), ["Screen"], "zones[0].areas[0].text", PlanFaultCode.NOT_AN_OBJECT),
        ((*AREA, "text", "position"), None, "zones[0].areas[0].text.position", PlanFaultCode.MISSING),
        ((*AREA, "border_color"), [], "zones[0].areas[0].border_color", PlanFaultCode.NOT_A_TEXT),
        (("comment",), "\udfff", "$", PlanFaultCode.BAD_CHARACTER),
    ],
)
def test_a_fault_names_its_path(
    place: tuple[str | int, ...], value: object, path: str, code: PlanFaultCode
) -> None:
    plan: Any = small_plan()
    target = plan
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    assert faults_of(plan) == [(path, code)]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("name",), ""),
        (("size",), None),
        (("size", "width"), -7),
        ((*ZONE, "name"), None),
        ((*ZONE, "future_key"), {"deep": [1]}),
        ((*ROW, "row_number"), ""),
        ((*ROW, "row_label"), None),
        ((*ROW, "row_number_position"), None),
        ((*SEAT, "seat_number"), ""),
        ((*SEAT, "seat_number"), "2"),
        ((*SEAT, "seat_number"), "x" * 190),
        ((*SEAT, "seat_guid"), " =a "),
        (("categories", 0, "color"), "url(javascript:1)"),
        (("categories", 1, "name"), "Stalls"),
        ((*AREA, "shape"), None),
        ((*AREA, "position"), None),
        ((*AREA, "rectangle"), None),
        ((*AREA, "rectangle", "width"), -5),
        ((*AREA, "text", "text"), "x\n" * 5000),
    ],
)
def test_what_the_schema_allows_is_no_fault(place: tuple[str | int, ...], value: object) -> None:
    plan: Any = small_plan()
    target = plan
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    assert faults_if_any(json.dumps(plan)) == []


def test_names_are_trimmed_and_guids_are_not() -> None:
    plan = small_plan()
    plan["categories"][0]["name"] = " Stalls\t"
    plan["zones"][0]["name"] = "\u00a0Main\x00hall "
    plan["zones"][0]["rows"][0]["seats"][0]["seat_guid"] = " a "
    first = parse_plan(json.dumps(plan)).seats[0]
    assert (first.guid, first.section, first.band) == (" a ", "Main hall", "Stalls")


def test_rows_without_a_name_are_rows_of_their_own_and_equal_ones_go_on() -> None:
    plan = small_plan()
    rows = plan["zones"][0]["rows"]
    rows[1]["row_number"] = "1"
    assert [seat.line for seat in parse_plan(json.dumps(plan)).seats] == [1, 1, 1, 1]
    rows[0]["row_number"] = rows[1]["row_number"] = ""
    assert [seat.line for seat in parse_plan(json.dumps(plan)).seats] == [1, 1, 2, 2]


def test_all_faults_are_found() -> None:
    plan = small_plan()
    plan["zones"][0]["rows"][0]["seats"][0]["category"] = "Box"
    plan["zones"][0]["rows"][1]["seats"][1]["position"] = {}
    assert [path for path, _ in faults_of(plan)] == [
        "zones[0].rows[0].seats[0].category",
        "zones[0].rows[1].seats[1].position.x",
        "zones[0].rows[1].seats[1].position.y",
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"name": NaN}', '{"name": 1e999}', '{"name": ' + "9" * 5000 + "}", "\0"]
)
def test_what_is_not_json(text: str) -> None:
    assert faults_of(text) == [("$", PlanFaultCode.NOT_JSON)]


@pytest.mark.parametrize("text", ["[]", "null", "7", '"plan"'])
def test_what_is_not_a_plan(text: str) -> None:
    assert faults_of(text) == [("$", PlanFaultCode.NOT_AN_OBJECT)]


@pytest.mark.parametrize(("seats", "is_taken"), [(MAX_SEATS, True), (MAX_SEATS + 1, False)])
def test_a_plan_has_so_many_seats_and_no_more(seats: int, *, is_taken: bool) -> None:
    plan = small_plan()
    plan["zones"][0]["rows"] = [
        {"row_number": "1", "seats": [seat(f"g{number}", str(number), number) for number in range(seats)]}
    ]
    if is_taken:
        assert len(parse_plan(json.dumps(plan)).seats) == seats
    else:
        assert faults_of(plan) == [(f"zones[0].rows[0].seats[{MAX_SEATS}]", PlanFaultCode.TOO_MANY_SEATS)]


def test_a_plan_has_so_many_areas_and_no_more() -> None:
    plan = small_plan()
    plan["zones"][0]["areas"] *= MAX_AREAS + 2
    assert faults_of(plan) == [(f"zones[0].areas[{MAX_AREAS}]", PlanFaultCode.TOO_MANY_AREAS)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(document: object) -> list[tuple[Any, Any]]:
    """Return, for every value inside a document, its container and its key there."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        inside = [(document, key) for key in document]
    elif isinstance(document, list):
        inside = [(document, index) for index in range(len(document))]
    return inside + [place for container, key in inside for place in places(container[key])]


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_is_a_plan_or_a_fault(data: st.DataObject) -> None:
    plan = small_plan()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(plan)))
        container[key] = data.draw(anything)
    source = json.dumps(plan)
    faults = faults_if_any(source)
    assert all(path for path, _ in faults)
    if not faults:
        read = parse_plan(source)
        assert parse_plan(read.source) == read
        assert len({s.guid for s in read.seats}) == len(read.seats) > 0
