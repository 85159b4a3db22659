"""Running one scenario on a started product, again if somebody else used the machine meanwhile."""

import gzip
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import Any

from bench.load import Load, run
from bench.machine import CpuTimes, cpu_times
from bench.product import Product
from bench.scenarios import Scenario

MOST_FOREIGN = 0.1
_MOST_RUNS = 3
_WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Check:
    """One figure beside its target."""

    what: str
    measured: float
    target: float | None
    met: bool | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A scenario's figures on one database."""

    title: str
    unit: str
    backend: str
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    worker_cpu_ms: float
    database_cpu_ms: float
    foreign_share: float
    backlog: int
    runs: int
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures for the file."""
        return asdict(self)


def at_least(what: str, measured: float, target: float | None) -> Check:
    """Return a figure that must not be lower."""
    return Check(
        what=what, measured=measured, target=target, met=None if target is None else measured >= target
    )


def at_most(what: str, measured: float, target: float | None) -> Check:
    """Return a figure that must not be higher."""
    return Check(
        what=what, measured=measured, target=target, met=None if target is None else measured <= target
    )


def measure(
    product: Product,
    scenario: Scenario,
    seconds: float,
    say: Callable[[str], None],
    *,
    runs: int = _MOST_RUNS,
) -> Measurement:
    """Warm up, run, and run again while others use the machine; the calmest run counts."""
    run(product.server.port, scenario.clients(product.world), _WARM_UP_SECONDS)
    scenario.after(product.world)
    best: tuple[Load, CpuTimes] | None = None
    done = 0
    while done < runs and (best is None or best[1].foreign_share > MOST_FOREIGN):
        before = cpu_times(*product.app, product.database)
        load = run(product.server.port, scenario.clients(product.world), seconds)
        used = cpu_times(*product.app, product.database).since(before)
        scenario.after(product.world)
        done += 1
        if used.foreign_share > MOST_FOREIGN:
            say(f"  {scenario.title}: others used {used.foreign_share:.0%} of the machine during run {done}")
        if best is None or used.foreign_share < best[1].foreign_share:
            best = (load, used)
    if best is None:
        raise ValueError("at least one run is needed")
    return _measurement(product, scenario, *best, done)


def _measurement(product: Product, scenario: Scenario, load: Load, used: CpuTimes, runs: int) -> Measurement:
    each = 1000 / max(1, load.units)
    cpu_ms = each * used.web
    p99 = load.percentile_ms(99)
    checks = [
        at_least("rate", load.rate, scenario.rate_targets.get(product.backend)),
        at_most("p99 ms", p99, scenario.p99_ms),
        at_most("CPU ms", cpu_ms, scenario.cpu_ms),
    ]
    if scenario.gzip_kb is not None:
        checks.append(at_most("KB gzip", _gzip_kb(product, scenario), scenario.gzip_kb))
    return Measurement(
        title=scenario.title,
        unit=scenario.unit,
        backend=product.backend,
        rate=load.rate,
        p50_ms=load.percentile_ms(50),
        p99_ms=p99,
        cpu_ms=cpu_ms,
        worker_cpu_ms=each * used.worker,
        database_cpu_ms=each * used.database,
        foreign_share=used.foreign_share,
        backlog=product.backlog(),
        runs=runs,
        checks=tuple(check for check in checks if check.target is not None),
    )


def _gzip_kb(product: Product, scenario: Scenario) -> float:
    status, body = fetch(product, scenario.path)
    if status != 200:  # noqa: PLR2004 - the status itself
        message = f"{scenario.path} answered {status}"
        raise ValueError(message)
    return len(gzip.compress(body, 6)) / 1024


def fetch(product: Product, path: str) -> tuple[int, bytes]:
    """Return status and body of a page."""
    connection = HTTPConnection("127.0.0.1", product.server.port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
