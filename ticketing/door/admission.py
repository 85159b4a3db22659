"""Deriving admission from scans: changes a ticket's state and says what a supervisor must know.

First by corrected time wins; every later one is a double admission. An offline green stays admitted even
if the ticket turns out void, and is reported (DOOR: "Merge").
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ticketing.door.facts import KnownTicket
from ticketing.door.rules import Direction, Outcome, Reason

# Nobody differs here: no card was shown, the usher took it back, or no answer came in time.
_ORDINARY_REFUSALS = frozenset({Reason.OK_ATTENTION, Reason.UNDO, Reason.STALE})


@dataclass(frozen=True, kw_only=True)
class Passage:
    """An admission or exit to apply."""

    scan: UUID
    device: UUID
    gate: str
    at: datetime
    direction: Direction


@dataclass(frozen=True, kw_only=True)
class Report:
    """An incident: its kind and the scan that it collides with, if any."""

    kind: str
    other_scan: UUID | None = None


def pass_through(ticket: KnownTicket, passage: Passage) -> Report | None:
    """Let somebody in or out with a ticket."""
    if passage.direction is Direction.OUT:
        if ticket.inside:
            ticket.inside, ticket.left_at = False, passage.at
        return None
    if not ticket.inside:
        void = ticket.state != "valid"
        _enter(ticket, passage)
        return Report(kind="void_admitted") if void else None
    if ticket.admitted_scan == passage.scan:
        return None
    other = ticket.admitted_scan
    first = (ticket.admitted_at, str(other))
    if ticket.admitted_at is not None and (passage.at, str(passage.scan)) < first:
        _enter(ticket, passage)
    return Report(kind="double_admission", other_scan=other)


def take_back(ticket: KnownTicket, undone: Passage, reason: str, at: datetime) -> Report | None:
    """Undo what a scan did, if it is still what counts.

    Nobody left after all: whoever came in on the strength of that exit is a double admission.
    """
    if undone.direction is Direction.OUT:
        if not ticket.inside and ticket.admitted_scan is not None and ticket.left_at == undone.at:
            ticket.inside, ticket.left_at = True, None
        elif ticket.admitted_at is not None and ticket.admitted_at >= undone.at:
            return Report(kind="double_admission", other_scan=ticket.admitted_scan)
        return None
    if ticket.admitted_scan != undone.scan:
        return None
    ticket.inside, ticket.admitted_scan = False, None
    if reason == Reason.REENTRY:
        ticket.left_at = at
    else:
        ticket.admitted_at = ticket.admitted_device = ticket.admitted_gate = ticket.left_at = None
    return None


def disagreement(
    judged: str, stated: str, stated_reason: str | None, ticket: KnownTicket | None
) -> Report | None:
    """Say whether what a device showed differs from what the server judged, beyond the ordinary."""
    if stated == judged or stated_reason in _ORDINARY_REFUSALS or Outcome.NONE in (judged, stated):
        return None
    if ticket is not None and ticket.state != "valid" and stated == Outcome.ADMIT:
        return None  # reported as void_admitted
    return Report(kind="disagreement")


def _enter(ticket: KnownTicket, passage: Passage) -> None:
    ticket.inside, ticket.left_at = True, None
    ticket.admitted_at, ticket.admitted_scan = passage.at, passage.scan
    ticket.admitted_device, ticket.admitted_gate = passage.device, passage.gate
