"""Whatever staff, counter and phones do, in whatever order it arrives: the hall is never fuller than full."""

from tests.integration.stateful.running import run_machine
from tests.integration.stateful.rush_machine import RushMachine
from tests.support.house import House


def test_no_order_of_things_passes_the_capacity(house: House) -> None:
    run_machine(lambda: RushMachine(house), evenings=12, steps=40)
