"""Whatever crashes between any two steps, at every bank each tenge is where the books say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select

from tests.database import DatabaseFactory
from tests.integration.stateful.crash_banks import Bank, NumberedBank, StripeBank
from tests.integration.stateful.crash_machine import CrashMachine
from tests.integration.stateful.crash_world import World
from tests.support.kassa import SettableClock, copy_database
from ticketing.sales.inbox import Inbox
from ticketing.sales.models import GatewayEvent
from ticketing.sales.payments.port import Capture, RefundRequest, RefundStatus
from ticketing.sales.payments.stripe import StripeGateway

BANKS: dict[str, Callable[[SettableClock], Bank]] = {
    "stripe": lambda clock: StripeBank(clock, Capture.AUTOMATIC),
    "stripe_manual": lambda clock: StripeBank(clock, Capture.MANUAL),
    "numbered": NumberedBank,
}
_REFUND, _NUMBERS = StripeGateway.refund, count()
_STEPS = 25
_SLOW_BY_NATURE = list(HealthCheck)
Begin = Callable[[str], CrashMachine]


@pytest.fixture
def begin(
    backend: str, databases: DatabaseFactory, festival_template: str, tmp_path: Path
) -> Iterator[Begin]:
    """A function that starts a machine on a new database with a bank."""
    made: list[str] = []

    def start(bank: str) -> CrashMachine:
        for url in made:
            databases.drop(url)
        made[:] = [copy_database(databases, backend, festival_template)]
        clock = SettableClock()
        return CrashMachine(World(made[0], tmp_path, BANKS[bank](clock), clock))

    yield start
    for url in made:
        databases.drop(url)


@pytest.mark.parametrize("bank", BANKS)
def test_no_crash_loses_or_doubles_a_tenge(begin: Begin, backend: str, bank: str) -> None:
    run_state_machine_as_test(
        lambda: begin(bank),
        settings=settings(
            max_examples=6 if backend == "sqlite" else 1,
            stateful_step_count=_STEPS,
            suppress_health_check=_SLOW_BY_NATURE,
            phases=[Phase.generate],
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif("settings.get_current_profile_name() != 'explore'")
@pytest.mark.parametrize("bank", BANKS)
def test_no_crash_of_many_loses_or_doubles_a_tenge(begin: Begin, bank: str) -> None:
    """The long search: HYPOTHESIS_PROFILE=explore."""
    run_state_machine_as_test(
        lambda: begin(bank),
        settings=settings(
            stateful_step_count=60,
            derandomize=False,
            suppress_health_check=_SLOW_BY_NATURE,
            phases=[Phase.generate, Phase.shrink],
        ),
    )


def _refund_with_new_key(gateway: StripeGateway, request: RefundRequest, /) -> RefundStatus:
    """Ask for a refund as somebody would who makes a new key for each try."""
    return _REFUND(gateway, replace(request, key=f"{request.key}:{next(_NUMBERS)}"))


def _marked_before_its_work(inbox: Inbox, gateway: str, event: str) -> None:
    """Process an event as somebody would who ticks it off first."""
    with inbox.calls.database.transaction() as session:
        kept = session.scalars(
            select(GatewayEvent).where(GatewayEvent.gateway == gateway, GatewayEvent.event == event)
        ).one()
        if kept.processed_at is not None:
            return
        kept.processed_at, kept.outcome = inbox.calls.clock.now(), "done"
        about, name = kept.about, kept.name
    inbox._read(inbox.calls.gateways[gateway], about, name, None)


# What a broken guard looks like, and what the search must say of it.
BROKEN = {
    "refund key that changes": (
        (StripeGateway, "refund", _refund_with_new_key),
        r"the books differ|given back twice",
    ),
    "event marked before its work": (
        (Inbox, "process_event", _marked_before_its_work),
        r"the books differ",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_guard_is_found(begin: Begin, backend: str, fault: str) -> None:
    """The negative controls: the same search finds what a broken guard lets through."""
    if backend != "sqlite":
        pytest.skip("the guards are not the database's")
    (owner, name, broken), said = BROKEN[fault]
    with patch.object(owner, name, broken), pytest.raises(AssertionError, match=said):
        run_state_machine_as_test(
            lambda: begin("stripe"),
            settings=settings(
                max_examples=60,
                stateful_step_count=_STEPS,
                suppress_health_check=_SLOW_BY_NATURE,
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )
