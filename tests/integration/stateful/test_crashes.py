"""Whatever crashes between any two steps, at every bank each tenge is where the books say."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.stateful.conftest import MakeWorld
from tests.integration.stateful.crash_affairs import FullCrashMachine
from tests.integration.stateful.crash_banks import BANKS
from tests.integration.stateful.crash_faults import FAULTS, broken

_SLOW_BY_NATURE = list(HealthCheck)
_long_search = pytest.mark.skipif(
    settings.get_current_profile_name() != "explore", reason="HYPOTHESIS_PROFILE=explore asks for it"
)


@pytest.mark.parametrize("bank", BANKS)
def test_no_crash_loses_or_doubles_a_tenge(make_world: MakeWorld, backend: str, bank: str) -> None:
    run_state_machine_as_test(
        lambda: FullCrashMachine(make_world(bank)),
        settings=settings(
            max_examples=6 if backend == "sqlite" else 1,
            stateful_step_count=25,
            suppress_health_check=_SLOW_BY_NATURE,
            phases=[Phase.generate],
        ),
    )


@_long_search
@pytest.mark.slow
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("bank", BANKS)
def test_no_crash_of_many_loses_or_doubles_a_tenge(make_world: MakeWorld, bank: str) -> None:
    """The long search: HYPOTHESIS_PROFILE=explore."""
    run_state_machine_as_test(
        lambda: FullCrashMachine(make_world(bank)),
        settings=settings(
            stateful_step_count=60,
            derandomize=False,
            suppress_health_check=_SLOW_BY_NATURE,
            phases=[Phase.generate, Phase.shrink],
        ),
    )


@_long_search
@pytest.mark.slow
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_guard_is_found_by_the_long_search(make_world: MakeWorld, backend: str, fault: str) -> None:
    if backend != "sqlite":
        pytest.skip("the guards are not the database's")
    with broken(fault), pytest.raises(AssertionError, match=r"the books differ|given back twice|I3"):
        run_state_machine_as_test(
            lambda: FullCrashMachine(make_world("stripe")),
            settings=settings(
                stateful_step_count=60,
                derandomize=False,
                suppress_health_check=_SLOW_BY_NATURE,
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )
