"""Signed ticket codes: what one says, and whether a key of the festival has said it. Pure.

A code is `K2` and the base45 of 80 bytes, big-endian:

    version 4 bits · key 4 bits · flags 8 bits · serial 64 bits · screening 32 bits · revision 16 bits
    · Ed25519 signature 512 bits

The signature is over `PURPOSE`, the realm that stands with the key, a zero byte and the first 16 bytes, so
that a key which signs anything else, or for another festival, has signed no ticket. Flags say only what a
device that has not synced must know to be right: which card to ask for (two lowest bits); age and hour are
the screening's. The other six must be zero; a good signature over one of them is a condition that this
version does not understand, and admits nobody. The scanner's twin is scanner/src/signed-codes.js; both run
tests/vectors/signed.json.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ticketing.tickets import base45
from ticketing.tickets.codes import SIGNED_PREFIX

VERSION = 1
KEY_NUMBERS = 16
PURPOSE = b"kassa ticket code\x00"
_BODY = struct.Struct(">BBQIH")
# In the order of their two bits; the first asks for none.
_CARDS = ("", "student", "pensioner", "child")
_CARD_BITS = 0b11


class Standing(StrEnum):
    """What a signature is worth to who reads it."""

    GOOD = "good"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_KEY = "unknown_key"
    NEWER_VERSION = "newer_version"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a code says: the ticket's serial and revision, the screening's number, a card or nothing."""

    serial: int
    screening: int
    revision: int
    card: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A key as devices know it. `realm` names the festival it signs for, and is part of what is signed."""

    number: int
    public: bytes
    realm: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read; without a good signature it says nothing."""

    standing: Standing
    statement: Statement | None = None


def make(statement: Statement, key: int, realm: str, sign: Callable[[bytes], bytes]) -> str:
    """Return the code that says a statement; `sign` is the private key's.

    Raises ValueError or struct.error for what the fields cannot hold.
    """
    if not 0 <= key < KEY_NUMBERS:
        raise ValueError("a code names one of sixteen keys")
    body = _BODY.pack(
        VERSION << 4 | key,
        _CARDS.index(statement.card),
        statement.serial,
        statement.screening,
        statement.revision,
    )
    return SIGNED_PREFIX + base45.encode(body + sign(_signed(realm, body)))


def read(code: str, keys: Mapping[int, PublicKey]) -> Reading:
    """Say what a code is worth, in the spelling of `codes.parse`; raises ValueError for any other text."""
    data = base45.decode(code.removeprefix(SIGNED_PREFIX))
    body, signature = data[: _BODY.size], data[_BODY.size :]
    first, flags, serial, screening, revision = _BODY.unpack(body)
    version, number = first >> 4, first & 0x0F
    if version > VERSION:
        return Reading(standing=Standing.NEWER_VERSION)
    if version < VERSION:
        return Reading(standing=Standing.BAD_SIGNATURE)
    key = keys.get(number)
    if key is None:
        return Reading(standing=Standing.UNKNOWN_KEY)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, _signed(key.realm, body))
    except InvalidSignature:
        return Reading(standing=Standing.BAD_SIGNATURE)
    if flags & ~_CARD_BITS:
        return Reading(standing=Standing.NEWER_VERSION)
    statement = Statement(
        serial=serial, screening=screening, revision=revision, card=_CARDS[flags & _CARD_BITS]
    )
    return Reading(standing=Standing.GOOD, statement=statement)


def _signed(realm: str, body: bytes) -> bytes:
    return PURPOSE + realm.encode() + b"\x00" + body
