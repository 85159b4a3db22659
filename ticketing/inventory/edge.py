"""What the worker does with places: gives back what is kept when its time has come."""

from datetime import datetime

from ticketing.foundation.db import Database
from ticketing.inventory.accessible import due_accessible, release_due_accessible
from ticketing.inventory.allocations import due_allocations, release_due


def release_kept_places(database: Database, now: datetime) -> int:
    """Release the allocations and accessible places that are due, each on its own; return how many places."""
    with database.reading() as session:
        allocations, screenings = due_allocations(session, now), due_accessible(session, now)
    released = 0
    for allocation in allocations:
        with database.transaction() as session:
            released += release_due(session, allocation, now)
    for screening in screenings:
        with database.transaction() as session:
            released += release_due_accessible(session, screening, now)
    return released
