"""From a plan's coordinates to neighbours: aisles against a count by hand, and a hall of 3,000 as a whole."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.great_hall import SEATS, great_plan, great_seats
from ticketing.inventory.best import best_available, best_with_wheelchair
from ticketing.inventory.rules import Spot, blocks
from ticketing.inventory.single_seat import lone_seats, object_to

# Tenths of a pitch: 16 is just no aisle, 17 is one.
GAPS = st.lists(st.sampled_from([8, 9, 10, 11, 15, 16, 17, 20, 35]), min_size=1, max_size=15)


def row_of(gaps: list[int], first: int = 1, line: int = 1) -> list[Spot]:
    """Seats on a line, with such gaps between them."""
    at, spots = 0, []
    for number, gap in enumerate([0, *gaps], start=first):
        at += gap
        spots.append(Spot(number=number, line=line, band="b", kind="standard", x=float(at), y=0.0))
    return spots


def middle(gaps: list[int]) -> Fraction:
    """The median, counted out: as many gaps are smaller as are larger."""
    ordered = sorted(gaps)
    half = len(ordered) // 2
    return Fraction(ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]) / (
        1 if len(ordered) % 2 else 2
    )


@given(GAPS)
def test_an_aisle_is_a_gap_over_eight_fifths_of_the_rows_median(gaps: list[int]) -> None:
    limit = Fraction(8, 5) * middle(gaps)
    # A gap of exactly the limit is no aisle; in floating point it may fall on either side.
    assume(all(gap != limit for gap in gaps))
    found = blocks(row_of(gaps))
    for number, gap in enumerate(gaps, start=1):
        assert (found[number + 1] != found[number]) == (gap > limit)


@given(GAPS, GAPS)
def test_rows_are_never_one_block_and_an_aisle_does_not_part_a_row(one: list[int], other: list[int]) -> None:
    spots = [*row_of(one), *row_of(other, len(one) + 2, 2)]
    first, second = range(1, len(one) + 2), range(len(one) + 2, len(spots) + 1)
    in_block = blocks(spots)
    assert not {in_block[n] for n in first} & {in_block[n] for n in second}


def test_the_great_hall_has_three_blocks_in_each_of_50_rows() -> None:
    seats = great_seats()
    assert len(seats) == len(great_plan().seats) == SEATS
    assert {seat.line for seat in seats} == set(range(1, 51))
    by_line = {line: {s.block for s in seats if s.line == line} for line in range(1, 51)}
    assert {len(of_line) for of_line in by_line.values()} == {3}
    by_number = {seat.number: seat for seat in seats}
    for seat in seats:
        if seat.pair is not None:
            pair = by_number[seat.pair]
            assert pair.pair == seat.number
            assert (pair.block, abs(pair.number - seat.number)) == (seat.block, 1)


def test_beside_the_aisle_of_the_great_hall() -> None:
    seats = great_seats()
    # The first block of row 1 is seats 1 to 15; 16 begins the second.
    assert lone_seats({13, 14}, seats) == (15,)
    assert lone_seats({14, 15}, seats) == ()
    objection = object_to({13, 14}, seats, 8)
    assert objection
    assert objection.lone == (15,)
    assert objection.mend in {(12, 13), (14, 15)}


def test_the_great_halls_best_are_in_the_middle_of_the_dearest_band() -> None:
    seats = {seat.number: seat for seat in great_seats()}
    pair = best_available(list(seats.values()), 2)
    assert {seats[n].line for n in pair} <= set(range(1, 11))
    assert {(n - 1) % 60 + 1 for n in pair} == {30, 31}


def test_a_party_with_a_wheelchair_stays_in_one_row_of_the_great_hall() -> None:
    seats = great_seats()
    kept = [seat for seat in seats if seat.kind in {"wheelchair", "companion"}]
    by_number = {seat.number: seat for seat in seats}
    chosen = best_with_wheelchair(kept, [seat for seat in seats if seat not in kept], 4)
    assert [by_number[n].kind for n in chosen].count("wheelchair") == 1
    assert [by_number[n].kind for n in chosen].count("companion") == 1
    assert {by_number[n].line for n in chosen} == {28}
