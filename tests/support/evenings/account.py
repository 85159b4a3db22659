"""What came of an evening, and whether it is what is true."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.evenings.town import Town
from tests.support.evenings.truth import Heard, Standing, Truth


class Difference(AssertionError):  # noqa: N818 - a finding, as an assertion is
    """The server has come to something else than the truth."""


@dataclass
class Account:
    """What happened in one evening."""

    scans: int = 0
    requests: int = 0
    repeated: int = 0
    lost: int = 0
    kills: int = 0
    incidents: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    inside: int = 0

    def closed(self, truth: Truth) -> "Account":
        """Fill in what is known at the end."""
        self.inside = sum(truth.people.values())
        self.incidents = Counter(kind for kind, _ in truth.incidents.elements())
        self.reasons = Counter(one.reason for one in truth.scans.values())
        return self

    def add(self, other: "Account") -> None:
        """Add another evening's."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def compare(truth: Truth, town: Town, when: str) -> None:
    """Raise Difference unless the server has come to what is true."""
    tickets = {one.name: _standing(truth.of(one)) for one in truth.papers}
    _same(f"tickets {when}", town.standings(), tickets)
    _same(f"scans {when}", town.scans(), {one.id: _scan(one) for one in truth.scans.values()})
    _same(f"incidents {when}", town.incidents(), truth.incidents)
    _same(f"logs {when}", town.heads(), truth.heads)


def _standing(one: Standing) -> tuple[object, ...]:
    entry = one.entry
    if entry is None:
        return one.inside, None, None, None, one.left
    return one.inside, entry.id, entry.at, entry.gate, one.left


def _scan(one: Heard) -> tuple[object, ...]:
    ticket = None if one.paper is None else one.paper.name
    final = (one.shown, one.shown_reason, one.seq) if one.shown else (None, None, None)
    direction = "out" if one.out else "in"
    return (ticket, one.phone, one.gate, one.at, direction, one.verdict, one.reason, *final)


def _same(what: str, found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
    if found == expected:
        return
    keys = [key for key in {*found, *expected} if found.get(key) != expected.get(key)]
    first = min(keys, key=str)
    message = f"{len(keys)} {what}: {first} is {found.get(first)} instead of {expected.get(first)}"
    raise Difference(message)
