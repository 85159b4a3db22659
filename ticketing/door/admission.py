"""Deriving a ticket's admission from what was shown at the doors. Pure.

First by corrected time wins; every later one is a double admission. An offline green stays admitted even
if the ticket turns out void, and is reported (DOOR: "Merge"). What was taken back was never there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ticketing.door.facts import KnownTicket
from ticketing.door.rules import Direction, Outcome, Reason

# Nobody differs here: no card was shown, the usher took it back, no answer came in time, or a phone without
# a network could not know that there were more places or that more numbers were called. Or the phone knew by
# the venue's relay of an entry that another phone has not sent yet.
_ORDINARY_REFUSALS = frozenset(
    {
        Reason.OK_ATTENTION,
        Reason.UNDO,
        Reason.RELAYED,
        Reason.STALE,
        Reason.LEASE_SPENT,
        Reason.FULL,
        Reason.NEEDS_RESERVATION,
    }
)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Somebody who was let in or out; `at` is the corrected time."""

    scan: UUID
    device: UUID
    gate: str
    at: datetime
    direction: Direction
    offline: bool = False
    override: str = ""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Where the people of one ticket are. `doubles` are entries while somebody was in, with whose."""

    entry: Passage | None
    inside: bool
    left_at: datetime | None
    doubles: Sequence[tuple[Passage, Passage]]


def derive(passages: Iterable[Passage]) -> Admission:
    """Replay passages in the order of their times (tie: id), in whatever order they arrived."""
    entry: Passage | None = None
    left_at: datetime | None = None
    inside, doubles = False, []
    for passage in sorted(passages, key=lambda one: (one.at, str(one.scan))):
        if passage.direction is Direction.OUT:
            inside, left_at = False, passage.at
        elif inside and entry is not None:
            doubles.append((passage, entry))
        else:
            entry, inside, left_at = passage, True, None
    return Admission(entry=entry, inside=inside, left_at=left_at, doubles=doubles)


def set_admission(ticket: KnownTicket, admission: Admission) -> None:
    """Let a ticket say what was derived."""
    entry = admission.entry
    ticket.inside, ticket.left_at = admission.inside, admission.left_at
    ticket.admitted_at = None if entry is None else entry.at
    ticket.admitted_scan = None if entry is None else entry.scan
    ticket.admitted_device = None if entry is None else entry.device
    ticket.admitted_gate = None if entry is None else entry.gate


def is_next(ticket: KnownTicket, passage: Passage) -> bool:
    """Tell whether a passage comes after all others, so that it alone decides.

    Of a ticket with nobody in, the last way out is the latest that was shown. While somebody is in, entries
    of others may have come later than the first one, which alone the ticket tells of.
    """
    latest = ticket.admitted_at if ticket.left_at is None else ticket.left_at
    return not ticket.inside and (latest is None or passage.at >= latest)


def go_on(ticket: KnownTicket, passage: Passage) -> None:
    """Apply a passage that is next: what deriving all of them again would say."""
    if passage.direction is Direction.OUT:
        ticket.inside, ticket.left_at = False, passage.at
        return
    set_admission(ticket, Admission(entry=passage, inside=True, left_at=None, doubles=()))


def is_disagreement(judged: str, judged_reason: str, stated: str, stated_reason: str | None) -> bool:
    """Say whether what a device showed differs from what the server judged, beyond the ordinary.

    Letting in where somebody is in already is a double admission, which the merge finds by itself.
    """
    if stated == judged or Outcome.NONE in (judged, stated):
        return False
    if stated == Outcome.REFUSE and stated_reason in _ORDINARY_REFUSALS:
        return False
    return not (stated == Outcome.ADMIT and judged_reason == Reason.ALREADY_IN)
