"""Buyers who race for pairs of seats: exactly as many tries as there are pairs, so each must succeed.

If one is refused, a pair was left for it; nobody needs to look at the hall in the middle of the race to know.
"""

from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.support.calls import API, Answer, Caller, OverHttp
from tests.support.together import copies, together

BUYERS = 16
Pair = tuple[str, str]
Item = TypeVar("Item")
# How somebody who names seats may be refused: they are gone, or she would leave one alone.
_FAIR = {"places_taken", "single_seat_left"}


@dataclass
class Seen:
    """What the buyers got, and how often a try for the best pair was refused, by status and code."""

    held: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class PairRace:
    """A screening on a server, a band if only that one is wanted, and seats that some buyers name first."""

    port: int
    screening: str
    band: str | None = None
    named: Sequence[Pair] = ()

    def free(self) -> set[str]:
        """Return the places that best available may give."""
        call = OverHttp(self.port)
        places = call("GET", f"{API}/screenings/{self.screening}/places").body["places"]
        call.close()
        return {
            place["place"]
            for place in places
            if place["free"]
            and place["kind"] not in {"wheelchair", "companion"}
            and self.band in {None, place["band"]}
        }

    def run(self, pairs: int, buyers: int = BUYERS) -> Seen:
        """Let the buyers share so many tries; every second one names seats first while there are names."""
        turns, names, seen = deque(range(pairs)), deque(self.named), Seen()
        together(*copies(buyers, lambda: self._buy(turns, names, seen)))
        return seen

    def _buy(self, turns: deque[int], names: deque[Pair], seen: Seen) -> int:
        call, got = OverHttp(self.port), 0
        while (turn := _next(turns)) is not None:
            pair = _next(names) if turn % 2 else None
            answer = self._name(call, pair, seen) if pair else None
            if answer is None or answer.status != 201:
                answer = self._best(call)
            if answer.status == 201:
                seen.held += answer.body["places"]
                got += 1
            else:
                seen.refused[f"{answer.status} {answer.code}"] += 1
        call.close()
        return got

    def _best(self, call: Caller) -> Answer:
        band = {} if self.band is None else {"band": self.band}
        return call("POST", f"{API}/holds", {"screening": self.screening, "quantity": 2, **band})

    def _name(self, call: Caller, pair: Pair, seen: Seen) -> Answer:
        answer = call("POST", f"{API}/holds", {"screening": self.screening, "places": list(pair)})
        seen.named[answer.code or "held"] += 1
        return answer


def faults_of(seen: Seen, free: Collection[str], pairs: int) -> list[str]:
    """Return what went wrong in a race for `pairs` of the places that were free: nothing, if all is well."""
    twice = sorted(place for place, times in Counter(seen.held).items() if times > 1)
    strange = sorted(set(seen.held) - set(free))
    return [
        *(f"{times} tries refused with {how} while pairs were left" for how, times in seen.refused.items()),
        *(f"{place} was held twice" for place in twice),
        *(f"{place} was not free" for place in strange),
        *(f"somebody was refused with {code}" for code in seen.named if code not in {*_FAIR, "held"}),
        *([] if len(seen.held) == 2 * pairs else [f"{len(seen.held)} places held of {2 * pairs}"]),
    ]


def neighbours(places: Collection[str]) -> list[Pair]:
    """Return every pair of labels that differ by one in their last number: `З-5-7` and `З-5-8`."""
    return [(place, other) for place in sorted(places) if (other := _beside(place)) in places]


def _beside(place: str) -> str:
    row, _, number = place.rpartition("-")
    return f"{row}-{int(number) + 1}"


def _next(queue: deque[Item]) -> Item | None:
    try:
        return queue.popleft()
    except IndexError:
        return None
