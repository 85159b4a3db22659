"""The festival and its screenings as a process remembers them while the catalogue does not change."""

from collections.abc import Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.catalogue.queries import all_screenings, screening_by_code, the_festival
from ticketing.catalogue.revision import current
from ticketing.foundation.memory import Memory

Row = TypeVar("Row", Festival, Screening)
_REVISION = "revision"


class RememberedCatalogue:
    """Rows loaded whole and cut off from their session: to be read, by any thread, and never changed.

    One small query tells whether they still hold, so nobody sees what the catalogue was before.
    """

    _MOST = 400

    def __init__(self) -> None:
        self._festivals: Memory[int, Festival] = Memory(1)
        self._all: Memory[int, Sequence[Screening]] = Memory(1)
        self._screenings: Memory[tuple[int, str], Screening] = Memory(self._MOST)

    def festival(self, session: Session) -> Festival:
        """Return the festival. Raises NotFoundError before a programme is imported."""
        return self._festivals.get(_revision(session), lambda: _cut_off(session, the_festival(session)))

    def screenings(self, session: Session, zone: ZoneInfo) -> Sequence[Screening]:
        """Return all screenings in the order of time."""
        return self._all.get(
            _revision(session), lambda: [_cut_off(session, one) for one in all_screenings(session, zone)]
        )

    def revision(self, session: Session) -> int:
        """Return the number that changes with the catalogue."""
        return _revision(session)

    def screening(self, session: Session, code: str) -> Screening:
        """Return a screening with all that pages show of it. Raises NotFoundError."""
        key = (_revision(session), code)
        return self._screenings.get(key, lambda: _cut_off(session, screening_by_code(session, code)))


def _revision(session: Session) -> int:
    """Return the catalogue's revision, asked once in a session: pages read and do not write."""
    if _REVISION not in session.info:
        session.info[_REVISION] = current(session)
    return int(session.info[_REVISION])


def _cut_off(session: Session, row: Row) -> Row:
    session.expunge(row)
    return row
