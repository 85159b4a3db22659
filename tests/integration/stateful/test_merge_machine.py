"""Three phones, many scans, a network that comes and goes: the server ends where a model ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.stateful.merge_machine import PHONES, MergeMachine
from tests.support.house import House, open_house

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    opened = open_house(database_url, tmp_path, phones=PHONES)
    yield opened
    opened.close()


def test_any_network_ends_where_the_model_ends(house: House) -> None:
    run_state_machine_as_test(
        lambda: MergeMachine(house),
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=_SLOW,
            phases=[Phase.explicit, Phase.generate],
        ),
    )
