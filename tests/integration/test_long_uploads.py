"""What a phone that was away for long sends at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.support import calls
from tests.support.house import House, open_house
from tests.support.statements import statements

FEW, MANY = 4, 24


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(database_url, tmp_path)
    yield opened
    opened.require_invariants()
    opened.close()


def bought(house: House, number: int) -> list[str]:
    """Return the codes of so many tickets."""
    codes: list[str] = []
    while len(codes) < number:
        ordered = calls.order(house.call, [calls.hold(house.call, "many", 4).body]).body
        assert calls.pay(house.call, ordered).status == 200
        codes += [ticket["code"] for ticket in calls.read_order(house.call, ordered)["tickets"]]
    return codes


def asked(house: House, codes: list[str], first: int) -> int:
    """Return how many statements it takes to send greens and one that was taken back, of each ticket one."""
    entries = [
        calls.a_scan(
            UUID(int=first + n), code, "many", house.now(), first + n, offline=True,
            verdict="refuse" if n == 0 else "admit", reason="undo" if n == 0 else "ok",
        )
        for n, code in enumerate(codes)
    ]  # fmt: skip
    with statements(house.app.extensions["kassa"].database) as seen:
        results = calls.scan(house.call, house.phones[0], house.now(), *entries)
    assert [one["stored"] for one in results] == ["stored"] * len(codes)
    return len(seen)


def test_no_scan_costs_a_statement_of_its_own(house: House) -> None:
    codes = bought(house, 2 * FEW + MANY)
    house.clock.time += timedelta(hours=3)
    asked(house, codes[:FEW], 1)  # what is asked for once a process
    few = asked(house, codes[FEW : 2 * FEW], 1_000)
    assert asked(house, codes[2 * FEW :], 2_000) == few
    assert house.value("SELECT count(*) FROM ticket WHERE inside") == 2 * (FEW - 1) + MANY - 1
