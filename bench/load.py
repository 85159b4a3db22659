"""A lean load generator: keep-alive connections to this machine, one thread, time-bounded.

A client is a generator that yields requests and is sent the replies, so that a purchase of three requests
reads like one. The generator shares the machine with what it measures: it must cost next to nothing.
"""

import json
import selectors
import socket
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_ETAG = b"\r\netag:"
_READ = 65536
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Request:
    """Bytes to send. With its reply `units` of work are done; 0 in the middle of something longer."""

    raw: bytes
    units: int = 1


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    etag: str = ""


Client = Generator[Request, Reply, None]


class LoadError(Exception):
    """The product answered what it must not, or not at all: the figures mean nothing."""


@dataclass
class Load:
    """What a run did: units of work, and how long each took from its first request to its last reply."""

    seconds: float
    units: int = 0
    requests: int = 0
    spans: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return units a second."""
        return self.units / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return how many milliseconds that share of the spans did not exceed."""
        ordered = sorted(self.spans)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def request(
    method: str,
    path: str,
    body: object = None,
    authorization: str | None = None,
    *,
    units: int = 1,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Request:
    """Return a request as it goes over the wire."""
    raw = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if raw:
        lines += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
    return Request("\r\n".join([*lines, "", ""]).encode() + raw, units)


def want(reply: Reply, status: int) -> Mapping[str, object]:
    """Return a reply's JSON. Raises LoadError for another status."""
    if reply.status != status:
        message = f"{reply.status} where {status} was due: {reply.body[:500].decode('utf-8', 'replace')}"
        raise LoadError(message)
    parsed: Mapping[str, object] = json.loads(reply.body)
    return parsed


def run(port: int, clients: Sequence[Client], seconds: float) -> Load:
    """Let every client work on a connection of its own until the time is up or it has nothing left to do."""
    with selectors.DefaultSelector() as selector:
        lines = [_Line(port, client) for client in clients]
        try:
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
            return _drive(selector, lines, seconds)
        finally:
            for line in lines:
                line.socket.close()


def _drive(selector: selectors.DefaultSelector, lines: Sequence["_Line"], seconds: float) -> Load:
    load = Load(seconds)
    begin = time.perf_counter()
    end = begin + seconds
    busy = sum(line.begin() for line in lines)
    now = begin
    while busy:
        ready = selector.select(_PATIENCE_SECONDS)
        if not ready:
            message = f"no answer within {_PATIENCE_SECONDS} s"
            raise LoadError(message)
        now = time.perf_counter()
        for key, _ in ready:
            line: _Line = key.data
            reply = line.receive()
            if reply is None:
                continue
            # What is under way when the time is up is waited for, and not counted.
            if now <= end:
                load.requests += 1
                if line.units:
                    load.units += line.units
                    load.spans.append(now - line.began)
            if not line.go_on(reply, stop=now > end):
                busy -= 1
    load.seconds = min(now, end) - begin
    return load


def _etag(head: bytes) -> str:
    _, found, rest = head.partition(_ETAG)
    return rest.split(b"\r", 1)[0].strip().decode() if found else ""


class _Line:
    """One connection with the client that talks on it."""

    def __init__(self, port: int, client: Client) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.units = 1
        self.began = 0.0
        self._client = client
        self._buffer = b""

    def begin(self) -> bool:
        """Send the first request; False if there is none."""
        wanted = next(self._client, None)
        return wanted is not None and self._send(wanted)

    def receive(self) -> Reply | None:
        """Read what is there; return a reply once it is whole."""
        received = self.socket.recv(_READ)
        if not received:
            raise LoadError("the server closed a connection")
        self._buffer += received
        head_end = self._buffer.find(_HEAD_END)
        if head_end < 0:
            return None
        head = self._buffer[:head_end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0
        body_end = head_end + len(_HEAD_END) + length
        if len(self._buffer) < body_end:
            return None
        body, self._buffer = self._buffer[head_end + len(_HEAD_END) : body_end], self._buffer[body_end:]
        return Reply(int(head[9:12]), body, _etag(head))

    def go_on(self, reply: Reply, *, stop: bool) -> bool:
        """Hand the reply over and send what comes next; False if there is nothing, or it is time to stop."""
        try:
            wanted = self._client.send(reply)
        except StopIteration:
            return False
        return not stop and self._send(wanted)

    def _send(self, wanted: Request) -> bool:
        if self.units:
            self.began = time.perf_counter()
        self.units = wanted.units
        self.socket.sendall(wanted.raw)
        return True
