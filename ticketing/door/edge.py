"""What the worker does at the door: ends the guarantee of tickets, and gives places to the rush line."""

from datetime import datetime

from ticketing.door.rush_release import gather_due, lines_to_gather
from ticketing.foundation.db import Database


def release_to_rush_lines(database: Database, now: datetime) -> int:
    """Release what is due, each screening on its own; return how many places."""
    with database.reading() as session:
        screenings = lines_to_gather(session, now)
    released = 0
    for screening in screenings:
        with database.transaction() as session:
            released += gather_due(session, screening, now)
    return released
