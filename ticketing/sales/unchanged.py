"""The cheapest answer, given before Flask is troubled: nothing has changed since you last asked.

Every open seat map asks every few seconds which places are free. Five thousand of them are a thousand
requests a second, and all but a few of the answers are this one.
"""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ticketing.foundation.clock import Clock
from ticketing.foundation.config import Settings
from ticketing.foundation.web import security_headers
from ticketing.inventory.live import LivePlaces, RememberedLive

_PLACES = re.compile(r"/api/v1/screenings/([a-z0-9][a-z0-9-]{0,39})/places(?:/free)?")


class UnchangedPlaces:
    """Answers 304 where that is certain; whatever else there is to say, the application says."""

    def __init__(
        self, application: WSGIApplication, live: RememberedLive, clock: Clock, settings: Settings
    ) -> None:
        self._application = application
        self._live = live
        self._clock = clock
        self._headers = [("Cache-Control", "no-cache"), *security_headers(settings)]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and environ["REQUEST_METHOD"] == "GET":
            path = _PLACES.fullmatch(environ.get("PATH_INFO", ""))
            live = self._live.at_hand(path[1], self._clock.now()) if path else None
            if live is not None and _names(known, live):
                start_response("304 NOT MODIFIED", [("ETag", f'"{live.version}"'), *self._headers])
                return []
        return self._application(environ, start_response)


def _names(known: str, live: LivePlaces) -> bool:
    """Tell whether If-None-Match is this very version; lists and `*` are left to the application."""
    return known.strip().removeprefix("W/") == f'"{live.version}"'
