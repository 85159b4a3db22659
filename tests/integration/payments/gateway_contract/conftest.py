"""Each test of the contract runs with each gateway; those that keep their memory in a database, on both."""

from collections.abc import Callable, Iterator

import pytest

from tests.integration.payments.gateway_contract.world import Trait, World
from tests.integration.payments.gateway_contract.worlds import DemoWorld, LocalWorld, StripeWorld
from ticketing.foundation.db import Database


@pytest.fixture(params=["stripe", "demo", "local"])
def world(
    request: pytest.FixtureRequest, make_database_url: Callable[[], str], backend: str
) -> Iterator[World]:
    """A gateway with its bank."""
    if request.param == "stripe":
        if backend != "sqlite":
            pytest.skip("its memory is in no database")
        yield StripeWorld()  # type: ignore[misc]
        return
    database = Database(make_database_url())
    yield (DemoWorld if request.param == "demo" else LocalWorld)(database)  # type: ignore[misc]
    database.close()


@pytest.fixture
def need(world: World) -> Callable[..., None]:
    """A function that leaves out a test of what this bank cannot do."""

    def need(*traits: Trait) -> None:
        missing = set(traits) - world.traits
        if missing:
            pytest.skip(f"this bank does not do: {', '.join(sorted(missing))}")

    return need
