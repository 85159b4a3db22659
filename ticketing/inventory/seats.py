"""Free seats as pure geometry: stretches of neighbours, and what is left alone when some are taken."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

SOFA = "sofa"


class Candidate(NamedTuple):
    """A free place. Neighbours are of one block, and their numbers differ by one.

    `line` is the row's number in the plan's order, which goes on behind an aisle; `rank` 1 is the best place;
    `pair` is the number of the other half of a sofa, or of a wheelchair space's companion seat and back.
    """

    number: int
    line: int
    block: int
    rank: int
    kind: str
    pair: int | None


Hall = Mapping[int, Candidate]


def hall_of(free: Iterable[Candidate]) -> dict[int, Candidate]:
    """Return free seats by their numbers, in the plan's order."""
    return {seat.number: seat for seat in sorted(free, key=lambda seat: seat.number)}


def stretches(free: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return the longest runs of neighbours; `free` is in the plan's order."""
    if not free:
        return []
    result = [[free[0]]]
    for one, other in pairwise(free):
        if other.number == one.number + 1 and other.block == one.block:
            result[-1].append(other)
        else:
            result.append([other])
    return result


def nearest_first(runs: Iterable[list[Candidate]], line: int) -> Iterator[list[list[Candidate]]]:
    """Yield the stretches of the rows that are equally far from a row, the nearest first."""

    def distance(run: list[Candidate]) -> int:
        return abs(run[0].line - line)

    for _, equally_far in groupby(sorted(runs, key=distance), key=distance):
        yield list(equally_far)


def left_alone(chosen: Collection[int], hall: Hall) -> set[int]:
    """Return the free seats that lose their last free neighbour, or the other half of their sofa.

    A seat that had no free neighbour before is not among them, nor is one that is chosen itself.
    """
    alone = set()
    for number in chosen:
        seat = hall.get(number)
        if seat is None:
            continue
        for side in (-1, 1):
            neighbour = _neighbour(seat, side, hall)
            if neighbour is None or neighbour.number in chosen:
                continue
            beyond = _neighbour(neighbour, side, hall)
            if beyond is None or beyond.number in chosen:
                alone.add(neighbour.number)
        if seat.kind == SOFA and seat.pair is not None and seat.pair in hall and seat.pair not in chosen:
            alone.add(seat.pair)
    return alone


def _neighbour(seat: Candidate, side: int, hall: Hall) -> Candidate | None:
    other = hall.get(seat.number + side)
    return other if other is not None and other.block == seat.block else None
