"""A process that sells and is killed, again and again: no server to start, so that a kill costs a moment.

Each life is a forked child: the whole app in one process, with buyers and the worker in threads of their own.
App and statements are made before the fork, so that a life sells at once. What a buyer has been shown goes
through a pipe at once, and so outlives the kill.
"""

import json
import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select, update

from tests.support.calls import InProcess, hold, order, pay, read_order, refund
from ticketing.app import create_app, make_gateways, make_runtime
from ticketing.demo_run import load_demo
from ticketing.foundation.actor import SYSTEM
from ticketing.foundation.config import load_settings
from ticketing.foundation.errors import BusyError
from ticketing.foundation.migrations import upgrade
from ticketing.foundation.models import OutboxEntry
from ticketing.foundation.outbox import drain
from ticketing.foundation.web import Runtime
from ticketing.inventory.edge import release_kept_places
from ticketing.reports.invariants import check_invariants
from ticketing.sales.edge import gateways
from ticketing.sales.gateway_calls import GatewayCalls
from ticketing.sales.handlers import handlers
from ticketing.sales.inbox import Inbox
from ticketing.sales.models import DemoSession, GatewayEvent, LedgerLine, Order, Payment, Refund
from ticketing.staff.accounts import Role, issue_token
from ticketing.tickets.models import Ticket

_SCREENINGS = ("s03", "s05", "s07", "s18")  # numbered, free of charge, unnumbered, large
_OUTCOMES = ("approve", "approve", "approve", "duplicate", "decline", "late", "abandon")
# Most is given back, or the halls would be full long before the thousandth kill.
_GIVEN_BACK = 0.9
_BUYERS = 3
# A kill comes at any moment after the first word of a life: within one purchase or a few later.
_MOST_SECONDS = 0.4
_LIFE_SECONDS = 600
_SETTLE_ROUNDS = 50
_WARM_PURCHASES = 12


@dataclass
class Told:
    """What buyers were shown in all lives: tickets, and those that they have asked to be refunded."""

    tickets: set[str]
    given_back: set[str]
    purchases: int = 0


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the bank and the books say after all lives; amounts in tiyn."""

    orders: int
    captured: int
    refunded: int
    owed: int


class ShortLives:
    """A database with the demo festival on which processes live and die."""

    def __init__(self, database_url: str, folder: Path) -> None:
        upgrade(database_url)
        self.settings = load_settings(
            {"TICKETING_DATABASE_URL": database_url, "TICKETING_DATA_DIR": str(folder)}
        )
        self.told = Told(set(), set())
        here = make_runtime(self.settings)
        load_demo(here)
        with here.database.transaction() as session:
            self._staff = issue_token(session, Role.BOXOFFICE, "test", SYSTEM, here.clock.now())
        self._here, self._calls = here, gateways(here, make_gateways(here))
        self._app = create_app(self.settings)
        self._sell_once_of_each()

    def live_and_die(self, seed: int) -> None:
        """Let a process sell until a moment that the seed chooses, and kill it with -9."""
        dice = random.Random(seed)
        read, write = os.pipe()
        self._close()
        child = os.fork()
        if child == 0:
            os.close(read)
            self._live(write, seed)
        os.close(write)
        with os.fdopen(read) as words:
            first = words.readline()
            time.sleep(dice.random() * _MOST_SECONDS)
            os.kill(child, signal.SIGKILL)
            _, end = os.waitpid(child, 0)
            assert os.WIFSIGNALED(end), "a process ended by itself; its reason is above"
            self._hear(first, words)

    def settle(self) -> None:
        """Let the time to pay be over, and do what the worker does until nothing is left."""
        here, calls = self._here, self._calls
        for _ in range(_SETTLE_ROUNDS):
            with here.database.transaction() as session:
                past = here.clock.now()
                session.execute(update(Order).where(Order.status == "pending").values(pay_until=past))
                # What a killed worker had in hand is its own for two minutes; nobody waits that long here.
                session.execute(update(OutboxEntry).where(OutboxEntry.done_at.is_(None)).values(due_at=past))
            _work(here, calls)
            if not any(self._left(here)):
                break
        left = list(self._left(here))
        assert not any(left), f"not settled: {left} orders, events, refunds"

    def require_every_tenge(self) -> None:
        """Fail unless the invariants hold, bank and ledger agree, and every ticket shown still stands."""
        here = self._here
        with here.database.reading() as session:
            broken = [one for one in check_invariants(session, here.clock.now()) if one.broken]
            bank = {
                row.id: (row.captured_minor, row.refunded_minor)
                for row in session.scalars(select(DemoSession))
            }
            paid = select(Payment.session, Payment.captured_minor).where(Payment.state == "captured")
            captured = {row[0]: row[1] for row in session.execute(paid)}
            in_books = select(func.coalesce(func.sum(LedgerLine.amount_minor), 0))
            ledger = session.scalar(in_books.where(LedgerLine.account == "gateway"))
            states = {str(row[0]): row[1] for row in session.execute(select(Ticket.id, Ticket.state))}
        assert not broken, "\n".join(f"{one.name}: {'; '.join(one.broken)}" for one in broken)
        assert {page: taken for page, (taken, _) in bank.items() if taken} == captured
        assert sum(taken - returned for taken, returned in bank.values()) == ledger
        lost = {one for one in self.told.tickets if states.get(one) != "valid"} - self.told.given_back
        assert not lost, f"{len(lost)} tickets that buyers were shown are gone"

    def account(self) -> Account:
        """Return what was sold, taken, given back and is owed."""
        with self._here.database.reading() as session:
            taken, returned = session.execute(
                select(
                    func.coalesce(func.sum(DemoSession.captured_minor), 0),
                    func.coalesce(func.sum(DemoSession.refunded_minor), 0),
                )
            ).one()
            owed = session.scalar(
                select(func.coalesce(func.sum(LedgerLine.amount_minor), 0)).where(
                    LedgerLine.account == "refunds_owed"
                )
            )
            orders = session.scalar(select(func.count()).select_from(Order)) or 0
        return Account(orders=orders, captured=int(taken), refunded=int(returned), owed=-int(owed or 0))

    def _live(self, words: int, seed: int) -> None:
        """Sell and work until killed. Never returns."""
        call = InProcess(self._app)

        def sell(number: int) -> None:
            dice = random.Random(f"{seed}:{number}")
            while True:
                _buy_once(call, self._staff, words, dice)

        def work() -> None:
            while True:
                with suppress(BusyError):  # on a machine that does too much else; the worker goes on, too
                    _work(self._here, self._calls)
                time.sleep(0.02)

        for number in range(_BUYERS):
            threading.Thread(target=_or_end, args=(lambda number=number: sell(number),), daemon=True).start()
        threading.Thread(target=_or_end, args=(work,), daemon=True).start()
        time.sleep(_LIFE_SECONDS)
        os._exit(1)  # nobody has come to kill it

    def _sell_once_of_each(self) -> None:
        """Let every statement of a life be made once: children inherit them."""
        read, write = os.pipe()
        for number in range(_WARM_PURCHASES):
            _buy_once(InProcess(self._app), self._staff, write, random.Random(number))
        _work(self._here, self._calls)
        os.close(write)
        with os.fdopen(read) as words:
            self._hear("", words)

    def _close(self) -> None:
        """Close all connections: a child must not share its parent's."""
        self._here.database.close()
        self._app.extensions["kassa"].database.close()

    def _hear(self, first: str, words: IO[str]) -> None:
        for line in (first, *words):
            # The last line may have been cut off by the kill: nobody has been shown it whole.
            if line.endswith("\n"):
                said = json.loads(line)
                self.told.tickets.update(said["shown"])
                self.told.given_back.update(said["given_back"])
                self.told.purchases += said["given_back"] == []

    def _left(self, here: Runtime) -> Iterator[int]:
        with here.database.reading() as session:
            for table, condition in (
                (Order, Order.status == "pending"),
                (GatewayEvent, GatewayEvent.processed_at.is_(None)),
                (Refund, Refund.status == "pending"),
            ):
                yield session.scalar(select(func.count()).select_from(table).where(condition)) or 0


def _work(here: Runtime, calls: GatewayCalls) -> None:
    now = here.clock.now()
    calls.end_overdue(now)
    Inbox(calls).process_left_events()
    release_kept_places(here.database, now)
    while drain(here.database, handlers(here, calls), now):
        continue


def _or_end(deed: Any) -> None:
    try:
        deed()
    except BaseException:  # noqa: BLE001 - whatever it is, it is printed and the life is over
        traceback.print_exc()
        os._exit(1)


def _buy_once(call: InProcess, staff: str, words: int, dice: random.Random) -> None:
    held = hold(call, dice.choice(_SCREENINGS), dice.choice((1, 2)))
    if held.status != 201:
        return
    made = order(call, [held.body])
    if made.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return
    assert made.status == 201, made
    if made.body["payment"]:
        pay(call, made.body, dice.choice(_OUTCOMES))
    tickets = [one["ticket"] for one in read_order(call, made.body)["tickets"]]
    _say(words, shown=tickets, given_back=[])
    if tickets and dice.random() < _GIVEN_BACK:
        _say(words, shown=[], given_back=tickets)
        refund(call, staff, made.body["order"])


def _say(words: int, **said: list[str]) -> None:
    os.write(words, json.dumps(said).encode() + b"\n")
