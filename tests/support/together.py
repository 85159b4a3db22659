"""Doing things at once, in threads of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

_SECONDS = 60
Result = TypeVar("Result")


def together(*deeds: Callable[[], Result]) -> list[Result]:
    """Do all at once, one thread each, from one starting line; return the results in order, or raise."""
    line = Barrier(len(deeds))

    def run(deed: Callable[[], Result]) -> Result:
        line.wait(_SECONDS)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        futures = [threads.submit(run, deed) for deed in deeds]
        return [future.result() for future in futures]


def copies(number: int, deed: Callable[[], Result]) -> Sequence[Callable[[], Result]]:
    """Return the same deed several times."""
    return [deed] * number
