"""What every gateway must do with refunds."""

from collections.abc import Callable

import pytest

from tests.integration.payments.gateway_contract.world import AMOUNT, Trait, World, back, opened, paid
from tests.support.together import copies, together
from ticketing.sales.payments.port import (
    GatewayRefusedError,
    GatewayUnreachableError,
    RefundRequest,
    RefundState,
)

Need = Callable[..., None]


def refused(world: World, request: RefundRequest) -> bool:
    """Tell whether a refund is refused: at once, or by its word."""
    try:
        return world.gateway.refund(request).state is RefundState.FAILED
    except GatewayRefusedError:
        return True


def test_everything_goes_back_once(world: World) -> None:
    session = paid(world)
    for _ in range(3):
        status = world.gateway.refund(back(session, AMOUNT))
        assert status.state in (RefundState.DONE, RefundState.PENDING)
        assert status.name
    assert world.money(session) == (AMOUNT, AMOUNT)


def test_the_same_key_at_once_gives_back_once(world: World) -> None:
    """A bank without keys is asked by one of them; the others hear that they must look again."""
    session = paid(world)

    def ask() -> None:
        try:
            world.gateway.refund(back(session, AMOUNT // 2))
        except GatewayUnreachableError:
            return

    together(*copies(4, ask))
    assert world.money(session) == (AMOUNT, AMOUNT // 2)


def test_part_by_part_until_nothing_is_left(world: World) -> None:
    if Trait.REFUNDS_ONCE in world.traits:
        pytest.skip("this bank gives back a part only once")
    session = paid(world)
    for number in range(3):
        world.gateway.refund(back(session, AMOUNT // 3, number))
    assert world.money(session) == (AMOUNT, AMOUNT)
    assert refused(world, back(session, 1, 4))
    assert world.money(session) == (AMOUNT, AMOUNT)


def test_a_second_part_is_refused_by_a_bank_that_gives_back_once(world: World, need: Need) -> None:
    need(Trait.REFUNDS_ONCE)
    session = paid(world)
    world.gateway.refund(back(session, AMOUNT // 3, 1))
    assert refused(world, back(session, AMOUNT // 3, 2))
    assert world.money(session) == (AMOUNT, AMOUNT // 3)


def test_never_more_than_was_taken(world: World) -> None:
    session = paid(world)
    assert refused(world, back(session, AMOUNT + 1))
    assert world.money(session) == (AMOUNT, 0)


def test_nothing_goes_back_of_what_was_not_paid(world: World) -> None:
    session = opened(world)
    assert refused(world, back(session, 1))
    world.gateway.expire(session)
    assert refused(world, back(session, 1, 2))
    assert world.money(session) == (0, 0)


def test_a_refund_is_read_by_its_name(world: World) -> None:
    request = back(paid(world), AMOUNT // 2)
    made = world.gateway.refund(request)
    read = world.gateway.refund_status(request, made.name)
    assert (read.state, read.name) == (made.state, made.name)
    with pytest.raises(GatewayRefusedError):
        world.gateway.refund_status(request, "nobody")


@pytest.mark.parametrize("after", [True, False])
def test_a_refund_without_answer_may_be_repeated(world: World, need: Need, *, after: bool) -> None:
    need(Trait.LOSES_ANSWERS)
    session = paid(world)
    world.lose("refund", after=after)
    with pytest.raises(GatewayUnreachableError):
        world.gateway.refund(back(session, AMOUNT // 2))
    world.clock.forward(minutes=15)  # a bank without keys is not asked again at once
    world.gateway.refund(back(session, AMOUNT // 2))
    assert world.money(session) == (AMOUNT, AMOUNT // 2)


def test_a_new_key_for_the_same_refund_makes_no_second_one(world: World, need: Need) -> None:
    need(Trait.LOSES_ANSWERS)
    session = paid(world)
    world.gateway.refund(back(session, AMOUNT // 2))
    assert world.gateway.refund(back(session, AMOUNT // 2, attempt=2)).state is not RefundState.FAILED
    assert world.money(session) == (AMOUNT, AMOUNT // 2)


def test_a_slow_refund_is_followed_to_its_end(world: World, need: Need) -> None:
    need(Trait.REFUNDS_SLOWLY)
    world.slow_refunds()
    request = back(paid(world), AMOUNT)
    made = world.gateway.refund(request)
    assert made.state is RefundState.PENDING
    world.settle_refund(made.name, done=True)
    assert world.gateway.refund_status(request, made.name).state is RefundState.DONE


def test_a_refund_that_failed_may_be_made_under_a_new_key(world: World, need: Need) -> None:
    need(Trait.REFUNDS_SLOWLY, Trait.REFUNDS_FAIL)
    world.slow_refunds()
    session = paid(world)
    made = world.gateway.refund(back(session, AMOUNT))
    world.settle_refund(made.name, done=False)
    assert world.gateway.refund_status(back(session, AMOUNT), made.name).state is RefundState.FAILED
    again = world.gateway.refund(back(session, AMOUNT, attempt=2))
    world.settle_refund(again.name, done=True)
    assert world.money(session) == (AMOUNT, AMOUNT)
