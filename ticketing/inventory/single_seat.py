"""The single-seat rule: a choice must not leave one seat alone that nobody will want. Pure.

DESIGN, section 5: no lone free seat between taken seats, or between a taken seat and an aisle, unless no
choice of that size in the hall could avoid it. A choice is looked at group by group, a group being what sits
side by side: it is compared with every stretch of as many neighbouring free seats. A pair is therefore not
refused because two people could sit apart. Half of a sofa whose other half was chosen counts as left alone.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ticketing.inventory.seats import Candidate, Hall, hall_of, left_alone, nearest_first, stretches


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a choice is refused: the seats it leaves alone; and another choice that is allowed, if there is."""

    lone: tuple[int, ...]
    mend: tuple[int, ...]


def lone_seats(chosen: Collection[int], free: Sequence[Candidate]) -> tuple[int, ...]:
    """Return the seats that a choice newly leaves alone, in the plan's order.

    `free` is what could be claimed before the choice, the chosen seats included; all else counts as taken.
    It may be only what lies within two seats of the chosen ones and the other halves of their sofas.
    """
    return tuple(sorted(left_alone(chosen, hall_of(free))))


def object_to(chosen: Collection[int], free: Sequence[Candidate], most: int) -> Objection | None:
    """Return what is wrong with a choice, or None; `free` is the whole hall, and `most` an order's limit.

    Chosen seats that are not in `free`, such as wheelchair spaces on request, are nobody's neighbours here.
    """
    hall = hall_of(free)
    wanted = frozenset(chosen) & hall.keys()
    at_fault = [group for group in _groups(wanted, hall) if left_alone_by(group, wanted, hall)]
    avoidable = [group for group in at_fault if _could_be_avoided(len(group), hall)]
    if not avoidable:
        return None
    lone = sorted({seat for group in avoidable for seat in left_alone_by(group, wanted, hall)})
    others = frozenset(chosen) - hall.keys()
    return Objection(tuple(lone), tuple(sorted(_mend(wanted, avoidable, hall, most - len(others), others))))


def left_alone_by(group: Sequence[int], chosen: Collection[int], hall: Hall) -> set[int]:
    """Return the seats left alone by a choice that border on one of its groups, or are of its sofas."""
    alone = left_alone(chosen, hall)
    near = {number + side for number in group for side in (-1, 1)}
    return alone & (near | {hall[number].pair for number in group})


def _groups(chosen: Collection[int], hall: Hall) -> list[tuple[int, ...]]:
    runs = stretches([hall[number] for number in sorted(chosen)])
    return [tuple(seat.number for seat in run) for run in runs]


def _could_be_avoided(size: int, hall: Hall) -> bool:
    return any(not left_alone(window, hall) for window in _windows(size, stretches(list(hall.values()))))


def _windows(size: int, runs: Iterable[Sequence[Candidate]]) -> Iterator[tuple[int, ...]]:
    for run in runs:
        for start in range(len(run) - size + 1):
            yield tuple(seat.number for seat in run[start : start + size])


def _mend(
    wanted: frozenset[int],
    at_fault: Sequence[tuple[int, ...]],
    hall: Hall,
    most: int,
    others: frozenset[int],
) -> frozenset[int]:
    """Return a choice of the same size that leaves nobody alone, moved as little as can be.

    Where nothing can be moved, the seats left alone are taken too, if an order may have so many.
    """
    mended = wanted
    for group in at_fault:
        mended = _moved(mended, group, hall) or mended
    if not left_alone(mended, hall):
        return mended | others
    fuller = wanted | left_alone(wanted, hall)
    if len(fuller) <= most and not left_alone(fuller, hall):
        return fuller | others
    return frozenset()


def _moved(chosen: frozenset[int], group: tuple[int, ...], hall: Hall) -> frozenset[int] | None:
    """Return the choice with one group moved to the nearest place where it leaves nobody alone."""
    rest = chosen.difference(group)
    here = hall[group[0]]
    for rows in nearest_first(stretches(list(hall.values())), here.line):
        for window in sorted(_windows(len(group), rows), key=lambda w: (abs(w[0] - here.number), w[0])):
            moved = rest.union(window)
            if len(moved) == len(chosen) and not left_alone_by(window, moved, hall):
                return moved
    return None
