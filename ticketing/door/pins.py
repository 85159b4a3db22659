"""Usher and supervisor PINs, one of each a festival day.

Phones check them alone, so a slow verifier of each is on every phone: a PIN deters whoever picks a phone
up, no more.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing.door.errors import NoSuchDayError, PinRefusedError
from ticketing.door.facts import all_screenings
from ticketing.door.models import DoorPin
from ticketing.foundation.actor import Actor
from ticketing.staff.audit import Deed, record

DIGITS = 6
ITERATIONS = 200_000
"""A phone needs about a quarter of a second for one try."""
_SALT_BYTES = 16


class DoorRole(StrEnum):
    """Who a PIN is for."""

    USHER = "usher"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, kw_only=True)
class FreshPin:
    """A new PIN, said once, and what is kept of it."""

    role: DoorRole
    pin: str
    salt: bytes
    verifier: bytes


@dataclass(frozen=True, kw_only=True)
class PinCheck:
    """What one PIN is checked with."""

    salt: bytes
    verifier: bytes
    iterations: int


def verifier_of(pin: str, salt: bytes, iterations: int = ITERATIONS) -> bytes:
    """Return PBKDF2-HMAC-SHA256 of a PIN, 32 bytes; its twin is scanner/src/pins.js."""
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, iterations)


def fresh_pins() -> list[FreshPin]:
    """Make a PIN for each role. Slow: not within a transaction."""
    made: list[FreshPin] = []
    for role in DoorRole:
        salt = secrets.token_bytes(_SALT_BYTES)
        pin = _pin()
        while any(one.pin == pin for one in made):
            pin = _pin()
        made.append(FreshPin(role=role, pin=pin, salt=salt, verifier=verifier_of(pin, salt)))
    return made


def keep_pins(session: Session, day: date, pins: list[FreshPin], actor: Actor, now: datetime) -> None:
    """Let a day have these PINs and no others. Raises NoSuchDayError for a day without screenings."""
    if day not in festival_days(session):
        raise NoSuchDayError(day=day.isoformat())
    session.execute(delete(DoorPin).where(DoorPin.day == day))
    session.add_all(
        DoorPin(
            day=day,
            role=pin.role,
            salt=pin.salt,
            verifier=pin.verifier,
            iterations=ITERATIONS,
            made_at=now,
        )
        for pin in pins
    )
    session.flush()
    after = {"roles": [str(pin.role) for pin in pins]}
    deed = Deed(action="make_door_pins", object_kind="day", object_id=day.isoformat(), after=after)
    record(session, actor, deed, now)


def festival_days(session: Session) -> list[date]:
    """Return the days of the festival, in their order."""
    return sorted({date.fromisoformat(screening.fact.day) for screening in all_screenings(session)})


def days_with_pins(session: Session) -> dict[date, datetime]:
    """Return which days have PINs, and since when."""
    rows = session.execute(select(DoorPin.day, DoorPin.made_at))
    return {row.day: row.made_at for row in rows}


def checks_of(session: Session, day: date) -> list[PinCheck]:
    """Return what the PINs of a day are checked with; none when the day has none."""
    rows = session.scalars(select(DoorPin).where(DoorPin.day == day).order_by(DoorPin.role))
    return [PinCheck(salt=row.salt, verifier=row.verifier, iterations=row.iterations) for row in rows]


def prove(pin: str, checks: Sequence[PinCheck]) -> None:
    """Check a PIN of any role. Raises PinRefusedError. Slow: not within a transaction."""
    digits = "".join(letter for letter in pin if letter.isdecimal())
    if not any(compare_digest(verifier_of(digits, one.salt, one.iterations), one.verifier) for one in checks):
        raise PinRefusedError


def pins_for_phones(session: Session) -> Mapping[str, Mapping[str, Any]]:
    """Return what phones check PINs with, by day and role."""
    found: dict[str, dict[str, Any]] = {}
    for row in session.scalars(select(DoorPin).order_by(DoorPin.day, DoorPin.role)):
        found.setdefault(row.day.isoformat(), {})[row.role] = {
            "salt": row.salt.hex(),
            "iterations": row.iterations,
            "verifier": row.verifier.hex(),
        }
    return found


def _pin() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))
