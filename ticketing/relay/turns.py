"""Whose scans go to the server first when it is there again.

Each phone brings its own scans, all within seconds, but in any order. Until all are there the server knows
less than the relay: it would let in a ticket that another phone has let in, and it would take somebody who
came back for a second guest while the way out is not there yet. The same where the uplink is slow: a
question whose answer came too late may count as let in there, until its phone has stated what it showed
instead. So such requests wait, and to a phone it is as if the server were still away.
"""

from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from ticketing.door.rules import Direction
from ticketing.foundation.db import Database
from ticketing.relay import ledger
from ticketing.relay.errors import UplinkDownError
from ticketing.relay.presence import Noted
from ticketing.relay.reading import key_of_scan, question_of, scans_of

PATIENCE = timedelta(seconds=60)
"""So long statements wait for others. A phone that has not come by then is switched off, or waits itself."""


class Turns:
    """When the server came back. Threads may share it."""

    def __init__(self, now: datetime) -> None:
        self._since: datetime | None = now
        # Lost with the process, and then the server counts as just back.
        self._asked: dict[UUID, datetime] = {}
        self._lock = Lock()

    def server_is_away(self) -> None:
        """Take note that the server did not answer."""
        self._since = None

    def server_is_there(self, now: datetime) -> None:
        """Take note that the server answered."""
        self._since = self._since or now

    def asks(self, scan: UUID, now: datetime) -> None:
        """Take note that a question goes to the server."""
        with self._lock:
            fresh = {one: at for one, at in self._asked.items() if now - at < PATIENCE}
            self._asked = {**fresh, scan: now}

    def wait_for_others(self, database: Database, token: str, sent: bytes, now: datetime) -> None:
        """Let scans go to the server, or raise UplinkDownError while those of other phones must go first.

        A question waits as long as the server does not know what the relay knows of the ticket: the phone
        then asks the relay and states what it shows. A statement waits no longer than PATIENCE after the
        server is back, or after the other phone's question went there.
        """
        body = scans_of(sent)
        if body is None:
            return
        is_back = self._since is None or now - self._since < PATIENCE
        question = question_of(body)
        with database.reading() as session:
            keys = {scan.id: key for scan in body.scans if (key := key_of_scan(session, scan)) is not None}
            unsent = ledger.unsent(session, set(keys.values()))
            here = ledger.device_of(session, token)
        # A phone's own scans come in their order, in as many requests as it takes.
        others = [one for one in unsent if one.device != here]
        for scan in body.scans:
            of_ticket = [one for one in others if one.key == keys.get(scan.id)]
            # Of two questions at once the server answers one first.
            if scan is question and not all(one.is_question for one in of_ticket):
                raise UplinkDownError
            is_entry = (scan.verdict, scan.direction) == ("admit", "in")
            if is_entry and any(_is_out(one) and (is_back or self._was_asked(one, now)) for one in of_ticket):
                raise UplinkDownError

    def _was_asked(self, one: Noted, now: datetime) -> bool:
        at = self._asked.get(one.scan)
        return at is not None and now - at < PATIENCE


def _is_out(one: Noted) -> bool:
    """Tell whether the server may take somebody for inside who is not, or not any more."""
    return not one.admits or one.direction is Direction.OUT
