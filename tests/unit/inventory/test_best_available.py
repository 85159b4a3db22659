"""Best available against a brute force over every choice in small halls."""

import pytest
from hypothesis import assume, find, given, settings
from hypothesis import strategies as st

from tests.unit.inventory.halls import groups_of, halls, newly_alone, subsets, windows
from ticketing.inventory.best import best_available, best_with_wheelchair, equal_to
from ticketing.inventory.seats import Candidate

QUANTITIES = st.integers(1, 5)


def worth(chosen: tuple[int, ...], free: list[Candidate]) -> tuple[int, int, int]:
    seats = [seat for seat in free if seat.number in chosen]
    restricted = sum(seat.kind == "restricted_view" for seat in seats)
    return (len(newly_alone(chosen, free)), restricted, sum(seat.rank for seat in seats))


def shape(chosen: tuple[int, ...], free: list[Candidate]) -> tuple[int, bool, int]:
    """How many groups, whether somebody sits alone, over how many rows."""
    groups = groups_of(chosen, free)
    lines = [seat.line for seat in free if seat.number in chosen]
    alone = len(groups) > 1 and min(len(group) for group in groups) == 1
    return (len(groups), alone, max(lines) - min(lines))


@given(halls(), QUANTITIES)
def test_as_many_free_seats_as_were_asked_for_or_none(free: list[Candidate], quantity: int) -> None:
    chosen = best_available(free, quantity)
    assert len(chosen) == (quantity if len(free) >= quantity else 0)
    assert set(chosen) <= {seat.number for seat in free}
    assert list(chosen) == sorted(set(chosen))


@given(halls(), QUANTITIES)
def test_side_by_side_there_is_no_better_choice(free: list[Candidate], quantity: int) -> None:
    together = list(windows(quantity, free))
    assume(together)
    chosen = best_available(free, quantity)
    assert chosen in together
    assert worth(chosen, free) == min(worth(window, free) for window in together)


def too_many_for_a_row(free: list[Candidate]) -> list[int]:
    """The quantities up to six that no row can seat side by side."""
    return [n for n in range(1, min(len(free), 6) + 1) if not any(windows(n, free))]


@settings(max_examples=150)
@given(halls(12).filter(too_many_for_a_row), st.data())
def test_a_party_is_split_in_the_least_bad_way(free: list[Candidate], data: st.DataObject) -> None:
    quantity = data.draw(st.sampled_from(too_many_for_a_row(free)))
    chosen = best_available(free, quantity)
    assert shape(chosen, free) == min(shape(other, free) for other in subsets(free, quantity))


def test_a_choice_by_rank_alone_is_found_out() -> None:
    def by_rank(free: list[Candidate]) -> tuple[int, ...]:
        return tuple(sorted(seat.number for seat in sorted(free, key=lambda seat: seat.rank)[:3]))

    def is_worse(free: list[Candidate]) -> bool:
        return len(free) > 2 and shape(by_rank(free), free) > min(
            shape(other, free) for other in subsets(free, 3)
        )

    assert find(halls(), is_worse)


@given(halls(), QUANTITIES, st.randoms())
def test_the_order_of_seats_does_not_matter(free: list[Candidate], quantity: int, order: object) -> None:
    mixed = list(free)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert best_available(mixed, quantity) == best_available(free, quantity)


@given(halls(sofas=True))
def test_a_sofa_is_given_whole_where_something_else_would_do(free: list[Candidate]) -> None:
    chosen = best_available(free, 2)
    halves = {s.number for s in free if s.kind == "sofa" and s.pair in {f.number for f in free}}
    split = newly_alone(chosen, free) & halves
    if split:
        assert all(newly_alone(window, free) for window in windows(2, free))


@pytest.mark.parametrize("quantity", [-1, 0])
def test_nobody_gets_nothing(quantity: int) -> None:
    assert best_available([Candidate(1, 1, 1, 1, "standard", None)], quantity) == ()


@given(halls(), st.lists(st.booleans(), min_size=1, max_size=3), QUANTITIES)
def test_a_wheelchair_space_comes_with_its_companion_seat(
    free: list[Candidate], companions: list[bool], quantity: int
) -> None:
    spaces = [
        Candidate(100 + 2 * n, 5, 50 + n, 900, "wheelchair", 101 + 2 * n) for n in range(len(companions))
    ]
    beside = [
        Candidate(101 + 2 * n, 5, 50 + n, 901, "companion", 100 + 2 * n)
        for n, is_free in enumerate(companions)
        if is_free
    ]
    chosen = best_with_wheelchair([*spaces, *beside], free, quantity)
    with_companion = quantity > 1 and bool(beside)
    if quantity - 1 - with_companion > len(free) and quantity - 1 > len(free):
        assert chosen == ()
        return
    assume(chosen)
    wheelchairs = [n for n in chosen if n >= 100 and n % 2 == 0]
    mates = [n for n in chosen if n >= 100 and n % 2]
    assert len(chosen) == quantity
    assert len(wheelchairs) == 1
    assert mates == ([wheelchairs[0] + 1] if with_companion else [])


def test_no_wheelchair_space_no_choice() -> None:
    assert best_with_wheelchair([], [Candidate(1, 1, 1, 1, "standard", None)], 1) == ()


def rest_of(chosen: tuple[int, ...], free: list[Candidate]) -> tuple[int, ...]:
    return tuple(n for n in chosen if n in {seat.number for seat in free})


@given(halls(), st.integers(0, 5), st.integers(2, 4))
def test_the_rest_of_a_party_is_side_by_side_in_the_nearest_row(
    free: list[Candidate], line: int, rest: int
) -> None:
    pair = [Candidate(100, line, 50, 900, "wheelchair", 101), Candidate(101, line, 50, 901, "companion", 100)]
    together = list(windows(rest, free))
    assume(together)
    chosen = best_with_wheelchair(pair, free, rest + 2)
    lines = {seat.number: seat.line for seat in free}
    mine = rest_of(chosen, free)
    assert mine in together
    nearest = min(abs(lines[window[0]] - line) for window in together)
    assert abs(lines[mine[0]] - line) == nearest
    # In the nearest rows nobody is left alone who need not be.
    alone = [len(newly_alone(w, free)) for w in together if abs(lines[w[0]] - line) == nearest]
    assert len(newly_alone(mine, free)) == min(alone)


@given(halls(), QUANTITIES)
def test_a_released_wheelchair_space_is_as_good_as_a_kept_one(free: list[Candidate], quantity: int) -> None:
    pair = [Candidate(100, 5, 50, 900, "wheelchair", 101), Candidate(101, 5, 50, 901, "companion", 100)]
    kept, released = (
        best_with_wheelchair(pair, free, quantity),
        best_with_wheelchair([], [*free, *pair], quantity),
    )
    assert (100 in kept, 101 in kept) == (100 in released, 101 in released)
    assert len(kept) == len(released)


@settings(max_examples=150)
@given(halls(10).filter(too_many_for_a_row), st.data())
def test_of_equally_split_parties_the_one_in_the_best_seats(
    free: list[Candidate], data: st.DataObject
) -> None:
    quantity = data.draw(st.sampled_from(too_many_for_a_row(free)))
    chosen = best_available(free, quantity)
    equal = [other for other in subsets(free, quantity) if shape(other, free) == shape(chosen, free)]
    assume(shape(chosen, free)[0] == 2)
    assert worth(chosen, free) == min(worth(other, free) for other in equal)


@given(halls(), halls(), st.data())
def test_equal_places_are_of_the_same_kinds_and_in_no_more_groups(
    free: list[Candidate], before: list[Candidate], data: st.DataObject
) -> None:
    assume(before)
    lost = data.draw(st.lists(st.sampled_from(before), min_size=1, max_size=4, unique=True))
    kinds = {seat.kind for seat in lost}
    alike = [seat for seat in free if seat.kind in kinds]
    groups = len(groups_of([seat.number for seat in lost], before))
    chosen = equal_to(lost, free, [])
    some = {seat.number for seat in alike}
    assert set(chosen) <= some
    assert len(chosen) in (0, len(lost))
    assert len(groups_of(chosen, alike)) <= groups
    if not chosen:
        assert all(len(groups_of(other, alike)) > groups for other in subsets(alike, len(lost)))
