"""Registrations and pushes where several happen at once: no change is missed, and none is told for ever."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.support.kassa import Kassa
from tests.support.phones import RememberedPushes
from ticketing.foundation.db import Database
from ticketing.tickets.wallet.models import WalletPass, WalletRegistration
from ticketing.tickets.wallet.pushing import PassPusher, Push
from ticketing.tickets.wallet.registry import (
    Registration,
    changed_since,
    mark_changed,
    next_change,
    register,
    unregister,
)

FACTS = b"f" * 32


def wanted(ticket: UUID, device: str = "device", push_token: str = "ab" * 32) -> Registration:
    return Registration(device=device, push_token=push_token, serial=ticket, ticket_id=ticket, facts=FACTS)


@pytest.fixture
def tickets(kassa: Kassa) -> list[UUID]:
    return [UUID(one["ticket"]) for one in kassa.buy(quantity=4)["tickets"]]


def put(kassa: Kassa, one: Registration) -> bool:
    with kassa.database.transaction() as session:
        return register(session, one, kassa.clock.now())


def change(kassa: Kassa, ticket: UUID, facts: bytes) -> None:
    with kassa.database.transaction() as session:
        mark_changed(session, next_change(session), {ticket: facts}, kassa.clock.now())


def test_devices_that_register_at_once_all_have_the_pass(kassa: Kassa, tickets: list[UUID]) -> None:
    names = [f"device{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as together:
        assert list(together.map(lambda name: put(kassa, wanted(tickets[0], name)), names)) == [True] * 8
    with kassa.database.reading() as session:
        tags = session.scalars(select(WalletRegistration.tag)).all()
        assert len(session.scalars(select(WalletPass)).all()) == 1
    assert len(set(tags)) == 8


def test_the_same_device_at_once_is_one_registration(kassa: Kassa, tickets: list[UUID]) -> None:
    with ThreadPoolExecutor(8) as together:
        made = list(together.map(lambda _: put(kassa, wanted(tickets[0])), range(8)))
    assert sorted(made) == [False] * 7 + [True]


def test_registering_and_removing_at_once_leave_no_orphans(kassa: Kassa, tickets: list[UUID]) -> None:
    def turn(number: int) -> None:
        if number % 2:
            put(kassa, wanted(tickets[0], f"device{number % 4}"))
            return
        with kassa.database.transaction() as session:
            unregister(session, f"device{(number + 1) % 4}", tickets[0])

    with ThreadPoolExecutor(8) as together:
        list(together.map(turn, range(40)))
    with kassa.database.reading() as session:
        devices = session.scalars(select(WalletRegistration)).all()
        assert len(session.scalars(select(WalletPass)).all()) == bool(devices)


def test_no_change_is_missed_by_who_asks_between_two(kassa: Kassa, tickets: list[UUID]) -> None:
    for ticket in tickets:
        put(kassa, wanted(ticket))
    with kassa.database.reading() as session:
        _, since = changed_since(session, "device", 0)
    seen: set[UUID] = set()
    with ThreadPoolExecutor(4) as together:
        changes = [together.submit(change, kassa, ticket, b"g" * 32) for ticket in tickets]
        while len(seen) < len(tickets) and not all(one.done() for one in changes):
            with kassa.database.reading() as session:
                found, since = changed_since(session, "device", since)
            seen.update(found)
        for one in changes:
            one.result()
    with kassa.database.reading() as session:
        found, _ = changed_since(session, "device", since)
    assert seen | set(found) == set(tickets)


def test_what_says_the_same_gets_no_number(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    with kassa.database.transaction() as session:
        assert mark_changed(session, next_change(session), {tickets[0]: FACTS}, kassa.clock.now()) == 0
        assert mark_changed(session, next_change(session), {tickets[0]: b"g" * 32}, kassa.clock.now()) == 1


def behind(kassa: Kassa) -> list[tuple[int, int]]:
    with kassa.database.reading() as session:
        rows = session.execute(select(WalletRegistration.told, WalletRegistration.tag))
        return [(row.told, row.tag) for row in rows]


def test_a_change_during_a_push_is_pushed_too(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    kassa.clock.forward(minutes=1)

    class Slow(RememberedPushes):
        def push(self, tokens: Sequence[str]) -> Mapping[str, Push]:
            if not self.asked:
                # No transaction is open meanwhile, or this one would have to wait for ever.
                change(kassa, tickets[0], b"g" * 32)
            return super().push(tokens)

    service = Slow()
    pusher = PassPusher(kassa.database, service)
    assert pusher.send_due(kassa.clock.now()) == 1
    assert pusher.send_due(kassa.clock.now()) == 1
    assert pusher.send_due(kassa.clock.now()) == 0
    assert all(told == tag for told, tag in behind(kassa))


def test_one_push_is_enough_for_all_passes_of_a_device(kassa: Kassa, tickets: list[UUID]) -> None:
    for ticket in tickets:
        put(kassa, wanted(ticket))
    kassa.clock.forward(minutes=1)
    assert PassPusher(kassa.database, RememberedPushes()).send_due(kassa.clock.now()) == 1
    assert all(told == tag for told, tag in behind(kassa))


def test_two_workers_push_once(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    kassa.clock.forward(minutes=1)
    service = RememberedPushes()
    other = Database(str(kassa.settings.database_url))
    with ThreadPoolExecutor(2) as together:
        done = together.map(
            lambda base: PassPusher(base, service).send_due(kassa.clock.now()), (kassa.database, other)
        )
        assert sum(done) == 1
    other.close()
    assert len(service.asked) == 1


def test_a_worker_that_died_while_pushing_is_followed_by_another(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    kassa.clock.forward(minutes=1)

    class Dying(RememberedPushes):
        def push(self, tokens: Sequence[str]) -> Mapping[str, Push]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PassPusher(kassa.database, Dying()).send_due(kassa.clock.now())
    service = RememberedPushes()
    assert PassPusher(kassa.database, service).send_due(kassa.clock.now()) == 0
    assert PassPusher(kassa.database, service).send_due(kassa.clock.now() + timedelta(minutes=6)) == 1


def test_a_device_that_never_answers_is_not_pushed_for_ever(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    service = RememberedPushes(answers={"ab" * 32: Push.FAILED})
    tried = 0
    assert "kassa_wallet_pushes_waiting 1.0" in kassa.get("/metrics").get_data(as_text=True)
    for _ in range(100):
        kassa.clock.forward(hours=2)
        tried += PassPusher(kassa.database, service).send_due(kassa.clock.now())
    assert 10 < tried < 50
    change(kassa, tickets[0], b"g" * 32)
    assert PassPusher(kassa.database, service).send_due(kassa.clock.now()) == 1


def test_the_database_refuses_to_have_told_more_than_there_is(kassa: Kassa, tickets: list[UUID]) -> None:
    put(kassa, wanted(tickets[0]))
    with pytest.raises(Exception, match="told_what_is"), kassa.database.transaction() as session:
        session.execute(update(WalletRegistration).values(told=WalletRegistration.tag + 1))
