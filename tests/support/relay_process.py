"""The relay as staff start it: its command, on a free port of this machine."""

import os
import signal
import subprocess
import sys
import time
from http.client import HTTPResponse
from pathlib import Path
from ssl import create_default_context
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.server import free_port

_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60
NAME = "Фойе"


class RelayProcess:
    """A relay with a folder of its own. Use it in a `with` block."""

    def __init__(self, upstream: str, folder: Path, secure: tuple[Path, Path] | None = None) -> None:
        self._upstream, self._folder = upstream, folder
        self._secure = secure
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}" if self._secure is None else f"https://localhost:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def get(self, path: str) -> HTTPResponse:
        """Ask for something; a certificate must be the relay's own."""
        trusted = None if self._secure is None else create_default_context(cafile=self._secure[0])
        got = urlopen(f"{self.base}{path}", timeout=5, context=trusted)
        assert isinstance(got, HTTPResponse)
        return got

    def start(self) -> None:
        """Start it and wait until it answers."""
        secure = [] if self._secure is None else ["--certificate", self._secure[0], "--key", self._secure[1]]
        with (self._folder / "relay.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "ticketing", "relay", "--upstream", self._upstream,
                    "--bind", f"127.0.0.1:{self._port}", "--data", str(self._folder), "--name", NAME, *secure,
                ],
                cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, as an empty battery does."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def log(self) -> str:
        return (self._folder / "relay.log").read_text()

    def _answers(self) -> bool:
        try:
            with self.get("/scanner/manifest.webmanifest"):
                return True
        except (URLError, OSError):
            return False
