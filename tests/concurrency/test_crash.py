"""kill -9 in the middle of a buying load loses nothing. `python -m bench.kill` does it often."""

from pathlib import Path

from tests.support.crash import Promises, crash, prepare, require_every_tenge, settle
from tests.support.server import Server


def test_a_kill_loses_no_ticket_and_no_tenge(database_url: str, tmp_path: Path) -> None:
    with Server(database_url, tmp_path) as server:
        staff, promises = prepare(server), Promises()
        crash(server, staff, promises, buyers=8, purchases=20, seed=1)
        settle(server)
        require_every_tenge(server, promises)
