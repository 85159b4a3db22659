"""Changes of plans: properties on any plan, and examples with what staff expect."""

import json
from collections.abc import Callable, Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pretix_plans import plans
from tests.unit.catalogue.test_plan_drawing import hall
from ticketing.catalogue.plan_build import Block, build
from ticketing.catalogue.plan_drawing import draw
from ticketing.catalogue.plan_edit import (
    Count,
    name_rows,
    name_section,
    number_seats,
    remove_seats,
    set_band,
)
from ticketing.catalogue.plan_errors import (
    PlanNeedsSeatsError,
    RowsNeedNumbersError,
    SeatsCannotPairError,
    SeatsNotChosenError,
    TooManySeatsError,
)
from ticketing.catalogue.plan_geometry import blocks_of
from ticketing.catalogue.plan_kinds import KindChoice, set_kind
from ticketing.catalogue.plan_warnings import warnings_of
from ticketing.catalogue.plans import SeatKind, SeatPlan, parse_plan, seats_text, stored_plan
from ticketing.catalogue.programme.seat_files import PARTNER
from ticketing.foundation.errors import DomainError

Change = Callable[[SeatPlan, Collection[str]], SeatPlan]
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8).map(str.strip)
counts = st.builds(Count, first=st.integers(0, 99), step=st.integers(1, 5), backwards=st.booleans())


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Return one change with its particulars."""
    name, count, choice = draw(names), draw(counts), draw(st.sampled_from(KindChoice))
    aisles = draw(st.frozensets(st.integers(1, 5)))
    block = Block(section=name, rows=2, seats=3, seat_numbers=count, aisles=aisles, band=name)
    return draw(
        st.sampled_from(
            [
                lambda plan, chosen: set_band(plan, chosen, name),
                lambda plan, chosen: name_section(plan, chosen, name),
                lambda plan, chosen: name_rows(plan, chosen, str(count.first), count),
                lambda plan, chosen: number_seats(plan, chosen, count),
                remove_seats,
                lambda plan, chosen: set_kind(plan, chosen, choice),
                lambda plan, chosen: build(plan, "", block),
            ]
        )
    )


@given(plans(), st.lists(st.tuples(changes(), st.sets(st.integers(0, 11))), min_size=1, max_size=5))
def test_whatever_is_changed_is_a_plan_that_is_read_and_drawn(
    document: dict[str, Any], steps: list[tuple[Change, set[int]]]
) -> None:
    plan = parse_plan(json.dumps(document))
    for change, numbers in steps:
        before = plan
        chosen = {seat.guid for seat in plan.seats if seat.ordinal - 1 in numbers}
        try:
            plan = change(plan, chosen)
        except DomainError as refusal:
            # Behind seats at the edge of what can be drawn there is no room for a block.
            at_the_edge = any(max(abs(seat.x), abs(seat.y)) > 10_000 for seat in plan.seats)
            edge = {"plan_invalid"} if at_the_edge else set()
            known = {"seats_not_chosen", "seats_cannot_pair", "plan_needs_seats", *edge}
            assert refusal.code in known  # noqa: PT017
            assert plan == before
    guids = [seat.guid for seat in plan.seats]
    assert len(set(guids)) == len(guids) > 0
    kinds = {seat.guid: seat for seat in plan.seats}
    for seat in plan.seats:
        if seat.pair_with is not None:
            other = kinds[seat.pair_with]
            assert other.pair_with == seat.guid != other.guid
            assert other.kind is PARTNER[seat.kind]
        else:
            assert seat.kind not in {SeatKind.SOFA, SeatKind.COMPANION}
    assert len(draw(plan).seats) == len(plan.seats)
    assert stored_plan(plan.source, seats_text(plan)) == plan
    warnings_of(plan)


@given(plans(), changes(), st.sets(st.integers(0, 11)))
def test_seats_that_are_not_chosen_stay_what_they_are(
    document: dict[str, Any], change: Change, numbers: set[int]
) -> None:
    plan = parse_plan(json.dumps(document))
    chosen = {seat.guid for seat in plan.seats if seat.ordinal - 1 in numbers}
    try:
        changed = change(plan, chosen)
    except DomainError:
        return
    after = {seat.guid: seat for seat in changed.seats}
    for seat in plan.seats:
        if seat.guid not in chosen:
            kept = after[seat.guid]
            assert (kept.section, kept.row, kept.number, kept.band, kept.kind, kept.x, kept.y) == (
                seat.section, seat.row, seat.number, seat.band, seat.kind, seat.x, seat.y,
            )  # fmt: skip


def plan_of(rows: int = 2, seats: int = 4) -> SeatPlan:
    return parse_plan(json.dumps(hall(rows, seats)))


def said(plan: SeatPlan) -> dict[str, tuple[str, str, str]]:
    return {seat.guid: (seat.section, seat.row, seat.number) for seat in plan.seats}


def test_a_new_band_joins_the_categories() -> None:
    plan = set_band(plan_of(), {"0-0", "1-3"}, "Balcony")
    assert plan.bands == ("A", "Balcony")
    assert {seat.guid for seat in plan.seats if seat.band == "Balcony"} == {"0-0", "1-3"}
    with pytest.raises(SeatsNotChosenError):
        set_band(plan, {"no such seat"}, "A")


def test_a_whole_section_is_renamed_and_a_part_becomes_its_own() -> None:
    plan = plan_of()
    assert {section for section, _, _ in said(name_section(plan, said(plan), "Stalls")).values()} == {
        "Stalls"
    }
    parted = name_section(plan, {"1-0", "1-1", "1-2", "1-3"}, "Balcony")
    assert [(row.section, row.name) for row in parted.rows] == [("Hall", "1"), ("Balcony", "2")]


def test_rows_are_counted_from_the_front() -> None:
    plan = plan_of(rows=3)
    everything = set(said(plan))
    assert [row.name for row in name_rows(plan, everything, "5", Count(first=5, step=2)).rows] == [
        "5",
        "7",
        "9",
    ]
    back = name_rows(plan, everything, "5", Count(first=5, backwards=True))
    assert [row.name for row in back.rows] == ["7", "6", "5"]
    assert [row.name for row in name_rows(plan, {"1-0", "1-1", "1-2", "1-3"}, "Ж", Count(first=0)).rows] == [
        "1", "Ж", "3",
    ]  # fmt: skip
    with pytest.raises(RowsNeedNumbersError):
        name_rows(plan, everything, "А", Count(first=0))


def test_seats_are_numbered_in_each_row_from_either_side() -> None:
    plan = number_seats(plan_of(), {"0-1", "0-2", "1-3"}, Count(first=10, step=2, backwards=True))
    numbers = {guid: number for guid, (_, _, number) in said(plan).items()}
    assert (numbers["0-1"], numbers["0-2"], numbers["1-3"], numbers["0-0"]) == ("12", "10", "10", "1")


def test_removed_seats_take_their_rows_and_pairs_along() -> None:
    plan = set_kind(plan_of(), {"0-0", "0-1"}, KindChoice.COMPANION_RIGHT)
    plan = set_kind(plan, {"0-2", "0-3"}, KindChoice.SOFA)
    smaller = remove_seats(plan, {"0-1", "0-2", "1-0", "1-1", "1-2", "1-3"})
    assert [(seat.guid, seat.kind, seat.pair_with) for seat in smaller.seats] == [
        ("0-0", SeatKind.WHEELCHAIR, None),
        ("0-3", SeatKind.STANDARD, None),
    ]
    assert len(smaller.rows) == 1
    with pytest.raises(PlanNeedsSeatsError):
        remove_seats(smaller, {"0-0", "0-3"})


def test_pairs_are_of_neighbours() -> None:
    plan = set_kind(plan_of(), {"0-0", "0-1", "1-2", "1-3"}, KindChoice.COMPANION_LEFT)
    assert {seat.guid: (seat.kind, seat.pair_with) for seat in plan.seats if seat.pair_with} == {
        "0-0": (SeatKind.COMPANION, "0-1"),
        "0-1": (SeatKind.WHEELCHAIR, "0-0"),
        "1-2": (SeatKind.COMPANION, "1-3"),
        "1-3": (SeatKind.WHEELCHAIR, "1-2"),
    }
    for chosen, left_over in (
        ({"0-0"}, ("Hall", "1", "1")),
        ({"0-0", "0-1", "0-2"}, ("Hall", "1", "3")),
        ({"0-3", "1-0"}, ("Hall", "1", "4")),
    ):
        with pytest.raises(SeatsCannotPairError) as refused:
            set_kind(plan_of(), chosen, KindChoice.SOFA)
        assert left_over in refused.value.params["seats"]  # type: ignore[operator]


def test_an_aisle_parts_a_pair() -> None:
    aisle = Block(
        section="Hall", rows=1, seats=4, seat_numbers=Count(first=1), aisles=frozenset({2}), band="A"
    )
    plan = build(None, "Plan", aisle)
    with pytest.raises(SeatsCannotPairError):
        set_kind(plan, {"Hall-1-2", "Hall-1-3"}, KindChoice.SOFA)


def test_a_hall_is_built_block_by_block() -> None:
    first = Block(
        section="Партер", rows=3, seats=6, seat_numbers=Count(first=1), aisles=frozenset({3}), band="Центр"
    )
    second = Block(
        section="Балкон",
        rows=2,
        seats=4,
        first_row=4,
        seat_numbers=Count(first=11, backwards=True),
        band="Балкон",
    )
    plan = build(build(None, "Зал", first), "", second)
    assert plan.name == "Зал"
    assert len(plan.seats) == 26
    assert plan.bands == ("Центр", "Балкон")
    assert [(row.section, row.name) for row in plan.rows] == [
        ("Партер", "1"), ("Партер", "2"), ("Партер", "3"), ("Балкон", "4"), ("Балкон", "5"),
    ]  # fmt: skip
    blocks = blocks_of(plan.seats)
    assert len(set(blocks)) == 3 * 2 + 2
    balcony = [seat for seat in plan.seats if seat.section == "Балкон"]
    assert [seat.number for seat in balcony[:4]] == ["14", "13", "12", "11"]
    assert min(seat.y for seat in balcony) > max(seat.y for seat in plan.seats if seat.section == "Партер")
    assert warnings_of(plan).same_name == warnings_of(plan).overlapping == ()
    with pytest.raises(TooManySeatsError):
        build(plan, "", Block(section="x", rows=100, seats=50, seat_numbers=Count(first=1), band="x"))


def test_the_same_block_again_has_guids_of_its_own_and_is_warned_of() -> None:
    block = Block(section="", rows=1, seats=2, seat_numbers=Count(first=1), band="A")
    plan = build(build(None, "Plan", block), "", block)
    assert [seat.guid for seat in plan.seats] == ["1-1", "1-2", "1-1~2", "1-2~2"]
    assert [seat.guid for seat in warnings_of(plan).same_name] == ["1-1", "1-2"]


def test_seats_on_seats_are_warned_of() -> None:
    document = hall()
    document["zones"][0]["rows"][1]["position"] = {"x": 3, "y": 0}
    plan = parse_plan(json.dumps(document))
    assert [seat.guid for seat in warnings_of(plan).overlapping] == ["1-0", "1-1", "1-2"]
