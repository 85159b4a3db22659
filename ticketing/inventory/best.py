"""Best available: which free seats to give to a party. Pure.

Seats side by side come first of all. What follows is in the order in which it matters: nobody else's seat is
left alone (the single-seat rule, half of a sofa included), no restricted view, the best ranks together; band
and nearness to the middle are in the rank. A party that no row can hold is split into as few groups as can
be, with nobody alone if that can be avoided, in rows close to each other.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, combinations

from ticketing.inventory.seats import SOFA, Candidate, Hall, hall_of, left_alone, nearest_first, stretches

Window = Sequence[Candidate]
# Seats left alone, seats with a restricted view, ranks together, the first number; the least is the best.
Worth = tuple[int, int, int, int]
# A party in two groups, which is nearly every split one, is tried in every way; with more the longest do.
_PAIR = 2
# How many stretches of a band of rows, and how many bands, are tried for a split party.
_MOST_TRIED, _MOST_BANDS = 6, 8
_WHEELCHAIR, _RESTRICTED = "wheelchair", "restricted_view"


def best_available(free: Sequence[Candidate], quantity: int) -> tuple[int, ...]:
    """Return the numbers of the best `quantity` places for one party, or none if so many are not free."""
    if quantity < 1 or len(free) < quantity:
        return ()
    hall = hall_of(free)
    runs = stretches(list(hall.values()))
    together = _best_window(runs, quantity, hall)
    if together is None:
        return _numbers(_split(runs, quantity, hall))
    return _numbers(together)


def best_with_wheelchair(
    on_request: Sequence[Candidate], free: Sequence[Candidate], quantity: int
) -> tuple[int, ...]:
    """Return a wheelchair space, its companion seat if the party is two or more, and the rest close by.

    `on_request` are places kept for those who ask; spaces among the `free` ones will do too. None without a
    space, or if so many places are not free.
    """
    asked = {seat.number: seat for seat in (*free, *on_request)}
    ordinary = hall_of(seat for seat in free if seat.kind != _WHEELCHAIR)
    runs = stretches(list(ordinary.values()))
    options = []
    for space in [seat for seat in asked.values() if seat.kind == _WHEELCHAIR]:
        party = [space]
        if quantity > 1 and space.pair in asked:
            party.append(asked[space.pair])
        rest = _close_to(party, runs, ordinary, quantity - len(party))
        if rest is not None:
            apart = max((abs(seat.line - space.line) for seat in rest), default=0)
            alone = quantity > 1 and len(party) == 1
            options.append((alone, apart, space.rank, space.number, [*party, *rest]))
    return _numbers(min(options)[-1]) if options else ()


def equal_to(
    lost: Sequence[Candidate], free: Sequence[Candidate], on_request: Sequence[Candidate]
) -> tuple[int, ...]:
    """Return as many places as a party lost, of the kinds it had and in no more groups, or none.

    With a wheelchair space go seats close by; two spaces at once have no equal.
    """
    kinds = {seat.kind for seat in lost}
    if _WHEELCHAIR in kinds:
        if sum(seat.kind == _WHEELCHAIR for seat in lost) > 1:
            return ()
        near = [seat for seat in free if seat.kind != _RESTRICTED or _RESTRICTED in kinds]
        return best_with_wheelchair(on_request, near, len(lost))
    alike = [seat for seat in free if seat.kind in kinds]
    chosen = best_available(alike, len(lost))
    return chosen if _groups(alike, chosen) <= _groups(lost, [seat.number for seat in lost]) else ()


def _groups(seats: Sequence[Candidate], numbers: Collection[int]) -> int:
    """Return in how many stretches some of the seats are."""
    some = hall_of(seat for seat in seats if seat.number in numbers)
    return len(stretches(list(some.values())))


def _numbers(seats: Window) -> tuple[int, ...]:
    return tuple(sorted(seat.number for seat in seats))


def _best_window(runs: Sequence[Window], quantity: int, hall: Hall) -> Window | None:
    best: tuple[Worth, Window] | None = None
    long_enough = [(min(seat.rank for seat in run), run) for run in runs if len(run) >= quantity]
    for rank, run in sorted(long_enough, key=lambda one: one[0]):
        # Not even this many of its best seats could be better: nor could those of the stretches that follow.
        if best is not None and best[0] < (0, 0, quantity * rank, 0):
            break
        worth, start = min(_worths(run, quantity, hall))
        if best is None or worth < best[0]:
            best = worth, run[start : start + quantity]
    return None if best is None else best[1]


def _worths(run: Window, quantity: int, hall: Hall) -> Iterator[tuple[Worth, int]]:
    """Return what each window of a stretch is worth, and where it starts: sums are kept, not made anew."""
    starts = range(len(run) - quantity + 1)
    if any(seat.kind == SOFA for seat in run):
        for start in starts:
            yield _worth(run[start : start + quantity], hall), start
        return
    ranks = [0, *accumulate(seat.rank for seat in run)]
    restricted = [0, *accumulate(seat.kind == _RESTRICTED for seat in run)]
    for start in starts:
        end = start + quantity
        alone = (start == 1) + (len(run) - end == 1)
        worth = (alone, restricted[end] - restricted[start], ranks[end] - ranks[start], run[start].number)
        yield worth, start


def _worth(seats: Window, hall: Hall) -> Worth:
    alone = left_alone({seat.number for seat in seats}, hall)
    restricted = sum(seat.kind == _RESTRICTED for seat in seats)
    return (len(alone), restricted, sum(seat.rank for seat in seats), min(seat.number for seat in seats))


def _split(runs: Sequence[Window], quantity: int, hall: Hall) -> list[Candidate]:
    lengths = sorted((len(run) for run in runs), reverse=True)
    groups = next(n for n in range(1, len(lengths) + 1) if sum(lengths[:n]) >= quantity)
    # With as few groups as can be the longest stretches decide whether everybody can have a neighbour.
    least = 2 if quantity >= 2 * groups and lengths[groups - 1] > 1 else 1
    windows = _BestWindows(hall)
    choices = (
        windows.of(some, sizes)
        for band in _closest_rows([run for run in runs if len(run) >= least], groups, quantity)
        for some in combinations(band, groups)
        for sizes in _sizes([len(run) for run in some], quantity, least)
    )
    return min(choices, key=lambda choice: choice[0])[1]


class _BestWindows:
    """The best window of each size in each stretch, looked for once."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._known: dict[tuple[int, int], tuple[Worth, int]] = {}

    def of(self, runs: Sequence[Window], sizes: Sequence[int]) -> tuple[Worth, list[Candidate]]:
        """Return a party spread over stretches, and its worth: stretches don't touch, so it adds up."""
        chosen: list[Candidate] = []
        worths = []
        for run, size in zip(runs, sizes, strict=True):
            worth, start = self._best(run, size)
            worths.append(worth)
            chosen += run[start : start + size]
        alone, restricted, ranks, first = zip(*worths, strict=True)
        return (sum(alone), sum(restricted), sum(ranks), min(first)), chosen

    def _best(self, run: Window, size: int) -> tuple[Worth, int]:
        key = (run[0].number, size)
        if key not in self._known:
            self._known[key] = min(_worths(run, size, self._hall))
        return self._known[key]


def _closest_rows(runs: Sequence[Window], groups: int, quantity: int) -> list[list[Window]]:
    """Return the longest stretches of each of the narrowest bands of rows that hold the party in `groups`.

    Where many bands are equally narrow, only those with the best seats are worth the time.
    """
    by_line: dict[int, list[Window]] = {}
    for run in runs:
        by_line.setdefault(run[0].line, []).append(run)
    lines = sorted(by_line)
    most = max(groups, _MOST_TRIED) if groups == _PAIR else groups
    narrowest = lines[-1] - lines[0]
    found: list[tuple[int, int, list[Window]]] = []
    for first, line in enumerate(lines):
        band: list[Window] = []
        for last in lines[first:]:
            if last - line > narrowest:
                break
            band = sorted((*band, *by_line[last]), key=_length_and_rank)[:most]
            if sum(len(run) for run in band[:groups]) >= quantity:
                narrowest = last - line
                promise = sum(min(seat.rank for seat in run) for run in band[:groups])
                found.append((narrowest, promise, band))
                break
    return [band for width, _, band in sorted(found, key=lambda one: one[:2]) if width == narrowest][
        :_MOST_BANDS
    ]


def _length_and_rank(run: Window) -> tuple[int, int]:
    return (-len(run), min(seat.rank for seat in run))


def _sizes(lengths: Sequence[int], quantity: int, least: int) -> Iterator[list[int]]:
    if sum(lengths) < quantity:
        return
    if len(lengths) == _PAIR:
        for first in range(least, min(lengths[0], quantity - least) + 1):
            if quantity - first <= lengths[1]:
                yield [first, quantity - first]
        return
    sizes = [least] * len(lengths)
    for n, length in enumerate(lengths):
        sizes[n] += min(length - least, quantity - sum(sizes))
    yield sizes


def _close_to(
    party: Sequence[Candidate], runs: Sequence[list[Candidate]], hall: Hall, quantity: int
) -> Window | None:
    """Return ordinary places near a party's wheelchair space, side by side if there is a stretch for them.

    They leave nobody alone if that can be in the nearest row, and there they are as near as can be.
    """
    if quantity <= 0:
        return []
    space, taken = party[0], {seat.number for seat in party}

    def worth(window: Window) -> tuple[int, int]:
        numbers = {seat.number for seat in window}
        return (len(left_alone(numbers | taken, hall)), min(abs(n - space.number) for n in numbers))

    for rows in nearest_first((run for run in runs if len(run) >= quantity), space.line):
        windows = [run[start : start + quantity] for run in rows for start in range(len(run) - quantity + 1)]
        beside = [window for window in windows if taken.isdisjoint(seat.number for seat in window)]
        if beside:
            return min(beside, key=worth)
    left = [seat for seat in hall.values() if seat.number not in taken]
    return [hall[number] for number in best_available(left, quantity)] if len(left) >= quantity else None
