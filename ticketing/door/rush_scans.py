"""Scans at a door whose places are released: who needs a place of the rush line, and which one it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ticketing.door.answers import seat_answer
from ticketing.door.batch import Batch, ScanIn
from ticketing.door.facts import KnownScreening, KnownTicket
from ticketing.door.merge import report
from ticketing.door.rules import CapacityFact, Direction, Outcome, Reason
from ticketing.door.rush_queries import rush_figures
from ticketing.door.rush_taking import (
    find_place,
    give_up,
    is_released,
    place_of_scan,
    seated_scans,
    take_place,
)

NO_ROOM = frozenset({Reason.FULL, Reason.LEASE_SPENT})


@dataclass(frozen=True, kw_only=True)
class Room:
    """What the rule asks of the line, and the place that is meant, if there is one."""

    capacity: CapacityFact
    place: int | None


def waits_for_call(ticket: KnownTicket, own: KnownScreening) -> bool:
    """Tell whether it is not yet the turn of a slip: nothing is released, or its number is not called."""
    return ticket.slip is not None and (own.released_at is None or ticket.slip > own.called)


def room_for(
    session: Session, batch: Batch, scan: ScanIn, ticket: KnownTicket | None, own: KnownScreening | None
) -> Room | None:
    """Return the room for somebody without a guaranteed place; None: the ticket has one, or needs none.

    Whoever was in before comes back to the place that he has.
    """
    if ticket is None or own is None or scan.direction is Direction.OUT or own.fact.code != scan.screening:
        return None
    if own.released_at is None or ticket.state != "valid" or ticket.admitted_at is not None:
        return None
    if ticket.slip is None and not is_released(session, ticket.id):
        return None
    place = find_place(
        session,
        own.id,
        None if ticket.slip is not None else ticket.id,
        scan.place,
        batch.device.id,
        named_first=scan.verdict is not None,
    )
    if place is not None:
        return Room(capacity=CapacityFact(admitted=0, capacity=1, lease_left=1), place=place)
    figures = rush_figures(session, [own.id])[own.id]
    return Room(
        capacity=CapacityFact(admitted=figures.taken, capacity=figures.total, lease_left=0), place=None
    )


def take_room(
    session: Session, batch: Batch, scan: ScanIn, ticket: KnownTicket, room: Room, answer: dict[str, Any]
) -> None:
    """Let an ask that is answered with admit have its place, and the answer tell where that is."""
    if room.place is None or not _take(session, batch, scan, room.place):
        return
    seat = place_of_scan(session, scan.id)
    if seat is not None:
        seat_answer(answer, ticket, seat)


def settle_place(
    session: Session,
    batch: Batch,
    scan: ScanIn,
    row: Mapping[str, Any],
    ticket: KnownTicket,
    *,
    needs_one: bool,
) -> None:
    """Make the line's places say what a device has finally shown.

    A refusal frees the place of an earlier green. A green has the place that the phone named, else the one
    that it was given, else any; if there is none, more people were let in than places released, and a
    supervisor must know.
    """
    needs_one = needs_one or scan.place is not None
    if needs_one or _may_have_place(session, batch, scan):
        _settle(session, batch, scan, row, ticket, needs_one=needs_one)


def _settle(
    session: Session,
    batch: Batch,
    scan: ScanIn,
    row: Mapping[str, Any],
    ticket: KnownTicket,
    *,
    needs_one: bool,
) -> None:
    if scan.verdict != Outcome.ADMIT:
        give_up(session, scan.id)
        return
    if scan.direction is Direction.OUT:
        return
    has = place_of_scan(session, scan.id)
    if scan.place is not None and (has is None or has.place_id != scan.place):
        if has is not None:
            give_up(session, scan.id)
        if _take(session, batch, scan, scan.place):
            return
        if has is not None and _take(session, batch, scan, has.place_id):
            return
        has = None
    if has is not None or not needs_one:
        return
    of_ticket = None if ticket.slip is not None else ticket.id
    other = find_place(session, ticket.screening_id, of_ticket, None, batch.device.id)
    if other is not None and _take(session, batch, scan, other):
        return
    if not scan.override:
        report(batch, scan, ticket, "over_capacity", judged=row["reason"])


def _take(session: Session, batch: Batch, scan: ScanIn, place: int) -> bool:
    if batch.seated is not None:
        batch.seated.add(scan.id)
    return take_place(session, place, scan.id, batch.device.id)


def _may_have_place(session: Session, batch: Batch, scan: ScanIn) -> bool:
    """Tell whether a scan may have a place to give up or to keep: one question for the whole request.

    Nearly all scans have none, and a phone that was away for long sends two hundred of them at once. A scan
    that was not stored before, nor taken in by now, has none unless this request gives it one.
    """
    if batch.seated is None:
        batch.seated = seated_scans(session, batch.known)
    return scan.id in batch.seated
