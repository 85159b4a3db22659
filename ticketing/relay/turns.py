"""Whose scans go to the server first when it is there again.

Each phone brings its own scans, all within seconds, but in any order. Until all are there the server knows
less than the relay: it would let in a ticket that another phone has let in, and it would take somebody who
came back for a second guest while the way out is not there yet. So such requests wait, and to a phone it is
as if the server were still away.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ticketing.door.api import MOST_SCANS
from ticketing.door.rules import Direction
from ticketing.foundation.db import Database
from ticketing.relay import ledger
from ticketing.relay.errors import UplinkDownError
from ticketing.relay.presence import Noted
from ticketing.relay.reading import key_of_scan, scans_of

PATIENCE = timedelta(seconds=60)
"""So long statements wait for others. A phone that has not come by then is switched off, or waits itself."""


class Turns:
    """When the server came back. Threads may share it."""

    def __init__(self, now: datetime) -> None:
        self._since: datetime | None = now

    def server_is_away(self) -> None:
        """Take note that the server did not answer."""
        self._since = None

    def server_is_there(self, now: datetime) -> None:
        """Take note that the server answered."""
        self._since = self._since or now

    def wait_for_others(self, database: Database, token: str, sent: bytes, now: datetime) -> None:
        """Let scans go to the server, or raise UplinkDownError while those of other phones must go first.

        A question, which is always the last of what a phone has, waits as long as the server does not know
        what the relay knows of the ticket: the phone then asks the relay and states what it shows, and a
        statement waits no longer than PATIENCE.
        """
        body = scans_of(sent)
        if body is None:
            return
        is_back = self._since is None or now - self._since < PATIENCE
        # A full request may end before the statement that belongs to its last question.
        last = body.scans[-1]
        asks = last.id if last.verdict is None and len(body.scans) < MOST_SCANS else None
        with database.reading() as session:
            keys = {scan.id: key for scan in body.scans if (key := key_of_scan(session, scan)) is not None}
            unsent = ledger.unsent(session, set(keys.values()))
            here = ledger.device_of(session, token)
        # A phone's own scans come in their order, in as many requests as it takes.
        others = [one for one in unsent if one.device != here]
        for scan in body.scans:
            of_ticket = [one for one in others if one.key == keys.get(scan.id)]
            if scan.id == asks and of_ticket:
                raise UplinkDownError
            is_entry = (scan.verdict, scan.direction) == ("admit", "in")
            if is_back and is_entry and _somebody_left(of_ticket):
                raise UplinkDownError


def _somebody_left(unsent: Iterable[Noted]) -> bool:
    return any(not one.admits or one.direction is Direction.OUT for one in unsent)
