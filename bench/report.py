"""What `make bench` prints, and keeps as JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measure import MOST_FOREIGN, Check, Measurement

_OUTPUT = Path(__file__).parent / "output"


def heading(machine: Mapping[str, str]) -> str:
    """Return what the figures depend on."""
    return "\n".join(f"  {name:<12}{value}" for name, value in machine.items())


def load_rows(measurements: Sequence[Measurement]) -> str:
    """Return the table of the scenarios: CPU in milliseconds a unit, by web processes, worker, database."""
    titles = ("rate/s", "p50 ms", "p99 ms", "CPU ms", "worker", "DB", "foreign", "queue")
    lines = [f"  {'':<32}" + "".join(f"{title:>8}" for title in titles)]
    for one in measurements:
        mark = "*" if one.foreign_share > MOST_FOREIGN else " "
        lines.append(
            f"  {one.title:<32}{one.rate:>8,.0f}{one.p50_ms:>8.1f}{one.p99_ms:>8.1f}{one.cpu_ms:>8.2f}"
            f"{one.worker_cpu_ms:>8.2f}{one.database_cpu_ms:>8.2f}{one.foreign_share:>7.0%}{mark}"
            f"{one.backlog:>8,}"
        )
        lines += [check_row(check) for check in one.checks]
    return "\n".join(lines)


def check_row(check: Check) -> str:
    """Return one figure beside its target."""
    verdict = "" if check.met is None else ("met" if check.met else "NOT MET")
    target = "" if check.target is None else f"target {check.target:,g}"
    return f"      {check.what:<46}{check.measured:>10,.4g}   {target:<16}{verdict}"


def keep(results: Mapping[str, object]) -> Path:
    """Write the results of this run over those of the last."""
    _OUTPUT.mkdir(exist_ok=True)
    file = _OUTPUT / "last.json"
    file.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    return file
