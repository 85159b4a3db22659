"""Scans as they come in, and what one request knows and changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ticketing.door.admission import Passage
from ticketing.door.chain import Entry, Head
from ticketing.door.devices import KnownDevice
from ticketing.door.facts import KnownScreening, KnownTicket
from ticketing.door.rules import Direction
from ticketing.tickets.signed_codes import PublicKey


@dataclass(frozen=True, kw_only=True)
class ScanIn:
    """A scan as a device sends it; with a verdict it states what was finally shown, without it asks."""

    id: UUID
    code: str | None
    ticket: UUID | None
    screening: str
    hall: str | None
    # Of the phone's lease: the place of the rush line that this scan has, or that it may have.
    place: int | None
    at: datetime
    seq: int
    offline: bool
    direction: Direction
    gate: str
    verdict: str | None
    reason: str | None
    override: str
    notes: Mapping[str, Any]
    # As an entry of the device's log, if it keeps one.
    entry: Entry | None


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What a device has sent in one request, oldest first; `sent_at` by the device's clock."""

    device: KnownDevice
    sent_at: datetime
    scans: Sequence[ScanIn]


@dataclass(kw_only=True)
class Made:
    """What the requests of one transaction add and change; it is saved at their end."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    finished: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[UUID, KnownTicket] = field(default_factory=dict)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    # How far the devices' logs stand, and whose has gone on.
    heads: dict[UUID, Head] = field(default_factory=dict)
    moved: set[UUID] = field(default_factory=set)


@dataclass(kw_only=True)
class Batch:
    """One request. Rows are those of the table of scans, stored or about to be."""

    device: KnownDevice
    now: datetime
    skew: timedelta
    screenings: dict[str, KnownScreening]
    by_id: dict[int, KnownScreening]
    tickets: Mapping[bytes | UUID, KnownTicket]
    former: frozenset[bytes]
    known: dict[UUID, dict[str, Any]]
    keys: Mapping[int, PublicKey]
    made: Made
    # Passages stored before, by ticket; read for all tickets of the request when the first one needs it.
    history: dict[UUID, list[Passage]] | None = None
    # Scans of this request that may have a place of the rush line; read when the first one is to be settled.
    seated: set[UUID] | None = None
    doubles: dict[UUID, Sequence[tuple[Passage, Passage]]] = field(default_factory=dict)
