"""One evening of sales and refunds, once for each point at which the process may end: no tenge is lost."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import settings

from tests.integration.stateful.conftest import MakeWorld
from tests.integration.stateful.crash_banks import BANKS, StripeBank
from tests.integration.stateful.crash_faults import LATE_TICKETS, broken
from tests.integration.stateful.crash_world import World
from tests.support.crashes import ANY, KilledError
from tests.support.kassa import Json, order_body, session_of

SCREENING = "s06"
# Of so many points one is tried in the suite, other ones at each bank.
_STRIDE = {"sqlite": 24, "postgres": 120}


class Evening:
    """What is done, deed by deed; each may be done again by whoever saw no answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.said: dict[str, Json] = {}

    def deeds(self) -> list[Callable[[], object]]:
        """Return the deeds in their order."""
        bank = self.world.bank
        evening: list[Callable[[], object]] = [
            *self._sale("one", 1, "card"),
            *self._sale("two", 2, "slow"),
            partial(bank.settle, 0, paid=True),
            *self._heard(),
            *self._sale("left", 3, ""),
            partial(self.world.clock.forward, minutes=11),
            self._duty("overdue"),
            *self._heard(),
            lambda: self._refund("one", {"tickets": [self._tickets("one")[0]]}),
            *self._heard(),
            lambda: self._refund("two", {"fee": {"minor": 10_000, "currency": "KZT"}}),
            *self._heard(),
        ]
        if isinstance(bank, StripeBank):
            evening += [
                *self._sale("three", 4, "card"),
                partial(bank.dispute, 0),
                *self._heard(),
                partial(bank.decide, 0, won=False),
                *self._heard(),
                partial(bank.refund_by_hand, 1, 3),
                *self._heard(),
            ]
        return [*evening, self._duty("reconcile")]

    def _sale(self, name: str, row: int, way: str) -> list[Callable[[], object]]:
        places = [f"З-{row}-1", f"З-{row}-2"]

        def order() -> None:
            body = order_body(self.said[f"hold {name}"], email=f"{name}@example.org")
            self._ask(name, "/api/v1/orders", body, "")

        return [
            lambda: self._ask(f"hold {name}", "/api/v1/holds", {"screening": SCREENING, "places": places}),
            order,
            lambda: self._pay(name, way),
            *self._heard(),
        ]

    def _pay(self, name: str, way: str) -> None:
        if way:
            self.world.bank.pay(session_of(self.said[name]), way)

    def _heard(self) -> list[Callable[[], object]]:
        return [lambda: self.world.bank.deliver(self.world.call_back, None), self._duty("outbox")]

    def _duty(self, name: str) -> Callable[[], object]:
        return lambda: self.world.kassa.duties[name]()  # noqa: PLW0108 - the process may be another by then

    def _tickets(self, name: str) -> list[str]:
        tickets = [one["ticket"] for one in self.world.kassa.read(self.said[name])["tickets"]]
        assert tickets, "paid and without tickets"
        return tickets

    def _refund(self, name: str, what: Json) -> None:
        path = f"/api/v1/orders/{self.said[name]['order']}/refunds"
        self._ask(f"refund {name}", path, {"reason": "ill", **what}, self.world.staff)

    def _ask(self, name: str, path: str, body: Json, auth: str = "") -> None:
        answer = self.world.kassa.post(path, body, auth, f"key {name}")
        assert answer.status_code == 201, answer.get_data(as_text=True)
        self.said[name] = answer.get_json()


def live_through(world: World, dies_at: int) -> None:
    """Do everything; the process ends once, at a point, and whoever was doing something does it again."""
    world.fate.decide(ANY, dies_at)
    for deed in Evening(world).deeds():
        try:
            deed()
        except KilledError:
            world.restart()
            # What the dead worker had taken up is free for the next one after a while.
            world.clock.forward(minutes=3)
            deed()
    world.settle()
    world.require_every_tenge()
    world.kassa.close()


def points(make_world: MakeWorld, bank: str) -> int:
    """Return how many points an evening without any end has."""
    world = make_world(bank)
    live_through(world, 0)
    return world.fate.passed


@pytest.mark.parametrize("bank", BANKS)
def test_whenever_the_process_ends_every_tenge_is_there(
    make_world: MakeWorld, backend: str, bank: str
) -> None:
    stride = _STRIDE[backend]
    first = 1 + list(BANKS).index(bank)
    for dies_at in range(first, points(make_world, bank), stride):
        live_through(make_world(bank), dies_at)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(settings.get_current_profile_name() != "explore", reason="the long search")
@pytest.mark.parametrize("bank", BANKS)
def test_at_each_single_point(make_world: MakeWorld, bank: str) -> None:
    """All of them: HYPOTHESIS_PROFILE=explore."""
    for dies_at in range(1, points(make_world, bank)):
        live_through(make_world(bank), dies_at)


def test_a_broken_guard_is_found(make_world: MakeWorld, backend: str) -> None:
    """The negative control: the same evening shows what a broken guard lets through."""
    if backend != "sqlite":
        pytest.skip("the guards are not the database's")

    def search() -> None:
        for dies_at in range(1, points(make_world, "stripe")):
            live_through(make_world("stripe"), dies_at)

    with (
        broken(LATE_TICKETS),
        pytest.raises(AssertionError, match=r"without tickets|the books differ|I3"),
    ):
        search()
