"""The log of a phone is a chain: each entry carries the hash of the one before, so that a gap shows. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as a device sent it; its twin is `entryHash` in scanner/src/log.js."""

    id: UUID
    seq: int
    code: str
    screening: str
    direction: str
    gate: str
    at: datetime
    offline: bool
    verdict: str
    reason: str
    override: str
    prev: str

    def hash(self) -> str:
        """Return what the next entry carries."""
        milliseconds = (self.at - _EPOCH) // timedelta(milliseconds=1)
        said: list[object] = [self.id, self.seq, self.code, self.screening, self.direction, self.gate]
        said += [milliseconds, int(self.offline), self.verdict, self.reason, self.override, self.prev]
        return hashlib.sha256("\n".join(map(str, said)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Head:
    """The newest entry that the server has of a device."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An entry before which something is missing (`log_gap`) or is not what it was (`log_break`)."""

    kind: str
    scan: UUID
    expected: int
    seq: int


NOTHING_YET = Head(0, "")


def follow(head: Head, entries: Iterable[Entry], replays: Iterable[UUID]) -> tuple[Head, list[Fault]]:
    """Check entries against the newest one; return the new head and the faults, each said once.

    `replays` are ids that were stored before. An entry with an old number is a replay if its id is among
    them; else the log was begun anew, on a phone that has lost it.
    """
    known, faults = set(replays), []
    for entry in entries:
        expected = head.seq + 1
        if entry.seq < expected and entry.id in known:
            continue
        if entry.seq > expected:
            faults.append(Fault(kind="log_gap", scan=entry.id, expected=expected, seq=entry.seq))
        elif entry.seq < expected or entry.prev != head.hash:
            faults.append(Fault(kind="log_break", scan=entry.id, expected=expected, seq=entry.seq))
        head = Head(entry.seq, entry.hash())
        known.add(entry.id)
    return head, faults
