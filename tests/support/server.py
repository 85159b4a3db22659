"""The product as it runs: gunicorn and the worker as processes, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.database import _end_with_parent
from ticketing.foundation.config import Settings, load_settings

_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60
_STOP_SECONDS = 30


class Server:
    """Web processes and, if asked for, the worker. Use it in a `with` block: leaving it ends them all."""

    def __init__(self, database_url: str, folder: Path, *, application: str = "wsgi:app") -> None:
        self.port = free_port()
        self._log = folder / "server.log"
        self._application = application
        self.environment = {
            "TICKETING_DATABASE_URL": database_url,
            "TICKETING_DATA_DIR": str(folder),
            "PORT": str(self.port),
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def settings(self) -> Settings:
        """Return what the server's processes are set to."""
        return load_settings(self.environment)

    @property
    def process_ids(self) -> list[int]:
        """Return what was started: gunicorn's first process, then the worker if there is one."""
        return [process.pid for process in self._processes]

    def start(self, *options: str, worker: bool = False) -> None:
        """Start, with more of gunicorn's options if given, and wait until it answers.

        Raises AssertionError with the log when it does not.
        """
        self._spawn(
            "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--keep-alive", "60", "--preload",
            "--log-level", "warning", *options, self._application,
        )  # fmt: skip
        if worker:
            self._spawn("ticketing", "worker")
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            ended = any(process.poll() is not None for process in self._processes)
            if ended or time.monotonic() > deadline:
                message = f"the server did not start:\n{self._log.read_text()}"
                raise AssertionError(message)
            time.sleep(0.02)

    def stop(self) -> None:
        """End every process in order; whatever does not end is killed. Safe to call twice."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _kill(process)
        self._processes.clear()

    def kill(self) -> None:
        """End every process at once, without a chance to finish anything."""
        for process in self._processes:
            _kill(process)
        self._processes.clear()

    def _spawn(self, module: str, *arguments: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
        with self._log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", module, *arguments],
                    cwd=_ROOT,
                    env={**kept, **self.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # a group of its own, so that all of it can be ended at once
                    preexec_fn=_end_with_parent(),  # noqa: PLW1509 - no other thread runs at this time
                )
            )

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return True
        except (URLError, OSError):
            return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its children too: they are in its group
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
