"""What every gateway that calls back must do with what comes in: believe nothing, know what to look at."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.payments.gateway_contract.world import Trait, World, paid
from ticketing.sales.payments.port import (
    CallbackRefusedError,
    Disputing,
    Notifying,
    Relisting,
    SessionState,
    Subject,
)

Need = Callable[..., None]
GARBAGE = (b"", b"null", b"{}", b"[" * 10_000, b"\xff\x00\xfe", b"a=b&c", b"x" * 300_000)


def session_about(world: World, about: Subject, name: str) -> str:
    """Return the session that a notification leads to."""
    if about is Subject.SESSION:
        return name
    assert isinstance(world.gateway, Disputing)
    return world.gateway.session_of(name)


def test_a_payment_is_told(world: World, need: Need) -> None:
    need(Trait.CALLS_BACK)
    gateway = world.gateway
    assert isinstance(gateway, Notifying)
    session = paid(world)
    calls = world.calls()
    told = [gateway.read_callback(call.raw, call.headers, world.clock.now()) for call in calls]
    notifications = [one for callback in told for one in callback.notifications]
    assert {session_about(world, one.about, one.name) for one in notifications} == {session}
    assert {callback.body for callback in told} == {told[0].body}
    for one in notifications:
        assert 0 < len(one.event) <= 200
        assert len(one.kind) <= 64
    again = [gateway.read_callback(call.raw, call.headers, world.clock.now()) for call in calls]
    assert again == told, "the same callback has the same ids"
    assert world.gateway.status(session).state is SessionState.CAPTURED


@pytest.mark.parametrize("raw", GARBAGE)
def test_garbage_is_refused(world: World, need: Need, raw: bytes) -> None:
    need(Trait.CALLS_BACK)
    gateway = world.gateway
    assert isinstance(gateway, Notifying)
    paid(world)
    headers = [{}, world.calls()[0].headers, {"Stripe-Signature": "t=1,v1=0"}]
    for given in headers:
        with pytest.raises(CallbackRefusedError):
            gateway.read_callback(raw, given, world.clock.now())


def test_a_callback_cut_off_is_refused(world: World, need: Need) -> None:
    need(Trait.CALLS_BACK)
    gateway = world.gateway
    assert isinstance(gateway, Notifying)
    paid(world)
    call = world.calls()[0]
    for length in (0, 1, len(call.raw) // 2):
        with pytest.raises(CallbackRefusedError):
            gateway.read_callback(call.raw[:length], call.headers, world.clock.now())


def test_what_was_not_delivered_is_listed(world: World, need: Need) -> None:
    need(Trait.RELISTS)
    gateway = world.gateway
    assert isinstance(gateway, Relisting)
    assert isinstance(gateway, Notifying)
    session = paid(world)
    since = world.clock.now() - timedelta(days=1)
    listed = gateway.undelivered(since)
    assert {session_about(world, one.about, one.name) for one in listed} == {session}
    calls = world.calls()
    told = [gateway.read_callback(call.raw, call.headers, world.clock.now()) for call in calls]
    assert [one for callback in told for one in callback.notifications] == list(listed)
    assert gateway.undelivered(since) == []
