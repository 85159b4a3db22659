"""Ticket codes: making an opaque one, and reading whatever a camera or a hand delivers.

An opaque code is `K1` and the unpadded RFC 4648 base32 of 16 random bytes; a slip of the rush line has the
same with `R1`, and its picture is a link that ends in it. A signed code is `K2` and
the RFC 9285 base45 of 80 bytes. Pure: randomness comes in as an argument. The scanner's twin of `parse`
and `in_groups` is scanner/src/codes.js; both run tests/vectors/codes.json.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

OPAQUE_PREFIX = "K1"
SIGNED_PREFIX = "K2"
SLIP_PREFIX = "R1"
RANDOM_BYTES = 16
LONGEST_INPUT = 512

# What people and printers put between groups: blanks of all kinds, hyphens and dashes, marks of no width.
_SEPARATORS = (
    "\t\n\v\f\r \u00a0\u00ad\u2007\u2009\u200b\u200e\u200f\u202f\u2060\ufeff"
    "-\u2010\u2011\u2012\u2013\u2014\u2212"
)
_WITHOUT_SEPARATORS = {ord(separator): None for separator in _SEPARATORS}
# `str.upper` would turn ß into SS and ı into I: only the letters of the alphabet itself are raised.
_UPPER = {letter: letter - 32 for letter in range(ord("a"), ord("z") + 1)}
# These three digits are not in the base32 alphabet, so a typist who writes them means the letter.
_TYPED = str.maketrans("018", "OIB")

# 26 characters carry 130 bits for 128: the last character's two lowest bits are padding and must be zero,
# or one ticket would have four spellings with four digests.
_OPAQUE = re.compile(r"K1[A-Z2-7]{25}[AEIMQUY4]", re.ASCII)
_SIGNED = re.compile(r"K2[0-9A-Z $%*+\-./:]{120}", re.ASCII)
# The link in a slip's picture opens its page on a phone; the scanner reads the code at its end.
_SLIP = re.compile(r"(?:HTTPS?:[!-~]*[=/])?(R1[A-Z2-7]{25}[AEIMQUY4])", re.ASCII)
_NEWER = re.compile(r"K[3-9][0-9A-Z]{20,}", re.ASCII)
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_LARGEST_PAIR = 0xFFFF


class CodeKind(StrEnum):
    """What a text read at the door turns out to be."""

    OPAQUE = "opaque"
    SIGNED = "signed"
    SLIP = "slip"
    NEWER = "newer"
    NOT_A_TICKET = "not_a_ticket"


@dataclass(frozen=True, kw_only=True)
class ParsedCode:
    """A code in its one canonical spelling; empty when the text is not a ticket's."""

    kind: CodeKind
    canonical: str


def new_code(random16: bytes) -> str:
    """Make the opaque code for 16 random bytes.

    Raises ValueError for another number of bytes: a short one would be a guessable ticket.
    """
    if len(random16) != RANDOM_BYTES:
        message = f"a ticket code needs {RANDOM_BYTES} random bytes, not {len(random16)}"
        raise ValueError(message)
    return OPAQUE_PREFIX + base64.b32encode(random16).decode("ascii").rstrip("=")


def new_slip_code(random16: bytes) -> str:
    """Make the code of a slip for 16 random bytes; ValueError as of `new_code`."""
    return SLIP_PREFIX + new_code(random16)[len(OPAQUE_PREFIX) :]


def parse(text: str) -> ParsedCode:
    """Read a scanned or typed text of any content and length (cut at 512 characters); never raises."""
    upper = text[:LONGEST_INPUT].translate(_UPPER)

    # Base45 contains the blank and the hyphen, so a signed code is only trimmed, not squeezed.
    trimmed = upper.strip(_SEPARATORS)
    if _SIGNED.fullmatch(trimmed) and _is_base45(trimmed[len(SIGNED_PREFIX) :]):
        return ParsedCode(kind=CodeKind.SIGNED, canonical=trimmed)

    squeezed = upper.translate(_WITHOUT_SEPARATORS)
    if squeezed.startswith(OPAQUE_PREFIX):
        opaque = OPAQUE_PREFIX + squeezed[len(OPAQUE_PREFIX) :].translate(_TYPED)
        if _OPAQUE.fullmatch(opaque):
            return ParsedCode(kind=CodeKind.OPAQUE, canonical=opaque)
    elif squeezed.startswith(SLIP_PREFIX):
        slip = SLIP_PREFIX + squeezed[len(SLIP_PREFIX) :].translate(_TYPED)
        if _SLIP.fullmatch(slip):
            return ParsedCode(kind=CodeKind.SLIP, canonical=slip)
    elif found := _SLIP.fullmatch(squeezed):
        return ParsedCode(kind=CodeKind.SLIP, canonical=found[1])
    elif _NEWER.fullmatch(squeezed):
        return ParsedCode(kind=CodeKind.NEWER, canonical=squeezed)
    return ParsedCode(kind=CodeKind.NOT_A_TICKET, canonical="")


def digest(code: str) -> bytes:
    """Return the SHA-256 (32 bytes) of a canonical code: the database's key for look-up."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


def in_groups(code: str) -> str:
    """Return the code in groups of four, the way people read it out: `K1SH ZF72 …`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def typeable(code: str) -> str:
    """Return a code as people read it out and type it; empty for a signed one, which only a camera reads."""
    return "" if code.startswith(SIGNED_PREFIX) else in_groups(code)


def _is_base45(text: str) -> bool:
    """Say whether each three characters stand for two bytes (RFC 9285)."""
    values = [_BASE45.index(character) for character in text]
    return all(
        values[i] + values[i + 1] * 45 + values[i + 2] * 2025 <= _LARGEST_PAIR
        for i in range(0, len(values), 3)
    )
