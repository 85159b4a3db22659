"""Whether somebody is in on a ticket, from what the relay has noted and what a phone knows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ticketing.door.admission import Admission, Passage, derive
from ticketing.door.rules import Direction

NOBODY = UUID(int=0)
"""Stands for a device that was not named."""
_SAME = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Noted:
    """A passage of one ticket as noted.

    `stated` is the number of the phone's statement, 0 before any; `sent`: the server knows it as it stands.
    """

    scan: UUID
    key: str
    device: UUID
    gate: str
    at: datetime
    direction: Direction
    admits: bool
    stated: int = 0
    sent: bool = False

    @property
    def is_question(self) -> bool:
        """Nobody has shown anything on it yet, but the server may count it."""
        return not self.admits and self.stated == 0

    def passage(self) -> Passage:
        """Return it as the door's rule knows it."""
        return Passage(
            scan=self.scan, device=self.device, gate=self.gate, at=self.at, direction=self.direction
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a phone has from its last sync of who came in on a ticket."""

    at: datetime
    gate: str
    device: UUID
    left: datetime | None


def presence(scan: UUID, noted: Iterable[Noted], held: Held | None) -> Admission:
    """Return who is in apart from the scan itself.

    What the phone holds is often the same entry that the relay has noted, and then the relay knows better:
    it has heard since whether it was taken back. The two clocks differ, so entries of one ticket within five
    seconds are one; two guests do not come in on one ticket that fast through any door.
    """
    noted = list(noted)
    passages = [one.passage() for one in noted if one.admits and one.scan != scan]
    if held is not None:
        entries = (one for one in noted if one.direction is Direction.IN)
        if not any(abs(one.at - held.at) <= _SAME for one in entries):
            passages.append(_held(held, held.at, Direction.IN))
        if held.left is not None:
            passages.append(_held(held, held.left, Direction.OUT))
    return derive(passages)


def _held(held: Held, at: datetime, direction: Direction) -> Passage:
    return Passage(scan=NOBODY, device=held.device, gate=held.gate, at=at, direction=direction)
