"""Ranks, blocks and rows: properties, and rows laid out by hand."""

from hypothesis import given
from hypothesis import strategies as st

from ticketing.inventory.rules import Spot, blocks, rank


def seat(number: int, x: float, y: float = 0.0, line: int = 1, **more: str) -> Spot:
    return Spot(number=number, line=line, x=x, y=y, **{"band": "b", "kind": "standard", **more})


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40))
def test_ranks_are_one_to_as_many_as_there_are(points: list[tuple[int, int]]) -> None:
    spots = [seat(number, x, y) for number, (x, y) in enumerate(points, start=1)]
    assert sorted(rank(spots, {}).values()) == list(range(1, len(spots) + 1))


def test_dearer_bands_come_first_and_wheelchair_spaces_last() -> None:
    spots = [
        seat(1, 5),
        seat(2, 0, band="dear"),
        seat(3, 5, kind="wheelchair", band="dear"),
        seat(4, 10, kind="companion"),
    ]
    ranks = rank(spots, {"b": 100, "dear": 500})
    assert sorted(ranks, key=ranks.__getitem__) == [2, 1, 3, 4]
    assert rank([], {}) == {}


def test_the_middle_at_two_thirds_of_the_depth_is_best() -> None:
    spots = [seat(y * 11 + x + 1, x, y, line=y) for y in range(10) for x in range(11)]
    ranks = rank(spots, {})
    best = next(spot for spot in spots if ranks[spot.number] == 1)
    assert (best.x, best.y) == (5, 6)


def test_an_aisle_parts_blocks_and_a_row_ends_one() -> None:
    row = [seat(1, 0), seat(2, 1), seat(3, 2.6), seat(4, 3.6)]
    wide = [seat(1, 0), seat(2, 1), seat(3, 2.7), seat(4, 3.7)]
    other = [seat(5, 0, line=2), seat(6, 1, line=2)]
    assert blocks([*row, *other]) == {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2}
    assert blocks([*wide, *other]) == {1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3}
    assert blocks([seat(1, 0)]) == {1: 1}
