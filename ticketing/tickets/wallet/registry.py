"""Which devices have which passes, and what has changed for them since.

Changes are numbered. Whoever takes a number keeps the count's row until the commit, so a number that can be
seen is never followed by a smaller one, and no device misses a change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from ticketing.foundation.errors import RateLimitedError
from ticketing.tickets.wallet.models import WalletChanges, WalletPass, WalletRegistration

# A family's phones and watches; whoever holds a pass's token can invent any number of devices.
MOST_DEVICES = 30
# A pass may be old when a device registers it: so it is told soon, and then asks for what is true by now.
_TOLD_AFTER = timedelta(seconds=10)
_SECOND = timedelta(seconds=1)
# No festival has so many changes of passes between two backups.
_MORE_THAN_LOST = 1_000_000
_R = WalletRegistration


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A device that has a pass; `facts` is a hash of what the pass says now."""

    device: str
    push_token: str
    serial: UUID
    ticket_id: UUID
    facts: bytes


def register(session: Session, wanted: Registration, now: datetime) -> bool:
    """Let a device hear of a pass; False if it does so already. Raises RateLimitedError."""
    number = next_change(session)
    kept = session.get(WalletPass, wanted.serial)
    if kept is None:
        session.add(
            WalletPass(
                serial=wanted.serial,
                ticket_id=wanted.ticket_id,
                facts=wanted.facts,
                changed_at=_whole(now),
            )
        )
        session.flush()
    known = session.get(_R, (wanted.device, wanted.serial))
    if known is not None:
        known.push_token = wanted.push_token
        return False
    count = select(func.count()).where(_R.serial == wanted.serial)
    if (session.scalar(count) or 0) >= MOST_DEVICES:
        raise RateLimitedError
    session.add(
        _R(
            device=wanted.device,
            serial=wanted.serial,
            push_token=wanted.push_token,
            registered_at=now,
            tag=number,
            told=0,
            tries=0,
            due_at=now + _TOLD_AFTER,
        )
    )
    return True


def unregister(session: Session, device: str, serial: UUID) -> None:
    """Let a device hear no more of a pass; a pass that nobody hears of is forgotten."""
    next_change(session)
    session.execute(delete(_R).where(_R.device == device, _R.serial == serial))
    _forget_unwatched(session, serial)


def _forget_unwatched(session: Session, serial: UUID) -> None:
    """Forget a pass without devices; the caller has taken a number, so none comes in between."""
    watched = select(_R.serial).where(_R.serial == serial).exists()
    session.execute(delete(WalletPass).where(WalletPass.serial == serial, ~watched))


def remove_token(session: Session, push_token: str) -> None:
    """Forget the registrations of a push token that its service says is gone."""
    next_change(session)
    serials = session.scalars(delete(_R).where(_R.push_token == push_token).returning(_R.serial)).all()
    for serial in serials:
        _forget_unwatched(session, serial)


def changed_since(session: Session, device: str, since: int) -> tuple[list[UUID], int]:
    """Return the device's passes that changed after a number, and the number up to which that holds."""
    rows = session.execute(
        select(_R.serial, _R.tag).where(_R.device == device, _R.tag > since).order_by(_R.tag)
    ).all()
    return [row.serial for row in rows], max((row.tag for row in rows), default=since)


def mark_changed(session: Session, number: int, facts: Mapping[UUID, bytes], now: datetime) -> int:
    """Note what passes say now, by serial; those that say something else get the number. Return how many."""
    passes = session.scalars(select(WalletPass).where(WalletPass.serial.in_(facts))).all()
    changed = [one for one in passes if one.facts != facts[one.serial]]
    for one in changed:
        one.facts = facts[one.serial]
        # Phones compare whole seconds: two changes in one would look like one.
        one.changed_at = max(_whole(now), one.changed_at + _SECOND)
    session.flush()
    if changed:
        session.execute(
            update(_R)
            .where(_R.serial.in_([one.serial for one in changed]))
            .values(tag=number, tries=0, due_at=now)
            .execution_options(synchronize_session=False)
        )
    return len(changed)


def next_change(session: Session) -> int:
    """Take the next number; nobody else gets one before the caller's transaction ends."""
    number = session.scalar(
        update(WalletChanges).values(count=WalletChanges.count + 1).returning(WalletChanges.count)
    )
    if number is None:
        session.execute(insert(WalletChanges).values(id=1, count=1))
        number = 1
    return number


def leave_behind(session: Session) -> None:
    """Leave numbers out that phones may know and the database does not, as after a restore."""
    session.execute(update(WalletChanges).values(count=WalletChanges.count + _MORE_THAN_LOST))


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
