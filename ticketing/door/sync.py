"""What a device knows of the festival: everything once, and then what has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.door.columns import Columns, all_tickets, digest_of, tickets_since
from ticketing.door.cursors import Cursor, can_follow, read_cursor, source_of
from ticketing.door.devices import KnownDevice
from ticketing.door.facts import admitted_counts
from ticketing.door.frame import Frame, FrameMemory, read_frame
from ticketing.door.models import Device
from ticketing.door.rush_sync import note_settled, rush_news
from ticketing.foundation.changes import change_bound
from ticketing.foundation.models import Instance
from ticketing.tickets.models import Ticket

MOST_CHANGES = 2_000
"""Who has missed more than this many tickets takes everything: that is one answer, and not much larger."""

_TABLE = Ticket.__tablename__


@dataclass(frozen=True, kw_only=True)
class DeviceState:
    """What a device says of itself: scans not sent yet, per cent of battery; None is unknown."""

    unsent: int | None = None
    battery: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a device has: its cursor, and at times the digest of all that it holds."""

    cursor: str = ""
    digest: str = ""
    # The screening that it stands at, and the digest of what it knows of that one's rush line.
    screening: str = ""
    rush: str = ""


def note_sync(
    session: Session, device: KnownDevice, state: DeviceState, settled: Sequence[str], now: datetime
) -> None:
    """Keep what a device says of itself, for the list of devices and the doors' wall.

    `settled` are screenings of whose release it knows; with nothing unsent it is waited for no longer.
    """
    if settled and state.unsent == 0:
        note_settled(session, device.id, settled)
    session.execute(update(Device).where(Device.id == device.id).values(synced_at=now, **asdict(state)))


def answer_sync(
    session: Session,
    device: KnownDevice,
    asked: Asked,
    frames: FrameMemory,
    *,
    training: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return what changed since the cursor, or everything to a device that cannot follow from there.

    Applying an answer twice, or an older one after a newer one was asked for, does no harm: each ticket in it
    replaces what the device knew of that code.
    """
    # The bound comes first: of transactions that still run, some may be in this answer, all are in the next.
    bound = change_bound(session, _TABLE)
    source = source_of(session.scalars(select(Instance.epoch)).one(), device.venue_id)
    frame = read_frame(session, now, training=training)
    cursor = read_cursor(asked.cursor)
    changed = None
    if cursor is not None and can_follow(cursor, source, bound.start, now):
        span = (cursor.mark, bound.ceiling)
        changed = tickets_since(session, frame.known, device.venue_id, span, MOST_CHANGES)
        if changed is not None and _has_missed(session, device, asked, cursor, changed, frame):
            changed = None
    fresh = Cursor(source=source, mark=bound.start, at=int(now.timestamp()), frame=frame.digest)
    answer = {
        "cursor": str(fresh),
        "server_time": now.isoformat(),
        "full": changed is None,
        "rush": rush_news(session, device, asked.screening, asked.rush),
    }
    if cursor is None or changed is None:
        frames.changed(frame, frame.digest)
        columns = all_tickets(session, frame.known, device.venue_id)
        admitted = _admitted(session, frame, frozenset(one.id for one in frame.known))
        return answer | _whole_frame(frame, admitted) | _tickets(columns, admitted)
    admitted = _admitted(session, frame, changed.screening_ids)
    return answer | _frame_since(frame, cursor, frames, session) | _tickets(changed, admitted)


def _has_missed(
    session: Session, device: KnownDevice, asked: Asked, cursor: Cursor, changed: Columns, frame: Frame
) -> bool:
    """Compare digests, when the device sent one and nothing has changed that it could not know yet."""
    if not asked.digest or not changed.is_empty or cursor.frame != frame.digest:
        return False
    return asked.digest != digest_of(all_tickets(session, frame.known, device.venue_id))


def _whole_frame(frame: Frame, admitted: Mapping[str, int]) -> dict[str, Any]:
    screenings = [one | {"admitted": admitted.get(code, 0)} for code, one in _plain(frame).items()]
    return {**frame.head, "screenings": screenings, "all_screenings": True}


def _frame_since(frame: Frame, cursor: Cursor, frames: FrameMemory, session: Session) -> dict[str, Any]:
    codes = frames.changed(frame, cursor.frame)
    if cursor.frame == frame.digest:
        empty: dict[str, Any] = {"festival": None, "halls": [], "policy": None, "keys": []}
        return {**empty, "screenings": [], "all_screenings": False}
    ids = frozenset(one.id for one in frame.known if codes is None or one.fact.code in codes)
    admitted = _admitted(session, frame, ids)
    screenings = [
        one | {"admitted": admitted.get(code, 0)}
        for code, one in _plain(frame).items()
        if codes is None or code in codes
    ]
    return {**frame.head, "screenings": screenings, "all_screenings": codes is None}


def _plain(frame: Frame) -> dict[str, dict[str, Any]]:
    return {code: dict(one) for code, one in frame.screenings.items()}


def _tickets(columns: Columns, admitted: Mapping[str, int]) -> dict[str, Any]:
    return {"tickets": columns.tickets, "admissions": columns.admissions, "occupancy": dict(admitted)}


def _admitted(session: Session, frame: Frame, ids: frozenset[int]) -> dict[str, int]:
    """Return how many are inside, for these screenings, those with nobody included."""
    counts = admitted_counts(session, ids) if ids else {}
    return {one.fact.code: counts.get(one.id, 0) for one in frame.known if one.id in ids}
