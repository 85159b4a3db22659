"""Whatever staff, counter and phones do, in whatever order it arrives: the hall is never fuller than full."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.stateful.rush_machine import PHONES, RushMachine
from tests.support.house import House, open_house

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(database_url, tmp_path, phones=PHONES)
    yield opened
    opened.close()


def test_no_order_of_things_passes_the_capacity(house: House) -> None:
    run_state_machine_as_test(
        lambda: RushMachine(house),
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=_SLOW,
            phases=[Phase.explicit, Phase.generate],
        ),
    )
