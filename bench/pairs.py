"""16 buyers race for the best pairs of a hall of 3,000 until nothing is left: how fast, and who failed."""

from collections.abc import Iterator
from time import perf_counter

from bench.machine import cpu_times
from bench.measure import Check, at_least, at_most
from bench.product import Product
from tests.support.great_hall import GREAT
from tests.support.pair_race import PairRace, faults_of, neighbours

_QUICK_PAIRS = 150
# The dearest band, which all of them want at once, is sold first; then all that is left, half of it by name.
_BAND = "Партер I"


class PairsFailedError(Exception):
    """Somebody was refused while pairs were left, or a place was held twice: the message says which."""


def measure_pairs(product: Product, *, quick: bool) -> Iterator[Check]:
    """Sell the hall twice. Raises PairsFailedError."""
    port = product.server.port
    yield from _race(product, PairRace(port=port, screening=GREAT), "best pairs", quick=quick)
    yield from _race(product, PairRace(port=port, screening=GREAT, band=_BAND), "of one band", quick=quick)
    named = neighbours(PairRace(port=port, screening=GREAT).free())
    mixed = PairRace(port=port, screening=GREAT, named=named)
    yield from _race(product, mixed, "half by name", quick=quick)


def _race(product: Product, race: PairRace, title: str, *, quick: bool) -> Iterator[Check]:
    free = race.free()
    pairs = min(len(free) // 2, _QUICK_PAIRS) if quick else len(free) // 2
    before, begin = cpu_times(*product.app, product.database), perf_counter()
    seen = race.run(pairs)
    seconds = perf_counter() - begin
    used = cpu_times(*product.app, product.database).since(before)
    product.world.free_holds()
    faults = faults_of(seen, free, pairs)
    if faults:
        message = f"{title}: {'; '.join(faults[:5])}"
        raise PairsFailedError(message)
    yield at_most(f"{title}, failures of {pairs:,}", len(faults), 0)
    yield at_least(f"{title}, pairs/s", pairs / seconds, None)
    yield at_most(f"{title}, CPU ms", 1000 * used.web / pairs, None)
