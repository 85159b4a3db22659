"""Tickets as a device holds them, packed in columns: no names, no mail addresses, no prices.

30,000 of them must fit into 350 KB compressed. Nearly all of that is the first eight bytes of each code's
digest, which cannot be compressed; so they travel as bytes, and everything else refers to them by position.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, select
from sqlalchemy.orm import Session

from ticketing.door.facts import DOOR_REASON, DOOR_STATE, OLDER_COPY, KnownScreening
from ticketing.inventory.models import Place
from ticketing.tickets.cards import CARDS
from ticketing.tickets.models import FormerCode, Ticket

HASH_BYTES = 8

_T = Ticket.__table__.c
_F = FormerCode.__table__.c
_P = Place.__table__.c
# A place's label may be any long name that a seating plan brought; people read row and number.
_SEAT = (_T.label, _T.band, _T.concession, _P.section, _P.row, _P.number)
_TICKETS = select(
    _T.serial,
    _T.code_hash,
    _T.screening_id,
    *_SEAT,
    DOOR_STATE,
    DOOR_REASON,
    _T.revision,
    _T.admitted_at,
    _T.admitted_gate,
    _T.admitted_device,
    _T.inside,
    _T.left_at,
)
_TICKETS = _TICKETS.join(Place.__table__, _P.id == _T.place_id).order_by(_T.serial)
# The codes that tickets had before a reissue, so that a phone without a network refuses them too.
_FORMER = (
    select(
        _T.serial,
        _F.code_hash,
        _T.screening_id,
        *_SEAT,
        case((DOOR_STATE == "valid", "void"), else_=DOOR_STATE).label("state"),
        case((DOOR_STATE == "valid", OLDER_COPY), else_=DOOR_REASON).label("void_reason"),
        _F.revision,
    )
    .join(Ticket.__table__, _T.id == _F.ticket_id)
    .join(Place.__table__, _P.id == _T.place_id)
    .order_by(_T.serial, _F.revision)
)
_SINCE = and_(_T.changed >= bindparam("mark"), _T.changed < bindparam("ceiling"))
_TICKETS_SINCE = _TICKETS.where(_SINCE).limit(bindparam("most"))
_FORMER_SINCE = _FORMER.where(_SINCE)


# `serial` is said as the difference to the ticket before: that costs next to nothing, and a device that meets
# a signed code it does not know sees whether it knows a newer copy of the same ticket.
_OF_TICKETS = ("screening", "row", "number", "area", "card", "state", "revision", "serial")


@dataclass
class _Packed:
    last_serial: int = 0
    hashes: bytearray = field(default_factory=bytearray)
    screenings: dict[str, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _OF_TICKETS})
    admissions: dict[str, list[Any]] = field(
        default_factory=lambda: {n: [] for n in ("ticket", "at", "gate", "device", "inside", "left")}
    )


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Two tables in columns. An admission names its ticket by position; who has none was not let in."""

    tickets: dict[str, Any]
    admissions: dict[str, Any]
    screening_ids: frozenset[int]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no ticket in it."""
        return not self.tickets["state"]


def all_tickets(session: Session, screenings: Sequence[KnownScreening], venue_id: int | None) -> Columns:
    """Return every ticket, with details for one venue or, without a venue, for all."""
    tickets = session.execute(_TICKETS).all()
    return _pack(tickets, session.execute(_FORMER).all(), screenings, venue_id)


def tickets_since(
    session: Session,
    screenings: Sequence[KnownScreening],
    venue_id: int | None,
    span: tuple[int, int],
    most: int,
) -> Columns | None:
    """Return the tickets whose changes lie in a half-open span, or None for more than `most` of them."""
    changes = {"mark": span[0], "ceiling": span[1]}
    tickets = session.execute(_TICKETS_SINCE, {**changes, "most": most + 1}).all()
    if len(tickets) > most:
        return None
    former = session.execute(_FORMER_SINCE, changes).all() if tickets else []
    return _pack(tickets, former, screenings, venue_id)


def digest_of(columns: Columns) -> str:
    """Return a digest of what a device holds after these columns; its twin is scanner/src/book.js."""
    tickets, admissions = columns.tickets, columns.admissions
    hashes = b64decode(tickets["hash"])
    let_in = {ticket: n for n, ticket in enumerate(admissions["ticket"])}
    lines: dict[str, str] = {}
    for n, state in enumerate(tickets["state"]):
        code = hashes[n * HASH_BYTES : (n + 1) * HASH_BYTES].hex()
        said = [code, tickets["screenings"][tickets["screening"][n]], tickets["row"][n], tickets["number"][n]]
        said += [tickets["areas"][tickets["area"][n]], tickets["card"][n], state, str(tickets["revision"][n])]
        at = let_in.get(n)
        if at is not None:
            said += [str(admissions["at"][at]), admissions["gate"][at] or "", str(admissions["inside"][at])]
        lines[code] = "|".join(said)
    return hashlib.sha256("\n".join(sorted(lines.values())).encode()).hexdigest()[:16]


def _pack(
    tickets: Sequence[Any], former: Sequence[Any], screenings: Sequence[KnownScreening], venue_id: int | None
) -> Columns:
    codes = {screening.id: screening.fact.code for screening in screenings}
    here = {one.id for one in screenings if venue_id is None or one.venue_id == venue_id}
    packed = _Packed()
    for row in tickets:
        if row.screening_id not in codes:
            continue  # scheduled since the screenings were read: the next answer has both
        _add(packed, row, codes[row.screening_id], detailed=row.screening_id in here)
        if row.admitted_at is not None and row.screening_id in here:
            _add_admission(packed, row)
    for row in former:
        if row.screening_id in codes:
            _add(packed, row, codes[row.screening_id], detailed=row.screening_id in here)
    return Columns(
        tickets={
            "hash": b64encode(packed.hashes).decode(),
            "screenings": list(packed.screenings),
            "areas": list(packed.areas),
            **packed.tickets,
        },
        admissions={"devices": list(packed.devices), **packed.admissions},
        screening_ids=frozenset(row.screening_id for row in tickets),
    )


def _add(packed: _Packed, row: Any, screening: str, *, detailed: bool) -> None:
    columns = packed.tickets
    packed.hashes += row.code_hash[:HASH_BYTES]
    columns["screening"].append(packed.screenings.setdefault(screening, len(packed.screenings)))
    columns["row"].append(row.row if detailed and row.number else "")
    columns["number"].append((row.number or row.label) if detailed else "")
    area = (row.band or row.section) if detailed else ""
    columns["area"].append(packed.areas.setdefault(area, len(packed.areas)))
    columns["card"].append(CARDS.get(row.concession, "") if detailed else "")
    columns["state"].append(row.void_reason or row.state)
    columns["revision"].append(row.revision)
    columns["serial"].append(row.serial - packed.last_serial)
    packed.last_serial = row.serial


def _add_admission(packed: _Packed, row: Any) -> None:
    columns = packed.admissions
    columns["ticket"].append(len(packed.tickets["state"]) - 1)
    columns["at"].append(seconds_of(row.admitted_at))
    columns["gate"].append(row.admitted_gate)
    device = str(row.admitted_device or "")
    columns["device"].append(packed.devices.setdefault(device, len(packed.devices)))
    columns["inside"].append(int(row.inside))
    columns["left"].append(None if row.left_at is None else seconds_of(row.left_at))


def seconds_of(moment: datetime) -> int:
    """Return whole seconds since 1970, as answers have them."""
    return int(moment.timestamp())
