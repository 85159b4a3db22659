"""What every gateway must do with payment pages."""

from collections.abc import Callable

import pytest

from tests.integration.payments.gateway_contract.world import AMOUNT, Trait, World, asked, opened, paid
from tests.support.together import copies, together
from ticketing.sales.payments.port import (
    Capture,
    Capturing,
    Gateway,
    GatewayRefusedError,
    GatewayUnreachableError,
    Item,
    SessionState,
)

Need = Callable[..., None]


def test_it_says_who_it_is(world: World) -> None:
    gateway: Gateway = world.gateway
    assert gateway.name
    assert len(gateway.name) <= 16
    assert gateway.itemised in (True, False)
    assert gateway.capture_mode in set(Capture)


def test_the_same_key_opens_one_page(world: World) -> None:
    request = asked(world)
    first = world.gateway.start(request)
    assert world.gateway.start(request) == first
    assert world.pages() == 1
    assert first.url.startswith(("http://", "https://"))
    assert 0 < len(first.session) <= 200
    assert len(first.url) <= 1000


def test_the_same_key_at_once_opens_one_page(world: World) -> None:
    request = asked(world)
    started = together(*copies(4, lambda: world.gateway.start(request)))
    assert len({one.session for one in started}) == 1
    assert world.pages() == 1


def test_another_attempt_has_another_page(world: World) -> None:
    assert opened(world, "order:1:1") != opened(world, "order:1:2")


@pytest.mark.parametrize("locale", ["kk", "ru", "en"])
def test_every_language_is_taken(world: World, locale: str) -> None:
    assert opened(world, locale=locale)


@pytest.mark.parametrize("count", [0, 1, 100, 200])
def test_any_number_of_lines_is_taken(world: World, count: int) -> None:
    lines = tuple(
        Item(name="Дала, 25 қараша, 19:30, 5-қатар, 7-орын" * 9, amount_minor=30_000) for _ in range(count)
    )
    session = paid(world, items=lines, amount_minor=30_000 * max(count, 1))
    assert world.gateway.status(session).captured_minor == 30_000 * max(count, 1)


def test_a_new_page_is_open_and_has_no_money(world: World) -> None:
    status = world.gateway.status(opened(world))
    assert (status.state, status.captured_minor) == (SessionState.OPEN, 0)


@pytest.mark.parametrize("amount", [30_000, 450_000, 99_999_900])
def test_a_paid_page_has_exactly_what_was_asked(world: World, amount: int) -> None:
    status = world.gateway.status(paid(world, amount_minor=amount))
    assert (status.state, status.captured_minor, status.currency) == (SessionState.CAPTURED, amount, "KZT")


def test_an_open_page_is_closed_for_good(world: World) -> None:
    session = opened(world)
    assert world.gateway.expire(session).state is SessionState.EXPIRED
    assert world.gateway.expire(session).state is SessionState.EXPIRED
    assert world.gateway.status(session).state is SessionState.EXPIRED
    with pytest.raises(Exception):  # noqa: B017, PT011 - each bank has its own word for a closed page
        world.pay(session)
    assert world.money(session) == (0, 0)


def test_a_paid_page_is_not_closed_but_said_to_be_paid(world: World) -> None:
    session = paid(world)
    status = world.gateway.expire(session)
    assert (status.state, status.captured_minor) == (SessionState.CAPTURED, AMOUNT)


def test_paying_and_closing_at_once_has_one_end(world: World) -> None:
    for number in range(8):
        session = opened(world, f"order:1:{number}")

        def pay(session: str = session) -> None:
            try:
                world.pay(session)
            except Exception:  # noqa: BLE001 - it was closed first
                return

        status, _ = together(lambda session=session: world.gateway.expire(session), pay)
        taken, _ = world.money(session)
        assert world.gateway.status(session).state == status.state
        assert (status.state is SessionState.CAPTURED) == (taken > 0)


@pytest.mark.parametrize("call", ["status", "expire"])
def test_a_page_that_is_not_there_is_refused(world: World, call: str) -> None:
    with pytest.raises(GatewayRefusedError):
        getattr(world.gateway, call)("nobody")


def test_a_declined_page_is_over(world: World, need: Need) -> None:
    need(Trait.DECLINES)
    session = opened(world)
    world.decline(session)
    assert world.gateway.status(session).state is SessionState.DECLINED
    assert world.gateway.expire(session).state is SessionState.DECLINED


@pytest.mark.parametrize("after", [True, False])
def test_a_start_without_answer_may_be_repeated(world: World, need: Need, *, after: bool) -> None:
    need(Trait.LOSES_ANSWERS)
    world.lose("start", after=after)
    request = asked(world)
    with pytest.raises(GatewayUnreachableError):
        world.gateway.start(request)
    session = world.gateway.start(request).session
    assert world.pages() == 1
    world.pay(session)
    assert world.gateway.status(session).state is SessionState.CAPTURED


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_slow_payment_cannot_be_closed(world: World, need: Need, *, is_paid: bool) -> None:
    need(Trait.PAYS_SLOWLY)
    session = opened(world)
    world.pay_slowly(session)
    assert world.gateway.status(session).state is SessionState.PROCESSING
    assert world.gateway.expire(session).state is SessionState.PROCESSING
    world.settle(session, paid=is_paid)
    wanted = SessionState.CAPTURED if is_paid else SessionState.DECLINED
    assert world.gateway.status(session).state is wanted


@pytest.mark.parametrize("taken", [True, False])
def test_reserved_money_is_taken_or_let_go_once(world: World, need: Need, *, taken: bool) -> None:
    need(Trait.RESERVES)
    gateway = world.gateway
    assert isinstance(gateway, Capturing)
    session = paid(world, capture=Capture.MANUAL)
    status = gateway.status(session)
    assert (status.state, status.captured_minor) == (SessionState.AUTHORISED, 0)
    assert status.authorised_minor == AMOUNT
    assert gateway.expire(session).state is SessionState.AUTHORISED
    for _ in range(2):
        status = gateway.capture(session, AMOUNT, "c") if taken else gateway.release(session, "r")
        assert status.state is (SessionState.CAPTURED if taken else SessionState.EXPIRED)
    assert world.money(session) == (AMOUNT if taken else 0, 0)


def test_captured_money_cannot_be_released_nor_the_other_way_round(world: World, need: Need) -> None:
    need(Trait.RESERVES)
    gateway = world.gateway
    assert isinstance(gateway, Capturing)
    taken, left = (paid(world, key, capture=Capture.MANUAL) for key in ("order:1:1", "order:1:2"))
    gateway.capture(taken, AMOUNT, "c")
    assert gateway.release(taken, "r").state is SessionState.CAPTURED
    gateway.release(left, "r2")
    assert gateway.capture(left, AMOUNT, "c2").state is SessionState.EXPIRED
