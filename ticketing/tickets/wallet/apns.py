"""Apple's push service, as far as passes need it: HTTP/2, the pass's own certificate, an empty message."""

import logging
import secrets
import socket
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import H2Error

from ticketing.foundation.wallet_settings import AppleWallet
from ticketing.tickets.wallet.pushing import Push

# Passes are always told by the production service.
_HOST, _PORT = "api.push.apple.com", 443
_SECONDS = 10
_MOST_READ = 65536
_MOST_BODY = 4096
# Apple's documentation: the message of a changed pass is an empty dictionary.
_MESSAGE = b"{}"
_OK, _BAD, _GONE = "200", "400", "410"

_log = logging.getLogger(__name__)


class ApplePushes:
    """One connection a batch: a festival's changes come in bursts, and days lie between them."""

    def __init__(
        self,
        wallet: AppleWallet,
        *,
        host: str = _HOST,
        port: int = _PORT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._topic = wallet.pass_type
        self._address = (host, port)
        self._context = context or ssl.create_default_context()
        self._context.set_alpn_protocols(["h2"])
        _show_certificate(self._context, wallet)

    def push(self, tokens: Sequence[str]) -> Mapping[str, Push]:
        """Tell the devices of these push tokens to ask for changes; never raises."""
        outcomes = dict.fromkeys(tokens, Push.FAILED)
        try:
            with (
                socket.create_connection(self._address, _SECONDS) as plain,
                self._context.wrap_socket(plain, server_hostname=self._address[0]) as wire,
            ):
                talk = _Talk(wire, self._address[0], self._topic)
                for token in tokens:
                    outcomes[token] = talk.tell(token)
        except (OSError, H2Error) as error:
            # Its type alone: messages may quote what was sent.
            _log.warning("Apple's push service cannot be talked to: %s", type(error).__name__)
        return outcomes


class _Talk:
    """A conversation on one connection, a request after the other."""

    def __init__(self, wire: ssl.SSLSocket, host: str, topic: str) -> None:
        if wire.selected_alpn_protocol() != "h2":
            raise ConnectionError("no HTTP/2")
        self._wire = wire
        self._host = host
        self._topic = topic
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._http.initiate_connection()
        self._flush()

    def tell(self, token: str) -> Push:
        """Ask for one push. Raises OSError or H2Error when the connection is of no more use."""
        stream = self._http.get_next_available_stream_id()
        headers = [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", self._host),
            (":path", f"/3/device/{token}"),
            ("apns-topic", self._topic),
            ("content-length", str(len(_MESSAGE))),
        ]
        self._http.send_headers(stream, headers)
        self._http.send_data(stream, _MESSAGE, end_stream=True)
        self._flush()
        status, body = self._answer(stream)
        if status == _OK:
            return Push.SENT
        if status == _GONE or (status == _BAD and b"BadDeviceToken" in body):
            return Push.GONE
        _log.warning("Apple's push service answers %s: %s", status, body.decode("ascii", "replace")[:100])
        return Push.FAILED

    def _answer(self, stream: int) -> tuple[str, bytes]:
        status, body = "", b""
        while True:
            received = self._wire.recv(_MOST_READ)
            if not received:
                raise ConnectionError("closed before its answer")
            events = self._http.receive_data(received)
            self._flush()
            for event in events:
                if isinstance(event, ConnectionTerminated):
                    raise ConnectionError("ended by the service")
                if getattr(event, "stream_id", None) != stream:
                    continue
                if isinstance(event, ResponseReceived):
                    status = dict(event.headers)[b":status"].decode("ascii", "replace")
                elif isinstance(event, DataReceived):
                    body = (body + event.data)[:_MOST_BODY]
                elif isinstance(event, StreamReset):
                    raise ConnectionError("reset by the service")
                elif isinstance(event, StreamEnded):
                    return status, body

    def _flush(self) -> None:
        self._wire.sendall(self._http.data_to_send())


def _show_certificate(context: ssl.SSLContext, wallet: AppleWallet) -> None:
    """Give the context its certificate; ssl takes keys from files alone, so there is one for that moment."""
    password = secrets.token_bytes(32).hex().encode()
    pem = wallet.certificate.public_bytes(Encoding.PEM) + wallet.intermediate.public_bytes(Encoding.PEM)
    key = wallet.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "push.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem + key)
        context.load_cert_chain(path, password=password)
