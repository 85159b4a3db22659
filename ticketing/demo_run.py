"""`make run`: the demo festival on this machine, from an empty database to an open scanner."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import click
from sqlalchemy import select

from ticketing.app import make_runtime
from ticketing.boxoffice.programme import apply_programme
from ticketing.boxoffice.programme_screenings import ImportReport
from ticketing.catalogue.models import Festival
from ticketing.catalogue.programme.parse import parse_programme
from ticketing.catalogue.programme.shift import shift_weeks
from ticketing.door.devices import offer_pairing
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.config import Settings, load_settings
from ticketing.foundation.errors import ForbiddenError
from ticketing.foundation.migrations import upgrade
from ticketing.foundation.web import Runtime
from ticketing.staff.accounts import Role, add_account
from ticketing.staff.errors import LoginTakenError

DEMO_PROGRAMME = Path(__file__).parent / "catalogue" / "demo"
_SOONEST = timedelta(days=7)
_READY_SECONDS = 30
_STOP_SECONDS = 10


@dataclass(frozen=True)
class DemoAccount:
    """A sign-in of the demo, printed at every start."""

    login: str
    name: str
    role: Role
    password: str


DEMO_ACCOUNTS = (
    DemoAccount("manager", "Дана Ержанова", Role.MANAGER, "manager-demo"),
    DemoAccount("kassa", "Сәуле Ахметова", Role.BOXOFFICE, "kassa-demo"),
)


def load_demo(here: Runtime) -> ImportReport:
    """Load the demo festival, 7 to 13 days ahead, and its accounts; again, it stays where it was put.

    Raises ForbiddenError outside of the demo environment.
    """
    if not here.settings.is_demo:
        raise ForbiddenError
    now = here.clock.now()
    programme = parse_programme(DEMO_PROGRAMME)
    with here.database.transaction() as session:
        first_day = session.scalar(select(Festival.first_day))
        today = now.date() if first_day is None else first_day - _SOONEST
        report = apply_programme(session, shift_weeks(programme, today), SYSTEM, now)
    for account in DEMO_ACCOUNTS:
        try:
            with here.database.transaction() as session:
                add_account(session, account.login, account.name, account.role, account.password, SYSTEM, now)
        except LoginTakenError:
            continue
    return report


def run_demo() -> int:
    """Run web and worker until Ctrl-C, or until one of them ends; return the exit code."""
    settings = load_settings()
    upgrade(settings.database_url, settings.environment)
    here = make_runtime(settings)
    with here.database.reading() as session:
        empty = session.scalar(select(Festival.id)) is None
    if empty:
        click.echo("Importing the demo festival: 7 halls, 20 screenings …")
        load_demo(here)
    with here.database.transaction() as session:
        pairing = offer_pairing(session, None, "Demo scanner", SYSTEM, here.clock.now())
    here.database.close()
    return _Processes(settings).run(lambda: _say(settings, pairing))


def _say(settings: Settings, pairing: str) -> None:
    click.echo("")
    click.echo(f"  Shop        {settings.base_url}/")
    click.echo(f"  Box office  {settings.base_url}/boxoffice/")
    for account in DEMO_ACCOUNTS:
        click.echo(f"              sign in as {account.login} with {account.password} ({account.role})")
    click.echo(f"  Scanner     {settings.base_url}/scanner/  pairing code {pairing} (ten minutes, once)")
    click.echo("")
    click.echo("  Ctrl-C stops everything.")


class _Processes:
    """Web and worker as children; whatever ends one ends both."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()

    def run(self, when_ready: Callable[[], None]) -> int:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._on_signal)
        children = [self._start(self._web())]
        try:
            if not self._wait_until_ready(children):
                return 1
            children.append(self._start([sys.executable, "-m", "ticketing", "worker"]))
            when_ready()
            while not self._stop.wait(0.2):
                if any(child.poll() is not None for child in children):
                    click.echo("a process ended by itself; stopping", err=True)
                    return 1
            return 0
        finally:
            self._end(children)

    def _web(self) -> list[str]:
        settings = self._settings
        return [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"{settings.host}:{settings.port}",
            "--workers",
            str(settings.web_concurrency),
            "--preload",
            "--log-level",
            "warning",
            "wsgi:app",
        ]

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        root = Path(__file__).resolve().parents[1]
        # Own sessions: a Ctrl-C in the terminal comes here first, and the end is orderly.
        return subprocess.Popen(command, cwd=root, start_new_session=True)  # noqa: S603 - our own programs

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _wait_until_ready(self, children: list[subprocess.Popen[bytes]]) -> bool:
        url = f"http://{self._settings.host}:{self._settings.port}/readyz"
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and not self._stop.is_set():
            if any(child.poll() is not None for child in children):
                return False
            try:
                with urlopen(url, timeout=1):
                    return True
            except (URLError, OSError):
                self._stop.wait(0.1)
        return False

    def _end(self, children: list[subprocess.Popen[bytes]]) -> None:
        for child in children:
            if child.poll() is None:
                # Gunicorn's quick end; the worker finishes its step.
                child.send_signal(signal.SIGINT if child is children[0] else signal.SIGTERM)
        for child in children:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
