"""A push service on this machine: HTTP/2 with TLS, asking for the caller's certificate, as Apple's does."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.support.certificates import self_signed


@dataclass
class Asked:
    """A request as it came in."""

    headers: dict[str, str]
    body: bytes = b""


@dataclass
class PushOffice:
    """What it answers by push token: a status and a reason, or a word of its own mischief."""

    folder: Path
    accepts: x509.Certificate
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    protocol: str = "h2"
    asked: list[Asked] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def context(self) -> ssl.SSLContext:
        """Return what a caller trusts it with."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @contextmanager
    def open(self) -> Iterator["PushOffice"]:
        certificate, key = self_signed(self.folder, "localhost")
        trusted = self.folder / "trusted.pem"
        trusted.write_bytes(self.accepts.public_bytes(Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols([self.protocol])
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        serving = threading.Thread(target=self._serve, args=(listener, context))
        serving.start()
        try:
            yield self
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            serving.join(10)

    def _serve(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            plain.settimeout(10)
            with suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as wire:
                subject = dict(pair[0] for pair in (wire.getpeercert() or {})["subject"])
                self.callers.append(str(subject.get("userId") or subject.get("UID")))
                self._talk(wire)

    def _talk(self, wire: ssl.SSLSocket) -> None:
        http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        http.initiate_connection()
        wire.sendall(http.data_to_send())
        open_streams: dict[int, Asked] = {}
        while received := wire.recv(65536):
            for event in http.receive_data(received):
                if isinstance(event, RequestReceived):
                    open_streams[event.stream_id] = Asked({str(n): str(v) for n, v in event.headers})
                elif isinstance(event, DataReceived):
                    open_streams[event.stream_id].body += event.data
                elif isinstance(event, StreamEnded):
                    asked = open_streams.pop(event.stream_id)
                    self.asked.append(asked)
                    if not self._answer(http, event.stream_id, asked):
                        wire.sendall(http.data_to_send())
                        return
            wire.sendall(http.data_to_send())

    def _answer(self, http: H2Connection, stream: int, asked: Asked) -> bool:
        status, reason = self.answers.get(asked.headers[":path"].rpartition("/")[2], (200, ""))
        if reason == "hang up":
            return False
        if reason == "go away":
            http.close_connection()
            return False
        if reason == "reset":
            http.reset_stream(stream)
            return True
        http.send_headers(stream, [(":status", str(status)), ("apns-id", "x")], end_stream=not reason)
        if reason:
            http.send_data(stream, json.dumps({"reason": reason}).encode(), end_stream=True)
        return True
