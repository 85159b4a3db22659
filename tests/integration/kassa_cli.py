"""The command line as an operator has it, with an environment of its own; most runs stay in this process."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from ticketing import cli
from ticketing.app import make_runtime
from ticketing.foundation.config import Settings
from ticketing.foundation.web import Runtime

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Cli:
    """Runs commands against one database."""

    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, **environment: str) -> Done:
        """Run a command in this process, through the same `main` that the program has."""
        opened: list[Runtime] = []

        def remembered(settings: Settings, *, gives_way: bool) -> Runtime:
            opened.append(make_runtime(settings, gives_way=gives_way))
            return opened[-1]

        out, err = TextIOWrapper(BytesIO(), "utf-8"), TextIOWrapper(BytesIO(), "utf-8")
        code = 0
        with (
            patch.dict(os.environ, self._environment(environment)),
            patch.object(cli, "make_runtime", remembered),
            patch.object(sys, "argv", ["ticketing", *map(str, arguments)]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                cli.main()
            except SystemExit as end:
                code = int(end.code or 0)
        for runtime in opened:
            runtime.database.close()
        return Done(code, _text(out), _text(err))

    def program(self, *arguments: str | Path) -> Done:
        """Run a command as a program of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "ticketing", *map(str, arguments)],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self._environment({})},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def say(self, *arguments: str | Path, **environment: str) -> str:
        """Run a command that must succeed, and return what it printed."""
        done = self.run(*arguments, **environment)
        assert done.code == 0, done.out + done.err
        return done.out.strip()

    def refused(self, *arguments: str | Path, **environment: str) -> str:
        """Run a command that must be refused in words, and return them."""
        done = self.run(*arguments, **environment)
        assert done.code in (1, 2), done.out
        return done.err.strip()

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        own = {"TICKETING_DATABASE_URL": self.url, "TICKETING_DATA_DIR": str(self.folder / "data")}
        return {**own, **self.environment, **more}


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
