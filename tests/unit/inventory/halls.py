"""Small random halls with free and taken seats, and what a brute force says of them."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from hypothesis import strategies as st

from ticketing.inventory.seats import Candidate


@st.composite
def halls(draw: st.DrawFn, most_seats: int = 14, *, sofas: bool = True) -> list[Candidate]:
    """The free seats of a few rows: some with aisles, some of sofas, some with a restricted view."""
    seats: list[Candidate] = []
    number = block = 0
    for line in range(1, draw(st.integers(1, 4)) + 1):
        for _ in range(draw(st.integers(1, 2))):
            block += 1
            of_sofas = sofas and draw(st.integers(0, 4)) == 0
            length = draw(st.integers(1, 3)) * 2 if of_sofas else draw(st.integers(1, 7))
            for n in range(length):
                number += 1
                if of_sofas:
                    pair = number + 1 if n % 2 == 0 else number - 1
                    seats.append(Candidate(number, line, block, 0, "sofa", pair))
                else:
                    kind = "restricted_view" if draw(st.integers(0, 6)) == 0 else "standard"
                    seats.append(Candidate(number, line, block, 0, kind, None))
    seats = seats[:most_seats]
    ranks = draw(st.permutations(range(1, len(seats) + 1)))
    taken = draw(st.sets(st.integers(1, len(seats)), max_size=len(seats)))
    return [
        Candidate(s.number, s.line, s.block, rank, s.kind, s.pair)
        for s, rank in zip(seats, ranks, strict=True)
        if s.number not in taken
    ]


def lone(free: Iterable[Candidate]) -> set[int]:
    """Seats with no free neighbour."""
    there = {(seat.block, seat.number) for seat in free}
    return {n for block, n in there if (block, n - 1) not in there and (block, n + 1) not in there}


def newly_alone(chosen: Iterable[int], free: list[Candidate]) -> set[int]:
    """What a choice leaves alone, by looking at the hall before and after it."""
    gone = set(chosen)
    after = [seat for seat in free if seat.number not in gone]
    halves = {s.number for s in after if s.kind == "sofa" and s.pair in gone & {f.number for f in free}}
    return (lone(after) - lone(free)) | halves


def windows(size: int, free: list[Candidate]) -> Iterator[tuple[int, ...]]:
    """Every run of neighbours of a length."""
    by_number = {seat.number: seat for seat in free}
    for seat in free:
        run = range(seat.number, seat.number + size)
        if all(n in by_number and by_number[n].block == seat.block for n in run):
            yield tuple(run)


def groups_of(chosen: Iterable[int], free: list[Candidate]) -> list[tuple[int, ...]]:
    """The runs of neighbours in a choice."""
    block = {seat.number: seat.block for seat in free}
    result: list[tuple[int, ...]] = []
    for n in sorted(chosen):
        if result and result[-1][-1] == n - 1 and block[n - 1] == block[n]:
            result[-1] = (*result[-1], n)
        else:
            result.append((n,))
    return result


def subsets(free: list[Candidate], size: int) -> Iterator[tuple[int, ...]]:
    """Every choice of a size."""
    return combinations(sorted(seat.number for seat in free), size)
