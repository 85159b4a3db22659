"""When a signing key signs, and how long phones know it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

KNOWN_BEFORE = timedelta(hours=48)
"""Phones know a key for this long before it signs, so that one which syncs every day or two has it."""
MOST_PUBLISHED = 4


class KeyState(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"  # published, does not sign yet
    SIGNING = "signing"
    EARLIER = "earlier"  # could sign, but a later one does
    RETIRED = "retired"  # its private half is gone
    REVOKED = "revoked"  # somebody else may have it


@dataclass(frozen=True, kw_only=True)
class KeyLife:
    """The times of a key; `awaited`: valid tickets that it signed can still come to the door."""

    number: int
    signs_from: datetime
    retired_at: datetime | None = None
    revoked_at: datetime | None = None
    awaited: bool = False

    @property
    def has_ended(self) -> bool:
        """Tell whether it never signs again."""
        return self.retired_at is not None or self.revoked_at is not None


def signing_key(keys: Iterable[KeyLife], now: datetime) -> int | None:
    """Return the number of the key that signs now: of those that may, the one that began last."""
    may = [(key.signs_from, key.number) for key in keys if not key.has_ended and key.signs_from <= now]
    return max(may)[1] if may else None


def signs_from(keys: Iterable[KeyLife], now: datetime) -> datetime:
    """Return from when on a key that is published now signs.

    At once when no other does: a code whose key a phone has not heard of costs no more there than an opaque
    one that it has not heard of, so waiting would gain nothing.
    """
    return now if signing_key(keys, now) is None else now + KNOWN_BEFORE


def is_published(key: KeyLife) -> bool:
    """Tell whether phones may rely on a key."""
    return key.revoked_at is None and (key.retired_at is None or key.awaited)


def state_of(key: KeyLife, keys: Iterable[KeyLife], now: datetime) -> KeyState:
    """Return where a key is in its life, among all of them."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.retired_at is not None:
        return KeyState.RETIRED
    if key.signs_from > now:
        return KeyState.NEXT
    return KeyState.SIGNING if signing_key(keys, now) == key.number else KeyState.EARLIER
