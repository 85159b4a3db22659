"""What Linux tells of this machine and its processes: CPU time, memory, versions."""

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# Fields of /proc/<pid>/stat after the program's name, which may itself hold blanks (man 5 proc).
_PARENT, _USER, _SYSTEM = 1, 11, 12
# Of the columns of /proc/stat: idle and waiting for disks is not work, and guests are in user time already.
_IDLE = {3, 4}
_COLUMNS = 8
_ADDITIONS, _PACES = 1_000_000, 5


@dataclass(frozen=True)
class CpuTimes:
    """Seconds of CPU used so far: by the web processes, worker, database, this one, and by all there is."""

    web: float
    worker: float
    database: float
    own: float
    everything: float
    capacity: float

    def since(self, earlier: "CpuTimes") -> "CpuTimes":
        """Return what was used in between."""
        return CpuTimes(
            self.web - earlier.web,
            self.worker - earlier.worker,
            self.database - earlier.database,
            self.own - earlier.own,
            self.everything - earlier.everything,
            self.capacity - earlier.capacity,
        )

    @property
    def foreign_share(self) -> float:
        """Return which part of the machine others used, from 0 to 1."""
        return max(0.0, self.everything - self.web - self.worker - self.database - self.own) / (
            self.capacity or 1
        )


def cpu_times(web: int, worker: int, database: Collection[int]) -> CpuTimes:
    """Read the times of process trees, given by their roots."""
    columns = [int(n) for n in (_PROC / "stat").read_text().split("\n", 1)[0].split()[1 : _COLUMNS + 1]]
    busy = sum(n for at, n in enumerate(columns) if at not in _IDLE)
    return CpuTimes(
        web=_used(family([web])),
        worker=_used(family([worker])),
        database=_used(family(database)),
        own=_used({os.getpid()}),
        everything=busy / _TICKS,
        capacity=sum(columns) / _TICKS,
    )


def family(roots: Iterable[int]) -> set[int]:
    """Return processes with all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        fields = _stat(int(entry.name)) if entry.name.isdigit() else None
        if fields:
            children.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found: set[int] = set()
    left = list(roots)
    while left:
        process = left.pop()
        found.add(process)
        left += children.get(process, [])
    return found


def memory(processes: Iterable[int]) -> tuple[float, float]:
    """Return PSS and RSS of processes in MB. PSS counts a page that n processes share as 1/n each."""
    total = {"Pss": 0, "Rss": 0}
    for process in processes:
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            if name in total:
                total[name] += int(rest.split()[0])
    return total["Pss"] / 1024, total["Rss"] / 1024


def description() -> dict[str, str]:
    """Return what the figures depend on."""
    model = "unknown"
    for line in (_PROC / "cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "processors": f"{os.cpu_count()} × {model}",
        "system": f"{platform.system()} {platform.release()}",
        "pace": f"{_pace_ms():.0f} ms for a million additions in Python, to compare machines by",
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("sqlalchemy", "psycopg", "flask", "gunicorn")},
    }


def _pace_ms() -> float:
    """Return the least CPU time that a fixed piece of arithmetic takes."""
    spans = []
    for _ in range(_PACES):
        begin, total = time.thread_time(), 0
        for number in range(_ADDITIONS):
            total += number
        spans.append(1000 * (time.thread_time() - begin))
    return min(spans)


def _used(processes: Iterable[int]) -> float:
    ticks = 0
    for process in processes:
        fields = _stat(process)
        if fields:
            ticks += int(fields[_USER]) + int(fields[_SYSTEM])
    return ticks / _TICKS


def _stat(process: int) -> list[str] | None:
    try:
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
