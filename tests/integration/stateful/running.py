"""Running a machine of rules: so many evenings of so many steps each."""

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run_machine(make: Callable[[], RuleBasedStateMachine], *, evenings: int, steps: int) -> None:
    """Run a machine; what fails is not shortened, since each step works on a real database."""
    run_state_machine_as_test(
        make,
        settings=settings(
            max_examples=evenings,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=SLOW,
            phases=[Phase.explicit, Phase.generate],
        ),
    )
