"""The way to the server, which is at times not there."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock
from typing import Protocol
from urllib.parse import urlsplit

from ticketing.relay.errors import UplinkDownError

PATIENCE_SECONDS = 4
"""A phone gives a patient request 10 seconds; it must hear from the relay before that."""
_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server answered. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Way(Protocol):
    """Whatever brings a request to the server."""

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Return the server's answer, whatever its status. Raises UplinkDownError when none came."""


class Uplink:
    """A connection for each request. Threads may share it.

    Names are looked up and connections made in a thread of their own, because without a network that may
    take far longer than a phone waits. While the server is away one request at a time tries; the others are
    told at once.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname or "", parts.port
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="uplink")
        self._away = False
        self._trying = Lock()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Return the server's answer, whatever its status. Raises UplinkDownError when none came in time."""
        tries = self._away
        if tries and not self._trying.acquire(blocking=False):
            raise UplinkDownError
        sent = self._threads.submit(self._exchange, method, path, headers, body)
        if tries:
            # Not before it is over: what hangs must not be joined by more that hangs.
            sent.add_done_callback(self._tried)
        try:
            reply = sent.result(PATIENCE_SECONDS)
        except (OSError, HTTPException) as error:  # a time-out is one of the former
            self._away = True
            raise UplinkDownError from error
        self._away = False
        return reply

    def close(self) -> None:
        """End the threads, when what they wait for is over."""
        self._threads.shutdown()

    def _tried(self, _sent: Future[Reply]) -> None:
        self._trying.release()

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        connection = self._kind(self._host, self._port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body or None, dict(headers))
            response = connection.getresponse()
            got = {name.lower(): value for name, value in response.getheaders()}
            return Reply(status=response.status, headers=got, body=response.read())
        finally:
            connection.close()
