"""How often the catalogue has changed: what is remembered of it holds for as long as the number stands."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival

_F = Festival.__table__.c
_CURRENT = select(_F.revision)
_BUMP = update(Festival.__table__).values(revision=_F.revision + 1)  # type: ignore[arg-type]


def current(session: Session) -> int:
    """Return the number of changes so far; 0 before there is a festival."""
    return session.scalar(_CURRENT) or 0


def bump(session: Session) -> None:
    """Count a change; called by whoever changes what the catalogue shows, in the same transaction."""
    session.execute(_BUMP)
