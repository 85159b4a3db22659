"""The relay's process and its way to the server: TLS, silence, and what it refuses to start with."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner

from tests.support.certificates import self_signed
from tests.support.relay_process import RelayProcess
from tests.support.server import free_port
from ticketing.relay import uplink as uplink_module
from ticketing.relay.app import MARK
from ticketing.relay.command import relay
from ticketing.relay.errors import UplinkDownError
from ticketing.relay.uplink import Uplink
from ticketing.tickets.qr import QUIET, link_modules

HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


def in_vain(uplink: Uplink) -> None:
    with pytest.raises(UplinkDownError):
        uplink.send("GET", "/", {}, b"")


def seconds_in_vain(uplink: Uplink) -> float:
    began = monotonic()
    in_vain(uplink)
    return monotonic() - began


@contextmanager
def server(silent: threading.Event) -> Iterator[str]:
    """A server that says nothing as long as `silent` is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            while silent.is_set():
                silent_over.wait(0.01)
            self.send_response(418)
            self.send_header("X-Path", self.path)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    silent_over = threading.Event()
    here = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.daemon_threads = True
    thread = threading.Thread(target=here.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{here.server_port}"
    silent.clear()
    here.shutdown()
    here.server_close()
    thread.join()


def test_while_the_server_is_silent_one_request_tries_and_the_others_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uplink_module, "PATIENCE_SECONDS", 0.5)
    silent = threading.Event()
    with server(silent) as address:
        uplink = Uplink(address)
        reply = uplink.send("GET", "/a?b=c", {}, b"")
        assert (reply.status, reply.headers["x-path"]) == (418, "/a?b=c")
        silent.set()
        for _ in range(2):  # the second one tries
            in_vain(uplink)
        with ThreadPoolExecutor(2) as threads:
            seconds = list(threads.map(seconds_in_vain, [uplink, uplink]))
        assert min(seconds) < 0.25
        silent.clear()
        while True:
            try:
                assert uplink.send("GET", "/", {}, b"").status == 418
            except UplinkDownError:
                continue  # what hung is not over yet
            break
        uplink.close()


def test_a_certificate_that_nobody_vouches_for_is_no_server(tmp_path: Path) -> None:
    secure = self_signed(tmp_path, "localhost")
    with RelayProcess(f"http://127.0.0.1:{free_port()}", tmp_path, secure) as one:
        uplink = Uplink(one.base)
        with pytest.raises(UplinkDownError):
            uplink.send("GET", "/scanner/", {}, b"")
        uplink.close()
        with one.get("/scanner/") as page:
            assert page.headers[MARK]
        with pytest.raises(HTTPError) as refused:
            one.get("/api/v1/door/sync")
        assert (refused.value.code, json.load(refused.value)["code"]) == (503, "uplink_down")
        refused.value.close()


@pytest.mark.parametrize(
    "options",
    [
        ["--upstream", "http://tickets.example.kz"],
        ["--upstream", "tickets.example.kz"],
        ["--upstream", "https://tickets.example.kz/scanner/"],
        ["--upstream", "https://tickets.example.kz", "--certificate", __file__],
        ["--upstream", "https://tickets.example.kz", "--certificate", __file__, "--key", __file__],
        ["--upstream", "https://tickets.example.kz", "--address", "http://relay.example.kz"],
        [],
    ],
)
def test_it_does_not_start_with_what_cannot_be_meant(options: list[str]) -> None:
    assert CliRunner().invoke(relay, options).exit_code == 2


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been started instead of gunicorn."""
    commands: list[list[str]] = []
    monkeypatch.setattr(
        "ticketing.relay.command.os.execv", lambda _program, command: commands.append(command)
    )
    return commands


@pytest.mark.parametrize(
    ("options", "page"),
    [
        (["--bind", "127.0.0.1:8443"], "http://127.0.0.1:8443/scanner/"),
        (["--bind", "0.0.0.0:443", "--secure"], "https://relay.example.kz/scanner/"),
        (["--bind", "0.0.0.0:8443", "--secure"], "https://relay.example.kz:8443/scanner/"),
        (["--address", "https://other.example.kz/", "--secure"], "https://other.example.kz/scanner/"),
        (["--address", "https://other.example.kz"], "https://other.example.kz/scanner/"),
    ],
)
def test_it_shows_the_way_to_its_page_as_a_picture(
    started: list[list[str]], tmp_path: Path, options: list[str], page: str
) -> None:
    if "--secure" in options:
        certificate, key = self_signed(tmp_path, "relay.example.kz")
        options = [*options[:-1], "--certificate", str(certificate), "--key", str(key)]
    start = ["--upstream", "https://tickets.example.kz", "--data", str(tmp_path), "--name", "Зал 1"]
    shown = CliRunner().invoke(relay, [*start, *options])
    assert shown.exit_code == 0, shown.output
    assert page in shown.output
    lines = [line for line in shown.output.splitlines() if line and set(line) <= set(HALVES)]
    rows = [[HALVES[half][n] for half in line] for line in lines for n in (0, 1)]
    size = len(link_modules(page))
    inner = [row[QUIET : QUIET + size] for row in rows[QUIET : QUIET + size]]
    assert inner == link_modules(page)
    assert sum(map(sum, rows)) == sum(map(sum, inner))
    assert "'Зал 1'" in started[0][-1]


def test_without_a_name_of_its_own_it_asks_for_the_address(started: list[list[str]], tmp_path: Path) -> None:
    start = ["--upstream", "https://tickets.example.kz", "--data", str(tmp_path), "--bind", "0.0.0.0:8443"]
    shown = CliRunner().invoke(relay, start)
    assert "--address" in shown.output
    assert len(started) == 1
