"""`python -m bench.schedules --schedules 300 --scans 2000`: three phones, cut networks, and one truth.

Each schedule is an evening that Hypothesis draws: three phones scan so many tickets each while requests and
answers are lost, batches arrive again, phones die and are switched on, clocks are wrong and are set, and the
box office refunds, reissues and blocks. Then all have network, and what the server has (who is in, every
verdict, every incident, the head of every log) must be what a model says that knows no database; and sending
everything once more must change nothing. Stops at the first difference, with exit code 1.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic, process_time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.database import BACKENDS, DatabaseFactory
from tests.support.evenings.account import Account, Difference
from tests.support.evenings.evening import spend
from tests.support.evenings.plan import PHONES, Plan, plans
from tests.support.evenings.town import Town
from ticketing.foundation.migrations import upgrade

_TELL_EVERY = 20
_SHORTER = (2, 5, 10, 20, 50, 100, 200, 500, 1_000)


def main() -> int:
    """Spend the evenings that were asked for and print an account."""
    asked = _arguments()
    databases = DatabaseFactory(upgrade)
    try:
        with tempfile.TemporaryDirectory(prefix="kassa-schedules-") as folder:
            town = Town(databases.fresh(asked.db), Path(folder), capacity=asked.capacity)
            print(f"{asked.db}: {len(town.sold)} tickets, {PHONES} phones × {asked.scans} scans", flush=True)
            broken = _spend_all(asked, town)
            town.close()
    finally:
        databases.close()
    return 1 if broken else 0


def _spend_all(asked: argparse.Namespace, town: Town) -> bool:
    total, spent = Account(), 0
    began, used = monotonic(), process_time()
    failed: list[Plan] = []

    @seed(asked.seed)
    @settings(
        max_examples=asked.schedules,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(plans(st.just(asked.scans)))
    def every_evening(plan: Plan) -> None:
        nonlocal spent
        if asked.minutes and monotonic() - began > asked.minutes * 60:
            return
        failed[:] = [plan]
        total.add(spend(plan, town))
        spent += 1
        if spent % _TELL_EVERY == 0:
            print(f"  {spent} schedules, {total.scans} scans, {monotonic() - began:.0f} s", flush=True)

    try:
        every_evening()
    except Difference as difference:
        print(f"After {spent} schedules without one, a difference: {difference}")
        _shorten(failed[0], town)
        return True
    _print(total, spent, monotonic() - began, process_time() - used)
    return False


def _shorten(plan: Plan, town: Town) -> None:
    """Look for a short evening of the same kind that differs too."""
    for scans in (*(few for few in _SHORTER if few < plan.scans), plan.scans):
        shorter = replace(plan, scans=scans)
        try:
            spend(shorter, town)
        except Difference as difference:
            print(f"{shorter}\n{difference}")
            return


def _print(total: Account, spent: int, seconds: float, cpu: float) -> None:
    print(f"{spent} schedules, no difference, in {seconds:.0f} s ({cpu:.0f} s of CPU in this process)")
    print(f"  scans {total.scans}, requests {total.requests}, of which arrived again {total.repeated}")
    print(f"  requests or answers lost {total.lost}, phones that died {total.kills}")
    print(f"  in the halls at the end {total.inside}")
    for name, counted in (("incidents", total.incidents), ("verdicts", total.reasons)):
        print(f"  {name}: " + ", ".join(f"{what} {number}" for what, number in counted.most_common()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.schedules", description=__doc__)
    parser.add_argument("--schedules", type=int, default=300, help="how many evenings")
    parser.add_argument("--scans", type=int, default=2_000, help="scans of each of the three phones")
    parser.add_argument("--minutes", type=float, default=0, help="begin none after so many minutes")
    parser.add_argument("--capacity", type=int, default=800, help="tickets of each of the four screenings")
    parser.add_argument("--db", choices=BACKENDS, default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="another one draws other evenings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
