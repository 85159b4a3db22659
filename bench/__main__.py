"""`python -m bench`: start the product, load it, and print what was measured beside what was promised.

The exit code is 0 whatever the figures are: bench measures, tests test. It is 1 when something broke.
"""

import argparse
import sys
import tempfile
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.choosing import measure_choosing
from bench.coldstart import measure_cold_start
from bench.door import DoorFailedError, measure_door
from bench.frames import measure_frames
from bench.load import LoadError
from bench.machine import description, family, memory
from bench.measure import Check, Measurement, at_most, fetch, measure
from bench.pairs import PairsFailedError, measure_pairs
from bench.pictures import measure_pictures
from bench.printing import measure_printing
from bench.product import Product, running
from bench.report import check_row, heading, keep, load_rows
from bench.scenarios import SCENARIOS, Scenario
from bench.verdicts import VerdictsFailedError, measure_verdicts
from tests.database import BACKENDS

_QUICK_SECONDS = 2.0
_SECONDS = 10.0
_READY_SECONDS = 1.5
_MEMORY_MB = 300
# Parts that are no load on a started product: a race and a door on each database; what needs none of ours.
_PAIRS, _DOOR, _CHOOSING, _FRAMES, _PDF = "pairs", "door", "choosing", "frames", "pdf"
_COLD_START, _PICTURES, _VERDICTS = "coldstart", "pictures", "verdicts"
_QUICK_HALLS, _HALLS = 3, 25
_QUICK_PAGES, _PAGES = 20, 200


def main() -> int:
    """Measure what was asked for."""
    asked = _arguments()
    names = set(asked.parts) or set(_parts())
    chosen = [scenario for scenario in SCENARIOS if scenario.name in names]
    seconds = _QUICK_SECONDS if asked.quick else asked.seconds
    machine = description()
    print(heading(machine))
    results: dict[str, Any] = {"at": datetime.now(UTC).isoformat(), "machine": machine, "databases": {}}
    broken: list[str] = []
    results["apart"] = [vars(check) for check in _measure_apart(names, quick=asked.quick)]
    backends = BACKENDS if asked.db == "both" else (asked.db,)
    for backend in backends if chosen or names & {_PAIRS, _DOOR} else ():
        with tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder:
            print(f"\n{backend}: loading 100 screenings and their tickets …", flush=True)
            with running(backend, Path(folder)) as product:
                print(f"  {product.database_version}", flush=True)
                measured, checks = _measure_all(product, chosen, seconds, quick=asked.quick)
                if _DOOR in names:
                    checks += _printed(measure_door(product, quick=asked.quick))
                if _PAIRS in names:
                    checks += _printed(measure_pairs(product, quick=asked.quick))
                broken += product.world.broken_invariants()
        results["databases"][backend] = {
            "version": product.database_version,
            "scenarios": [one.to_json() for one in measured],
            "checks": [vars(check) for check in checks],
        }
    print(f"\nkept in {keep(results)}")
    for line in broken:
        print(f"BROKEN {line}", file=sys.stderr)
    return 1 if broken else 0


def _parts() -> tuple[str, ...]:
    apart = (_CHOOSING, _FRAMES, _PDF, _COLD_START, _PICTURES, _VERDICTS)
    return (*(scenario.name for scenario in SCENARIOS), _PAIRS, _DOOR, *apart)


def _printed(checks: Iterable[Check]) -> list[Check]:
    """Print figures as they come."""
    done = []
    for check in checks:
        print(check_row(check), flush=True)
        done.append(check)
    return done


def _measure_apart(names: Collection[str], *, quick: bool) -> list[Check]:
    """Measure what does not depend on the database."""
    done = []
    if _CHOOSING in names:
        print("\nchoosing in a hall of 3,000, without a database", flush=True)
        done += _printed(measure_choosing(_QUICK_HALLS if quick else _HALLS))
    if _PDF in names:
        print("\na ticket as a PDF, without a database", flush=True)
        done += _printed(measure_printing(_QUICK_PAGES if quick else _PAGES))
    if _FRAMES in names:
        print("\nframes on a phone, processor slowed four times", flush=True)
        with tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder:
            done += _printed(measure_frames(Path(folder)))
    if _COLD_START in names:
        print("\nthe scanner's page where there is no network, browser started anew", flush=True)
        with tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder:
            done += _printed(measure_cold_start(Path(folder), quick=quick))
    if _PICTURES in names:
        print("\nhard pictures of tickets before the scanner's decoder", flush=True)
        done += _printed(measure_pictures(quick=quick))
    if _VERDICTS in names:
        print("\nverdicts of a phone alone", flush=True)
        with tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder:
            done += _printed(measure_verdicts(Path(folder), quick=quick))
    return done


def _measure_all(
    product: Product, scenarios: Sequence[Scenario], seconds: float, *, quick: bool
) -> tuple[list[Measurement], list[Check]]:
    ready = product.restart_seconds()
    measured = []
    for scenario in scenarios:
        if scenario.path and fetch(product, scenario.path)[0] != 200:  # noqa: PLR2004 - the status itself
            print(f"  {scenario.title}: {scenario.path} does not answer 200; left out")
            continue
        measured.append(measure(product, scenario, seconds, print, runs=1 if quick else 3))
    proportional, resident = memory(family(product.app))
    checks = [
        at_most("start to ready, s", ready, _READY_SECONDS),
        at_most("memory PSS, MB", proportional, _MEMORY_MB),
        at_most("memory RSS, MB", resident, None),
    ]
    print(load_rows(measured))
    print("\n".join(check_row(check) for check in checks), flush=True)
    return measured, checks


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Kassa on this machine.")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(_parts()) + "; all by default")
    parser.add_argument("--db", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="how long each scenario runs")
    parser.add_argument("--quick", action="store_true", help="two seconds each, and no second try")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(_parts())
    if unknown:
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(_parts())}")
    return asked


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LoadError, PairsFailedError, DoorFailedError, VerdictsFailedError) as error:
        print(f"broken: {error}", file=sys.stderr)
        sys.exit(1)
