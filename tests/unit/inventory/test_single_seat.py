"""The single-seat rule against a brute force that looks at every hall before and after."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.inventory.halls import groups_of, halls, newly_alone, windows
from ticketing.inventory.seats import Candidate
from ticketing.inventory.single_seat import lone_seats, object_to


def row(*numbers: int, block: int = 1) -> list[Candidate]:
    return [Candidate(n, block, block, n, "standard", None) for n in numbers]


def choices(free: list[Candidate]) -> st.SearchStrategy[set[int]]:
    return st.sets(st.sampled_from([seat.number for seat in free]), min_size=1, max_size=6)


@given(halls(), st.data())
def test_what_is_left_alone_is_what_a_look_before_and_after_shows(
    free: list[Candidate], data: st.DataObject
) -> None:
    assume(free)
    chosen = data.draw(choices(free))
    assert set(lone_seats(chosen, free)) == newly_alone(chosen, free)


@given(halls(), st.data())
def test_the_neighbourhood_is_enough_to_know(free: list[Candidate], data: st.DataObject) -> None:
    assume(free)
    chosen = data.draw(choices(free))
    mates = {seat.pair for seat in free if seat.number in chosen}
    near = [s for s in free if s.number in mates or any(abs(s.number - n) <= 2 for n in chosen)]
    assert lone_seats(chosen, near) == lone_seats(chosen, free)


@given(halls(), st.data())
def test_a_choice_is_refused_only_where_the_hall_has_room_for_a_better_one(
    free: list[Candidate], data: st.DataObject
) -> None:
    assume(free)
    chosen = data.draw(choices(free))
    alone = newly_alone(chosen, free)
    pairs = {seat.number: seat.pair for seat in free}
    at_fault = [
        group
        for group in groups_of(chosen, free)
        if alone & ({n + side for n in group for side in (-1, 1)} | {pairs[n] for n in group})
    ]
    avoidable = [g for g in at_fault if any(not newly_alone(w, free) for w in windows(len(g), free))]
    objection = object_to(chosen, free, 20)
    assert (objection is not None) == bool(avoidable)
    if objection:
        assert set(objection.lone) <= alone
        assert objection.lone


@given(halls(), st.data())
def test_a_mend_is_a_choice_that_leaves_nobody_alone(free: list[Candidate], data: st.DataObject) -> None:
    assume(free)
    chosen, most = data.draw(choices(free)), data.draw(st.integers(1, 8))
    objection = object_to(chosen, free, most)
    assume(objection and objection.mend)
    assert objection
    mend = set(objection.mend)
    assert mend <= {seat.number for seat in free}
    assert not newly_alone(mend, free)
    assert len(mend) == len(chosen) or (mend > chosen and len(mend) <= most)
    assert object_to(mend, free, most) is None


@given(halls(), st.data())
def test_the_order_of_seats_does_not_matter(free: list[Candidate], data: st.DataObject) -> None:
    assume(free)
    chosen = data.draw(choices(free))
    mixed = data.draw(st.permutations(free))
    assert object_to(chosen, mixed, 8) == object_to(chosen, free, 8)


def test_moving_by_one_seat_is_the_mend() -> None:
    objection = object_to({2, 3}, row(*range(1, 9)), 8)
    assert objection
    assert objection.lone == (1,)
    assert objection.mend in ((1, 2), (3, 4))


def test_a_pair_in_the_last_three_seats_is_let_be() -> None:
    assert object_to({1, 2}, row(1, 2, 3), 8) is None
    # Two more lone seats elsewhere would seat two people apart, which is not the same choice.
    assert object_to({1, 2}, [*row(1, 2, 3), *row(7, block=2), *row(9, block=2)], 8) is None


def test_an_aisle_is_an_edge() -> None:
    free = [*row(1, 2, 3), *row(4, 5, 6, 7, block=2)]
    assert lone_seats({1, 2}, free) == (3,)
    assert lone_seats({4}, free) == ()
    assert lone_seats({5}, free) == (4,)


def test_seats_that_were_alone_before_are_nobodys_fault() -> None:
    assert lone_seats({1}, row(1, 2, 3, 5)) == ()
    assert lone_seats({3}, row(1, 3, 4, 5)) == ()


def test_where_nothing_can_be_moved_the_seat_is_taken_too() -> None:
    free = [*row(1, 2, 3), *row(11, 12, block=2)]
    sofa = [Candidate(21, 3, 3, 21, "sofa", 22), Candidate(22, 3, 3, 22, "sofa", 21)]
    objection = object_to({21}, [*sofa, *row(1)], 2)
    assert objection
    assert objection.mend == (1,)
    assert object_to({1, 2}, free, 8)
