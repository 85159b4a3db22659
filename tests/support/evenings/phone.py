"""A phone at a door as the server meets it: a log that outlives everything, and what the phone believes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.support.evenings.plan import BATCH

Entry = Mapping[str, Any]


@dataclass
class Disk:
    """What is left of a phone whose battery was empty: the log with its newest entry, and the last sync."""

    seq: int = 0
    hash: str = ""
    entries: list[Entry] = field(default_factory=list)
    inside: dict[str, bool] = field(default_factory=dict)
    void: dict[str, str] = field(default_factory=dict)


class Phone:
    """A phone that has just been opened, at the door of one screening after another."""

    def __init__(self, number: int, disk: Disk, offset: timedelta) -> None:
        self.number, self.offset = number, offset
        self.gate = f"door {number + 1}"
        self._disk = disk
        self.waiting = list(disk.entries)
        self.inside = dict(disk.inside)
        for entry in self.waiting:
            self._believe(entry)

    def reopened(self) -> "Phone":
        """Return what a phone is that was killed and switched on again."""
        self._disk.entries = json.loads(json.dumps(self._disk.entries))
        return Phone(self.number, self._disk, self.offset)

    @property
    def void(self) -> Mapping[str, str]:
        """What the last sync said of codes that are not to be let in, by code."""
        return self._disk.void

    @property
    def has_room(self) -> bool:
        """Whether a question can go along with all that is before it."""
        return len(self.waiting) < BATCH

    def clock(self, now: datetime) -> datetime:
        """Return what the phone's own clock shows."""
        return now + self.offset

    def sync(self, inside: Mapping[str, bool], void: Mapping[str, str]) -> None:
        """Take over what the server knows, and then what it cannot know yet."""
        self._disk.inside, self._disk.void = dict(inside), dict(void)
        self.inside = dict(inside)
        for entry in self.waiting:
            self._believe(entry)

    def write(self, scan: Entry) -> Entry:
        """Write an entry into the log; when this is over, it is on the disk."""
        disk = self._disk
        entry = {**scan, "seq": disk.seq + 1, "prev": disk.hash}
        disk.seq, disk.hash = entry["seq"], entry_hash(entry)
        disk.entries.append(entry)
        self.waiting.append(entry)
        self._believe(entry)
        return entry

    def batch(self) -> Sequence[Entry]:
        """Return the oldest entries that wait."""
        return self.waiting[:BATCH]

    def settle(self, answered: int) -> None:
        """Forget the oldest entries: the server has answered for each."""
        del self.waiting[:answered]
        del self._disk.entries[:answered]

    def saw(self, entry: Entry) -> None:
        """Believe what the server has just said: somebody was let through."""
        self._believe({**entry, "verdict": "admit"})

    def _believe(self, entry: Entry) -> None:
        if entry.get("verdict") == "admit":
            self.inside[entry["code"]] = entry["direction"] == "in"
        elif entry.get("reason") == "undo":
            self.inside[entry["code"]] = False


def entry_hash(entry: Entry) -> str:
    """Return the hash that the next entry carries, as docs/api.md says it."""
    milliseconds = round(datetime.fromisoformat(entry["at"]).timestamp() * 1000)
    said = [entry[name] for name in ("id", "seq", "code", "screening", "direction", "gate")]
    said += [milliseconds, int(entry["offline"]), entry.get("verdict", ""), entry.get("reason", "")]
    said += [entry.get("override", {}).get("reason", ""), entry["prev"]]
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()
