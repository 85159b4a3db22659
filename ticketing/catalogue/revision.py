"""How often the catalogue has changed: what is remembered of it holds for as long as the number stands."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival
from ticketing.foundation.prepared import Prepared

_F = Festival.__table__.c
_CURRENT = Prepared(select(_F.revision))
_BUMP = update(Festival.__table__).values(revision=_F.revision + 1)  # type: ignore[arg-type]


def current(session: Session) -> int:
    """Return the number of changes so far; 0 before there is a festival."""
    row = _CURRENT.one_or_none(session, {})
    return 0 if row is None else int(row.revision)


def bump(session: Session) -> None:
    """Count a change; called by whoever changes what the catalogue shows, in the same transaction."""
    session.execute(_BUMP)
