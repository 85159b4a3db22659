"""Stands between Playwright and the machine's Firefox: `python old_firefox.py FIREFOX ARGUMENT…`.

Playwright speaks WebDriver BiDi to any Firefox, but to one that is a few months old it also sends commands of
emulation that this Firefox has yet to learn, and gives up when they are refused. What emulates nothing is no
loss here, so such a refusal, and no other, is turned into consent. All else passes as it is.
"""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import BinaryIO

_LISTENS = re.compile(rb"ws://127\.0\.0\.1:(\d+)")
_BLOCK = 65_536
_TEXT_WHOLE = 0x81
_SHORT, _IN_2_BYTES, _IN_8_BYTES = 126, 126, 127


def main(command: list[str]) -> int:
    """Run Firefox until it ends; return what it returned."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        subprocess.Popen(command, stderr=subprocess.PIPE) as firefox,
    ):
        assert firefox.stderr is not None
        for line in firefox.stderr:
            found = _LISTENS.search(line)
            if found:
                Thread(target=_serve, args=(server, int(found[1])), daemon=True).start()
                here = str(server.getsockname()[1]).encode()
            sys.stderr.buffer.write(line.replace(found[1], here) if found else line)
            sys.stderr.buffer.flush()
        return firefox.wait()


def yielding(message: bytes) -> bytes:
    """Return the browser's message; consent if it refuses to emulate what it doesn't know."""
    if b'"unknown command"' not in message:
        return message
    said = json.loads(message)
    if said.get("error") != "unknown command" or not said["message"].startswith("emulation."):
        return message
    return json.dumps({"type": "success", "id": said["id"], "result": {}}).encode()


def frames(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Read a WebSocket's frames as a server sends them, that is unmasked (RFC 6455, section 5.2)."""
    while len(start := stream.read(2)) == 2:
        size = start[1]
        if size >= _SHORT:
            size = int.from_bytes(stream.read(2 if size == _IN_2_BYTES else 8))
        yield start[0], stream.read(size)


def frame(head: int, message: bytes) -> bytes:
    """Write one frame as a server sends it."""
    size = len(message)
    if size < _SHORT:
        return bytes([head, size]) + message
    if size < 2**16:
        return bytes([head, _IN_2_BYTES]) + size.to_bytes(2) + message
    return bytes([head, _IN_8_BYTES]) + size.to_bytes(8) + message


def _serve(server: socket.socket, port: int) -> None:
    while True:
        client, _ = server.accept()
        browser = socket.create_connection(("127.0.0.1", port))
        Thread(target=_pass_on, args=(client, browser, port), daemon=True).start()
        Thread(target=_pass_back, args=(browser, client), daemon=True).start()


def _pass_on(client: socket.socket, browser: socket.socket, port: int) -> None:
    with suppress(OSError), client.makefile("rb") as stream:
        while (line := stream.readline()) not in (b"\r\n", b""):
            # Firefox talks to nobody who believes it to be on another port.
            is_host = line.lower().startswith(b"host:")
            browser.sendall(b"Host: 127.0.0.1:%d\r\n" % port if is_host else line)
        browser.sendall(b"\r\n")
        while block := stream.read1(_BLOCK):
            browser.sendall(block)
    with suppress(OSError):
        browser.shutdown(socket.SHUT_WR)


def _pass_back(browser: socket.socket, client: socket.socket) -> None:
    with suppress(OSError), browser.makefile("rb") as stream:
        while (line := stream.readline()) not in (b"\r\n", b""):
            client.sendall(line)
        client.sendall(b"\r\n")
        for head, message in frames(stream):
            client.sendall(frame(head, yielding(message) if head == _TEXT_WHOLE else message))
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
