"""What this browser holds: ids of holds in its signed session cookie, with the kinds of ticket chosen."""

import secrets
from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import session

_HOLDS = "holds"
_BROWSER = "browser"
_VOUCHER = "voucher"
MOST_HOLDS = 20


def held_ids() -> list[UUID]:
    """Return the holds of this browser, oldest first; some may have expired meanwhile."""
    return [UUID(hold) for hold in _kept()]


def chosen_concessions(hold: UUID) -> Mapping[str, str]:
    """Return the kinds of ticket chosen for a hold, by place."""
    return _kept().get(str(hold), {})


def remember_hold(hold: UUID) -> None:
    """Put a new hold into this browser's basket; beyond the most of an order the oldest is forgotten."""
    kept = {**_kept(), str(hold): {}}
    session[_HOLDS] = dict(list(kept.items())[-MOST_HOLDS:])


def choose_concessions(hold: UUID, concessions: Mapping[str, str]) -> None:
    """Remember the kinds of ticket of a hold."""
    session[_HOLDS] = {**_kept(), str(hold): dict(concessions)}


def forget_holds(holds: Iterable[UUID]) -> None:
    """Take holds out of this browser's basket."""
    gone = {str(hold) for hold in holds}
    session[_HOLDS] = {hold: chosen for hold, chosen in _kept().items() if hold not in gone}


def chosen_voucher() -> str:
    """Return the voucher's code that this browser's basket has, or nothing."""
    return str(session.get(_VOUCHER, ""))


def choose_voucher(code: str) -> None:
    """Remember a voucher's code for this browser's basket; nothing forgets it."""
    if code:
        session[_VOUCHER] = code
    else:
        session.pop(_VOUCHER, None)


def new_form_key() -> str:
    """Return what a form sends so that a double click is one request; this browser is named from now on."""
    browser()
    return secrets.token_urlsafe(16)


def browser() -> str:
    """Return a random name of this browser's session: who may send a form again."""
    if _BROWSER not in session:
        session[_BROWSER] = secrets.token_urlsafe(16)
    return str(session[_BROWSER])


def _kept() -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = session.get(_HOLDS, {})
    return kept
