"""Kill the product again and again while it sells: `python -m bench.kill --kills 1000 [--db postgres]`.

A life is one process that holds the whole product, killed with -9 at any moment of a purchase, a payment, a
refund or the worker's rounds. After each kill the next process's worker ends what was cut off, and then every
tenge and every ticket that a buyer was shown must be there. With `--servers` the lives are real gunicorn and
worker processes under a load over HTTP; a kill then takes seconds instead of a moment.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.product import new_database
from tests.database import BACKENDS
from tests.support.crash import Promises, crash, prepare, require_every_tenge, settle
from tests.support.server import Server
from tests.support.short_lives import ShortLives
from ticketing.foundation.migrations import upgrade

_SAY_EVERY = 50
_TIYN = 100


def main() -> None:
    """Kill, start again, settle and count; stop at the first tenge or ticket that is lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--db", choices=BACKENDS, default="sqlite", help="a new database of this kind")
    parser.add_argument("--database-url", help="an empty database of yours instead")
    parser.add_argument("--seed", type=int, default=1, help="of the first life; the next has the next one")
    parser.add_argument("--servers", action="store_true", help="kill real servers instead of one process")
    chosen = parser.parse_args()
    kill = _kill_servers if chosen.servers else _kill_processes
    with tempfile.TemporaryDirectory(prefix="kassa-kill-") as name:
        folder = Path(name)
        if chosen.database_url:
            kill(chosen.database_url, folder, chosen.kills, chosen.seed)
            return
        with new_database(chosen.db, folder) as (url, _):
            kill(url, folder, chosen.kills, chosen.seed)


def _kill_processes(url: str, folder: Path, kills: int, seed: int) -> None:
    lives, began = ShortLives(url, folder), time.monotonic()
    for number in range(1, kills + 1):
        lives.live_and_die(seed + number)
        lives.settle()
        lives.require_every_tenge()
        if number % _SAY_EVERY == 0 or number == kills:
            seconds, told = time.monotonic() - began, lives.told
            sold = f"{told.purchases} purchases, {len(told.tickets)} tickets shown"
            print(f"{number} kills in {seconds:.0f} s: {sold}, all accounted for", flush=True)
    money = lives.account()
    print(f"kills              {kills:>12}")
    print(f"orders             {money.orders:>12}")
    print(f"tenge captured     {money.captured // _TIYN:>12}")
    print(f"tenge refunded     {money.refunded // _TIYN:>12}")
    print(f"tenge owed         {money.owed // _TIYN:>12}")
    # The first lost or doubled tenge, or broken invariant, would have stopped the run above.
    print("lost 0, doubled 0, broken invariants 0")


def _kill_servers(url: str, folder: Path, kills: int, seed: int) -> None:
    upgrade(url)
    with Server(url, folder) as server:
        staff, promises = prepare(server), Promises()
        for number in range(1, kills + 1):
            crash(server, staff, promises, buyers=8, purchases=20, seed=seed + number)
            settle(server)
            require_every_tenge(server, promises)
            bought = f"{promises.purchases} purchases, {len(promises.tickets)} tickets"
            print(f"kill {number}: {bought}, all accounted for", flush=True)


if __name__ == "__main__":
    main()
