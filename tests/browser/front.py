"""A proxy in front of the server: one that can go away, break, and bring a new version of the scanner."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_WORKER = "/scanner/sw.js"
# What is replaced has none of these.
_OF_THE_OLD = {"etag", "last-modified", "content-encoding"}
_IF_CHANGED = {"if-none-match", "if-modified-since"}


@dataclass(kw_only=True)
class Front:
    """What stands between phones and the server: replaced files, a list of what was asked for."""

    upstream: int
    port: int = 0
    asked: list[str] = field(default_factory=list)
    api_is_away: bool = False
    answers_scans_after: float = 0.0
    """Seconds by which answers to scans are late: the server has them at once."""
    _replaced: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None

    @property
    def base(self) -> str:
        """Return the address of the site, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def come(self) -> None:
        """Answer, on the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def go(self) -> None:
        """Be away: connections are refused."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def release(self, path: str, *, broken: bytes | int | None = None) -> None:
        """Bring a version in which this file of the scanner is another one.

        If broken, the list promises it, but what comes is other content, or an error.
        """
        address = f"/scanner/{path}"
        old = self._body(address)
        new = old + b"\n/* another version */\n"
        worker = self._body(_WORKER).replace(_integrity(old), _integrity(new))
        self._replaced[_WORKER] = (200, worker)
        if isinstance(broken, int):
            self._replaced[address] = (broken, b"")
        else:
            self._replaced[address] = (200, new if broken is None else broken)

    def mend(self, path: str) -> None:
        """Let a broken version be taken back: the server has what it had before."""
        del self._replaced[f"/scanner/{path}"], self._replaced[_WORKER]

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Return what the server says, or what stands in for it."""
        self.asked.append(urlsplit(path).path)
        if self.api_is_away and path.startswith("/api/"):
            return 502, {}, b""
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            status, sent = response.status, response.read()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP}
        finally:
            connection.close()
        if urlsplit(path).path == "/api/v1/door/scans":
            time.sleep(self.answers_scans_after)
        if replaced := self._replaced.get(urlsplit(path).path):
            status, sent = replaced
            kept = {name: value for name, value in kept.items() if name.lower() not in _OF_THE_OLD}
        return status, kept, sent

    def _body(self, address: str) -> bytes:
        if replaced := self._replaced.get(address):
            return replaced[1]
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            connection.request("GET", address)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def in_front_of(port: int) -> Iterator[Front]:
    """Stand in front of a server on this machine."""
    front = Front(upstream=port)
    front.come()
    yield front
    front.go()


def _integrity(content: bytes) -> bytes:
    return b"sha256-" + base64.b64encode(hashlib.sha256(content).digest())


def _handler(front: Front) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            left_out = _HOP_BY_HOP | (_IF_CHANGED if self.path.startswith("/scanner/") else set())
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
            status, kept, sent = front.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in kept.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    return Handler
