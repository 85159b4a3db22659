"""A festival that people go to: the demo festival on a real server, partly sold."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.browser.festival import load_festival, running
from tests.browser.live import Live
from tests.database import DatabaseFactory
from ticketing.foundation.migrations import upgrade

# How much of the demo is sold, in orders of up to eight places.
_SOLD = {"s04": 9, "s05": 12, "s06": 12, "s08": 9, "s13": 20, "s01": 19}
_SIZES = (2, 8, 1, 8, 4, 8, 2, 8)
# Wheelchair spaces and their companions' seats are nobody's best places.
_KEPT = 6
_NAMES = ("Нұрлан Есенов", "Ольга Ким", "Әсел Оразбаева", "Тимур Ахметов", "Ingrid Haug", "Дана Сейітова")


@contextmanager
def busy_festival() -> Iterator[tuple[Live, Path]]:
    """Run a festival with its orders; give it and a folder that goes away with it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases = DatabaseFactory(upgrade)
        try:
            url = databases.fresh("sqlite")
            load_festival(url, folder)
            with running(url, folder) as live:
                _sell(live)
                yield live, folder
        finally:
            databases.close()


def _sell(live: Live) -> None:
    sizes, names = cycle(_SIZES), cycle(_NAMES)
    for screening, orders in _SOLD.items():
        for _ in range(orders):
            size = next(sizes)
            if live.screening(screening)["places"]["free"] >= size + _KEPT:
                live.buy(screening, size, next(names))
