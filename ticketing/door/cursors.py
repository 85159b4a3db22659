"""How far a device has followed the changes. Pure: what a cursor says, and when it leads nowhere."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

OLDEST = timedelta(days=1)
"""A device that was away for longer starts anew: what it holds is worth little, and errors end there."""

# Renewed with the form of the answers: whoever holds another form must take everything again.
_FORM = "2"
_CURSOR = re.compile(r"([0-9a-f]{12})\.(\d{1,18})\.(\d{1,11})\.([0-9a-f]{12})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """All changes below `mark` are known, and the `frame` (halls, screenings), as of `at` seconds."""

    source: str
    mark: int
    at: int
    frame: str

    def __str__(self) -> str:
        return f"{self.source}.{self.mark}.{self.at}.{self.frame}"


def source_of(epoch: UUID, venue_id: int | None) -> str:
    """Name what a device follows: this database since it was made or restored, seen from one venue."""
    return hashlib.sha256(f"{_FORM} {epoch.hex} {venue_id}".encode()).hexdigest()[:12]


def read_cursor(text: str) -> Cursor | None:
    """Return what a device sent, or None for anything that is not a cursor of ours."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    return Cursor(source=found[1], mark=int(found[2]), at=int(found[3]), frame=found[4])


def can_follow(cursor: Cursor | None, source: str, bound: int, now: datetime) -> bool:
    """Tell whether changes since the cursor say all; `bound` is where the next cursor will stand."""
    if cursor is None or cursor.source != source or cursor.mark > bound:
        return False
    return timedelta(0) <= now - datetime.fromtimestamp(cursor.at, now.tzinfo) <= OLDEST
