"""Pure decisions of the catalogue."""

from datetime import datetime

_LATE_HOUR = 22


def ends_late(starts: datetime, ends: datetime) -> bool:
    """Tell whether a screening ends after 22:00, in the hall's own time.

    After that hour minors need a parent or guardian (law on the rights of the child, article 36).
    """
    return ends.date() > starts.date() or (ends.hour, ends.minute) > (_LATE_HOUR, 0)
