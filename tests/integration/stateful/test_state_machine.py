"""Whatever people, bank, worker and door do, in any order, keeps I1 to I5 and agrees with a model."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.stateful.machine import FestivalMachine
from tests.integration.stateful.running import SLOW, run_machine
from tests.support.house import House


def test_any_order_of_events_keeps_the_invariants(house: House) -> None:
    run_machine(lambda: FestivalMachine(house), evenings=15, steps=60)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif("settings.get_current_profile_name() != 'explore'")
def test_many_orders_of_events_keep_the_invariants(house: House) -> None:
    """The long search: HYPOTHESIS_PROFILE=explore."""
    run_state_machine_as_test(
        lambda: FestivalMachine(house),
        settings=settings(
            stateful_step_count=100, derandomize=False, suppress_health_check=SLOW,
            phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
