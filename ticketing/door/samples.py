"""Sample codes: with each of them a scanner that practises shows one verdict. Elsewhere they are unknown.

They have the form of tickets' codes, so that camera and keyboard are practised too. The scanner's list is
scanner/src/samples.js; both are held against tests/vectors/samples.json. Pure.
"""

import hashlib
from collections.abc import Mapping

from ticketing.door.rules import Reason
from ticketing.tickets.codes import RANDOM_BYTES, new_code

_SHOWN = (
    Reason.OK,
    Reason.OK_ATTENTION,
    Reason.REENTRY,
    Reason.EXIT,
    Reason.OK_UNLISTED,
    Reason.ALREADY_IN,
    Reason.WRONG_SCREENING,
    Reason.WRONG_VENUE,
    Reason.WRONG_DAY,
    Reason.SCREENING_MOVED,
    Reason.SCREENING_CANCELLED,
    Reason.TOO_EARLY,
    Reason.TOO_LATE,
    Reason.REFUNDED,
    Reason.CANCELLED,
    Reason.BLOCKED,
    Reason.REISSUED,
    Reason.NEEDS_RESERVATION,
    Reason.FULL,
    Reason.LEASE_SPENT,
    Reason.UNKNOWN,
    Reason.BAD_SIGNATURE,
    Reason.UNKNOWN_KEY,
    Reason.NEWER_VERSION,
    Reason.STALE,
)


def sample_code(reason: Reason) -> str:
    """Return the code that shows a verdict."""
    return new_code(hashlib.sha256(f"kassa sample {reason}".encode()).digest()[:RANDOM_BYTES])


SAMPLES: Mapping[Reason, str] = {reason: sample_code(reason) for reason in _SHOWN}
