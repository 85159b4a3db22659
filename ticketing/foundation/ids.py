"""Identifiers: UUIDv7 inside, short codes for people."""

import secrets
from datetime import datetime
from uuid import UUID

# No 0/O, 1/I/L, 5/S, 8/B: they are misread aloud and from paper.
PEOPLE_ALPHABET = "234679ACDEFGHJKMNPQRTUVWXYZ"
PAIRING_ALPHABET = "ACDEFGHJKMNPQRTUVWXYZ"
_RANDOM_BITS = 74
_VERSION_7 = 0x7
_VARIANT = 0b10


def new_id(now: datetime) -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): milliseconds since 1970 first, so keys sort by time."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    random = secrets.randbits(_RANDOM_BITS)
    high = (milliseconds << 16) | (_VERSION_7 << 12) | (random >> 62)
    low = (_VARIANT << 62) | (random & ((1 << 62) - 1))
    return UUID(int=(high << 64) | low)


def ids_made_at(moment: datetime) -> tuple[UUID, UUID]:
    """Return the first and the last id that `new_id` can give in a moment's millisecond: a range of keys."""
    start = (int(moment.timestamp() * 1000) & ((1 << 48) - 1)) << 80
    return UUID(int=start), UUID(int=start | ((1 << 80) - 1))


def new_order_code() -> str:
    """Return a code such as `KX7-4M2Q` that a buyer can read out; 27^7 of them, uniqueness is the table's."""
    letters = "".join(secrets.choice(PEOPLE_ALPHABET) for _ in range(7))
    return f"{letters[:3]}-{letters[3:]}"


def new_pairing_code() -> str:
    """Return eight letters to type into a phone."""
    return "".join(secrets.choice(PAIRING_ALPHABET) for _ in range(8))
