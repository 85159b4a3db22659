"""The door's verdict (DOOR: "Verdict, in this order"). Pure: every fact and the time come in as arguments.

The scanner's twin is scanner/src/verdict.js; both run tests/vectors/verdict.json. Nothing here raises: a
scan is a fact, and each gets an answer. Decisions that the order alone does not settle:

- The door is open from `doors_open` on and closed from `doors_close` on (to the second, half-open).
- Going out is never refused. A ticket scanned out that nobody scanned in is usually one whose entry another
  phone has not sent yet, and people are not kept in a hall over that. It is no admission either: the next
  way in is `ok`, not `reentry`.
- Coming back after `doors_close` is `too_late`, since the window stands before the re-entry in the order.
- Of a device with a lease, the lease alone decides; `full` is said instead of `lease_spent` when both hold.
- A ticket whose screening is missing from the snapshot is `stale`: it is not the guest's fault.
- A signed code that a device has not heard of speaks for its ticket if the signature is good: the device
  makes the ticket's fact of it, `unlisted`, and all else goes on as for any ticket. The server knows every
  code, so there a good signature over one that it does not know is `unknown` all the same, and one by a key
  that it does not know is `bad_signature`: a sync would not help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ticketing.tickets.codes import CodeKind, ParsedCode
from ticketing.tickets.signed_codes import Standing

FRESH_SECONDS = 60
"""A snapshot younger than this may say that a code is unknown, not merely not yet synced."""

_CARD_AGES = frozenset({"16+", "18+", "21+"})
_ADULT_AGES = frozenset({"18+", "21+"})


class Outcome(StrEnum):
    """What happens to the guest; `none` shows a hint and records no attempt."""

    ADMIT = "admit"
    REFUSE = "refuse"
    NONE = "none"


class Reason(StrEnum):
    """Why. The first block is what `judge` answers; the rest is stated by other parts of the door."""

    OK = "ok"
    REENTRY = "reentry"
    EXIT = "exit"
    OK_ATTENTION = "ok_attention"
    ALREADY_IN = "already_in"
    WRONG_SCREENING = "wrong_screening"
    WRONG_VENUE = "wrong_venue"
    WRONG_DAY = "wrong_day"
    SCREENING_MOVED = "screening_moved"
    SCREENING_CANCELLED = "screening_cancelled"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    REISSUED = "reissued"
    NEEDS_RESERVATION = "needs_reservation"
    FULL = "full"
    LEASE_SPENT = "lease_spent"
    UNKNOWN = "unknown"
    NOT_A_TICKET = "not_a_ticket"
    UNKNOWN_KEY = "unknown_key"
    NEWER_VERSION = "newer_version"
    STALE = "stale"
    OK_UNLISTED = "ok_unlisted"
    BAD_SIGNATURE = "bad_signature"

    DEVICE_REVOKED = "device_revoked"  # the device's own condition, shown as a banner
    CLOCK_SKEW = "clock_skew"
    STORAGE_FULL = "storage_full"
    CAMERA_LOST = "camera_lost"
    UNDO = "undo"  # a final statement: the usher took the admission back
    RELAYED = "relayed"  # a final statement: somebody was in, said the venue's relay


class Direction(StrEnum):
    """Which way the guest goes."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, kw_only=True)
class TicketFact:
    """What the decider knows of a ticket.

    `state` is valid or void. `attention` names the card that its concession asks for (`student`). An
    admission that was undone counts neither for `inside` nor for `ever_admitted`. `unlisted`: a signed code
    says all this, the snapshot does not.
    """

    ticket: str
    screening: str
    place: str
    state: str
    void_reason: str | None = None
    concession: str = "adult"
    attention: str | None = None
    inside: bool = False
    ever_admitted: bool = False
    admitted_at: datetime | None = None
    admitted_gate: str | None = None
    admitted_device: str | None = None
    left_at: datetime | None = None
    needs_reservation: bool = False
    unlisted: bool = False


@dataclass(frozen=True, kw_only=True)
class ScreeningFact:
    """What the decider knows of a screening. `day` is the festival's local date as ISO text."""

    code: str
    hall: str
    venue: str
    day: str
    starts_at: datetime
    doors_open: datetime
    doors_close: datetime
    status: str
    age: str | None = None
    ends_after_22: bool = False


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Where the usher stands, and the screening chosen there."""

    screening: str
    hall: str
    venue: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """How far the decider's knowledge reaches: the server's own is authoritative, a phone's has an age."""

    authoritative: bool
    age_seconds: float


@dataclass(frozen=True, kw_only=True)
class CapacityFact:
    """The room left for tickets without a numbered place; `lease_left` None means no lease is in force."""

    admitted: int
    capacity: int
    lease_left: int | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer. `since…` tell of the earlier admission, or after `reentry` when the guest went out."""

    verdict: Outcome
    reason: Reason
    attention: tuple[str, ...] = ()
    redirect: str | None = None
    since: datetime | None = None
    since_gate: str | None = None
    since_device: str | None = None


# A good ticket at the wrong moment or without room: a person may know better there, but not where the
# ticket is none, void, or leads elsewhere.
_OVERRIDABLE = frozenset(
    {
        Reason.ALREADY_IN,
        Reason.TOO_EARLY,
        Reason.TOO_LATE,
        Reason.NEEDS_RESERVATION,
        Reason.FULL,
        Reason.LEASE_SPENT,
    }
)
_VOID_REASONS = {
    "refunded": Reason.REFUNDED,
    "cancelled": Reason.CANCELLED,
    "blocked": Reason.BLOCKED,
    "reissued": Reason.REISSUED,
}


def judge(
    *,
    code: ParsedCode,
    ticket: TicketFact | None,
    gate: Gate,
    screenings: Mapping[str, ScreeningFact],
    at: datetime,
    snapshot: Snapshot,
    direction: Direction = Direction.IN,
    capacity: CapacityFact | None = None,
    signature: Standing | None = None,
) -> Verdict:
    """Decide on one scan.

    `ticket` is what the look-up of the code's digest found; `at` is the scan's corrected time; `capacity`
    is None for a numbered ticket, whose place is its capacity; `signature` is what a signed code that was
    not found is worth, and None where no key is known. Validity comes before "already used".
    """
    if code.kind is CodeKind.NOT_A_TICKET:
        return Verdict(verdict=Outcome.NONE, reason=Reason.NOT_A_TICKET)
    if code.kind is CodeKind.NEWER:
        return _refuse(Reason.NEWER_VERSION)
    if ticket is None:
        return _refuse(_not_found(code, snapshot, signature))
    if ticket.state != "valid":
        return _refuse(_VOID_REASONS.get(ticket.void_reason or "", Reason.CANCELLED))
    own = screenings.get(ticket.screening)
    if own is None:
        return _refuse(Reason.STALE)
    return (
        _elsewhere(own, gate, screenings)
        or (Verdict(verdict=Outcome.ADMIT, reason=Reason.EXIT) if direction is Direction.OUT else None)
        or _not_now(own, at)
        or _no_room(ticket, capacity)
        or _admit(ticket, own)
    )


def may_override(reason: Reason) -> bool:
    """Tell whether a supervisor may let somebody in all the same, with a PIN and a reason."""
    return reason in _OVERRIDABLE


def attention_for(ticket: TicketFact, screening: ScreeningFact) -> tuple[str, ...]:
    """List what the usher checks first: the concession's card, the age rating, the hour for minors.

    A screening that ends after 22:00 admits under 18 only with a parent or guardian; one rated 18+ or 21+
    admits none, so the age check says it all there.
    """
    checks = [ticket.attention] if ticket.attention else []
    if screening.age in _CARD_AGES:
        checks.append(f"age:{screening.age}")
    if screening.ends_after_22 and screening.age not in _ADULT_AGES:
        checks.append("minor")
    return tuple(checks)


def _refuse(reason: Reason, redirect: str | None = None) -> Verdict:
    return Verdict(verdict=Outcome.REFUSE, reason=reason, redirect=redirect)


def _not_found(code: ParsedCode, snapshot: Snapshot, signature: Standing | None) -> Reason:
    if code.kind is CodeKind.SIGNED and signature is not Standing.GOOD:
        if signature is Standing.NEWER_VERSION:
            return Reason.NEWER_VERSION
        may_be_ours = signature is not Standing.BAD_SIGNATURE and not snapshot.authoritative
        return Reason.UNKNOWN_KEY if may_be_ours else Reason.BAD_SIGNATURE
    fresh = snapshot.authoritative or snapshot.age_seconds < FRESH_SECONDS
    return Reason.UNKNOWN if fresh else Reason.STALE


def _elsewhere(own: ScreeningFact, gate: Gate, screenings: Mapping[str, ScreeningFact]) -> Verdict | None:
    if own.status == "cancelled":
        return _refuse(Reason.SCREENING_CANCELLED)
    if own.code == gate.screening:
        return _refuse(Reason.SCREENING_MOVED, own.code) if own.hall != gate.hall else None
    here = screenings.get(gate.screening)
    if own.venue != gate.venue:
        return _refuse(Reason.WRONG_VENUE, own.code)
    if here is not None and own.day != here.day:
        return _refuse(Reason.WRONG_DAY, own.code)
    return _refuse(Reason.WRONG_SCREENING, own.code)


def _not_now(own: ScreeningFact, at: datetime) -> Verdict | None:
    if at < own.doors_open:
        return _refuse(Reason.TOO_EARLY)
    if at >= own.doors_close:
        return _refuse(Reason.TOO_LATE)
    return None


def _no_room(ticket: TicketFact, capacity: CapacityFact | None) -> Verdict | None:
    if ticket.needs_reservation:
        return _refuse(Reason.NEEDS_RESERVATION)
    if ticket.inside:
        return Verdict(
            verdict=Outcome.REFUSE,
            reason=Reason.ALREADY_IN,
            since=ticket.admitted_at,
            since_gate=ticket.admitted_gate,
            since_device=ticket.admitted_device,
        )
    if capacity is None:
        return None
    full = capacity.admitted >= capacity.capacity
    if capacity.lease_left is None:
        return _refuse(Reason.FULL) if full else None
    if capacity.lease_left > 0:
        return None
    return _refuse(Reason.FULL if full else Reason.LEASE_SPENT)


def _admit(ticket: TicketFact, own: ScreeningFact) -> Verdict:
    # Whoever comes back has shown the card on the way in.
    if ticket.ever_admitted:
        return Verdict(verdict=Outcome.ADMIT, reason=Reason.REENTRY, since=ticket.left_at)
    attention = attention_for(ticket, own)
    good = Reason.OK_UNLISTED if ticket.unlisted else Reason.OK
    reason = Reason.OK_ATTENTION if attention else good
    return Verdict(verdict=Outcome.ADMIT, reason=reason, attention=attention)
