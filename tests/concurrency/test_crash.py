"""kill -9 in the middle of a buying load loses nothing. `python -m bench.kill` does it often."""

import subprocess
import sys
from pathlib import Path

from tests.support.crash import Promises, crash, prepare, require_every_tenge, settle
from tests.support.server import Server

_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 300


def test_a_kill_loses_no_ticket_and_no_tenge(database_url: str, tmp_path: Path) -> None:
    with Server(database_url, tmp_path) as server:
        staff, promises = prepare(server), Promises()
        crash(server, staff, promises, buyers=8, purchases=20, seed=1)
        settle(server)
        require_every_tenge(server, promises)


def test_processes_killed_at_any_moment_lose_nothing(database_url: str) -> None:
    """The short version of `python -m bench.kill --kills 1000`."""
    command = [sys.executable, "-m", "bench.kill", "--kills", "4", "--database-url", database_url]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert "4 kills" in done.stdout
    assert "all accounted for" in done.stdout
