"""Three phones, many scans, a network that comes and goes: the server ends where a model ends."""

from tests.integration.stateful.merge_machine import MergeMachine
from tests.integration.stateful.running import run_machine
from tests.support.house import House


def test_any_network_ends_where_the_model_ends(house: House) -> None:
    run_machine(lambda: MergeMachine(house), evenings=40, steps=50)
