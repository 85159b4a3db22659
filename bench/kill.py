"""Kill the product again and again in the middle of a buying load: `python -m bench.kill --kills 100`."""

import argparse
import tempfile
from pathlib import Path

from tests.support.crash import Promises, crash, prepare, require_every_tenge, settle
from tests.support.server import Server
from ticketing.foundation.migrations import upgrade


def main() -> None:
    """Kill, start again, settle and count; stop at the first tenge or ticket that is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database-url", help="an empty database; left out, a new SQLite file")
    parser.add_argument("--purchases", type=int, default=20, help="how many there are before each kill")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kassa-kill-") as folder:
        url = chosen.database_url or f"sqlite:///{folder}/kassa.db"
        upgrade(url)
        with Server(url, Path(folder)) as server:
            staff, promises = prepare(server), Promises()
            for number in range(1, chosen.kills + 1):
                crash(server, staff, promises, buyers=8, purchases=chosen.purchases, seed=number)
                settle(server)
                require_every_tenge(server, promises)
                bought = f"{promises.purchases} purchases, {len(promises.tickets)} tickets"
                print(f"kill {number}: {bought}, all accounted for", flush=True)


if __name__ == "__main__":
    main()
